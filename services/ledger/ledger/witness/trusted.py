"""Which keys a witness trusts: those that its operator set up, and those that these announce."""

import logging
import time
from pathlib import Path

from ledger.notes import Malformed
from ledger.policy import Party, Policy
from ledger.verifier_keys import VerifierKey
from ledger.witness import queries
from ledger.witness.store import Store

log = logging.getLogger("comptoir.witness")


class Trusted:
    """The `log` lines of a file, read again when it changes, and what followed logs announced."""

    def __init__(self, file: Path, store: Store) -> None:
        """A file that is wrong stops the start: a witness without it would trust nobody."""
        self._file = file
        self._store = store
        self._read_at: tuple[int, int] | None = None
        self.logs: list[Party] = []
        self._read()

    def look(self) -> None:
        """Read the file if it changed. One that is wrong now is said, and the last one stays."""
        try:
            self._read()
        except Malformed as error:
            log.error("the file of logs is not taken: %s", error)

    def _read(self) -> None:
        try:
            status = self._file.stat()
        except FileNotFoundError:
            return
        if self._read_at != (now := (status.st_mtime_ns, status.st_size)):
            self._read_at = now
            self.logs = Policy.lines(self._file.read_bytes()).logs

    async def keys(self, origin: str) -> list[VerifierKey]:
        """The keys that are trusted for an origin. One that the operator named stays until he takes
        it out of the file, whatever a platform's log says of it."""
        own = [party.key for party in self.logs if party.key.name == origin]
        announced = await self._store.ask(queries.announced, origin, int(time.time()))
        return own + [key for vkey in announced if (key := VerifierKey.parse(vkey)) not in own]

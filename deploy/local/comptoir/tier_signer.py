"""The signer beside each replica of the roll: it holds the tier keys, behind a socket.

It has neither port nor database: where it is and whether it answers is known by its socket.
"""

import asyncio
import hashlib
import json
import os
import tempfile
from pathlib import Path

from comptoir.errors import LauncherError
from comptoir.processes import python
from comptoir.state import State

NAME, ROLL = "voting.signer", "voting.roll"
# What a socket's address has room for (sun_path of Linux), and the end of the longest one.
LONGEST_ADDRESS = 107
WITHIN = 2.0
_HEALTH = b'{"do":"health"}\n'


class TierSigner:
    """The signers of a platform. All have the keys of one directory."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.keys = state.directory / "keys" / NAME

    def prepare(self) -> None:
        """Have the directories. Keys that an earlier version of the roll kept are moved here."""
        self.keys.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file in (self._state.directory / "keys" / ROLL).glob("tier-*.key"):
            if (place := self.keys / file.name).exists():
                raise LauncherError(f"{file} and {place} are both there: keep the right one")
            file.rename(place)
        self._sockets().mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._sockets().stat().st_uid != os.getuid():
            raise LauncherError(f"{self._sockets()} belongs to somebody else")

    def socket(self, number: int) -> Path:
        """Where the signer of this number answers."""
        return self._sockets() / f"{NAME}.{number}"

    def argv(self) -> list[str]:
        """How it is started."""
        return python(NAME)

    def environment(self, number: int) -> dict[str, str]:
        """What it is told."""
        return {"COMPTOIR_SOCKET": str(self.socket(number)), "COMPTOIR_KEYS": str(self.keys)}

    async def answers(self, number: int) -> bool:
        """Whether the signer of this number says that it is ready."""
        try:
            async with asyncio.timeout(WITHIN):
                reader, writer = await asyncio.open_unix_connection(self.socket(number))
                writer.write(_HEALTH)
                answer = json.loads(await reader.readline())
                writer.close()
        except (OSError, TimeoutError, ValueError):
            return False
        return bool(answer == {"status": "ready"})

    def _sockets(self) -> Path:
        """In the state directory, or beside it where its name is too long for a socket's."""
        inside = self._state.directory / "sockets"
        if len(os.fsencode(inside / f"{NAME}.999")) <= LONGEST_ADDRESS:
            return inside
        named = hashlib.sha256(os.fsencode(self._state.directory)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"comptoir-{named}"

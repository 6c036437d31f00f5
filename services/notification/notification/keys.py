"""The private keys that open what is sealed to notification, and the end of one.

Every copy of a message is sealed to a key: in a publisher's outbox and its backups, on Kafka's
disks, in this database and its write-ahead log. Nobody can find all of them; where the key is gone,
none of them can be read any more. So a key is changed from time to time: the operator renames
`contacts` to `contacts.previous`, and gives publishers the public half of the new one. The previous
key is destroyed when all that is sealed to it must have come: the change, and the start of this
process, are three days ago, for a day all that `private.contacts` had was read by the next time
that it was looked at, and nothing waits that only it opens. The record says so.

To destroy is to overwrite the file and remove it, in this directory: copies that somebody made of
it, and what a disk keeps of overwritten blocks, are the operator's to see to.
"""

import os
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from notification import queries
from shared.contacts import CONTACTS_KEY_FILE, Message, Unopened, open_sealed
from shared.database import Database, raw
from shared.events.notification import KeyDestroyed
from shared.failing import failure_point
from shared.outbox import announce

SOURCE = "notification"
PREVIOUS = f"{CONTACTS_KEY_FILE}.previous"
# What its publisher keeps comes again every twelve hours; by then all of it has come.
KEPT_FOR = 3 * 24 * 3600.0
READ_FOR = 24 * 3600.0


class Keys:
    """The key of a directory, and the one before it for as long as it is there."""

    def __init__(self, directory: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` is one that nobody sets."""
        self._clock = clock
        self._current_file = directory / CONTACTS_KEY_FILE
        self._previous_file = directory / PREVIOUS
        self._current = _key(self._current_file)
        self._previous: X25519PrivateKey | None = None
        self._began = clock()
        self._read_since: float | None = None
        self.look()

    def look(self) -> None:
        """Forget the previous key where it was destroyed, maybe by another replica."""
        self._previous = None
        with suppress(FileNotFoundError):
            self._previous = _key(self._previous_file)

    def opened(self, message_id: UUID, sealed: bytes) -> Message:
        """What was sealed to either key. Raises `Unopened`."""
        try:
            return open_sealed(self._current, message_id, sealed)
        except Unopened:
            if self._previous is None:
                raise
            return open_sealed(self._previous, message_id, sealed)

    async def destroy_previous(
        self,
        database: Database,
        *,
        read: bool,
        kept_for: float = KEPT_FOR,
        read_for: float = READ_FOR,
    ) -> None:
        """Destroy the previous key when its time is over, and say so. `read`: whether all that was
        ever sealed, as far as Kafka had it when this was asked before, was read by now.

        It is said first: killed in between, the file is still there, and the next turn removes it
        without saying it twice.
        """
        self.look()
        now = self._clock()
        if not read:
            self._read_since = None
        elif self._read_since is None:
            self._read_since = now
        if self._previous is None or self._read_since is None or now - self._read_since < read_for:
            return
        if min(now - self._began, self._changed_since()) < kept_for:
            return
        async with database.begin() as session:
            connection = await raw(session)
            for message_id, sealed in await queries.unsent(connection):
                if self._needs_previous(message_id, sealed):
                    return
            public = b64encode(self._previous.public_key().public_bytes_raw()).decode()
            if not await queries.was_announced(connection, KeyDestroyed.type, public):
                announce(session, KeyDestroyed(public_key=public), source=SOURCE)
        failure_point("notification.key-said-destroyed")
        _destroy(self._previous_file)
        self._previous = None

    def previous_kept(self) -> float:
        """For how many seconds the previous key was kept since it was changed; 0 without one."""
        return self._changed_since() if self._previous_file.exists() else 0.0

    def _changed_since(self) -> float:
        return time.time() - self._current_file.stat().st_mtime

    def _needs_previous(self, message_id: UUID, sealed: bytes) -> bool:
        assert self._previous is not None
        try:
            open_sealed(self._previous, message_id, sealed)
        except Unopened:
            return False
        return True


def _key(file: Path) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(file.read_bytes())


def _destroy(file: Path) -> None:
    """Overwrite a file, have that on the disk, and remove it. Another replica may be faster."""
    with suppress(FileNotFoundError):
        descriptor = os.open(file, os.O_WRONLY)
        try:
            os.write(descriptor, bytes(os.fstat(descriptor).st_size))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        file.unlink()
    directory = os.open(file.parent, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)

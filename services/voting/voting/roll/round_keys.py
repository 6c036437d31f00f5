"""K_roll: one secret a round, in a file that all replicas share and that is destroyed some day.

Everything that is kept of a person is a hash under it; when it is gone, nobody can tell any more
whether somebody was on the roll. It is read each time, so that no replica goes on knowing it.
"""

import asyncio
import hmac
import os
import secrets
from pathlib import Path
from uuid import UUID

from shared.keys import write_once


def hashed_under(key: bytes, kind: str, secret: bytes) -> bytes:
    """HMAC-SHA256(K_roll, kind ‖ 0 ‖ secret)."""
    return hmac.digest(key, kind.encode() + b"\x00" + secret, "sha256")


class RoundKeys:
    """The keys of rounds below one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def hashed(self, round_id: UUID, kind: str, secret: bytes) -> bytes:
        """HMAC-SHA256(K_roll, kind ‖ 0 ‖ secret); the key is made where there is none yet."""
        return hashed_under(self.key(round_id), kind, secret)

    def has(self, round_id: UUID) -> bool:
        """Whether there is a key of a round: made already, and not destroyed yet."""
        return self._file(round_id).exists()

    def key(self, round_id: UUID) -> bytes:
        """K_roll of a round, made first where there is none."""
        file = self._file(round_id)
        if not file.exists():
            write_once(file, secrets.token_bytes(32))
        return file.read_bytes()

    async def destroy(self, round_id: UUID) -> None:
        """Remove the key of a round for good: no file of its is left when this returns."""
        await asyncio.to_thread(self._destroy, self._file(round_id))

    def _destroy(self, file: Path) -> None:
        # What a kill in the middle of `write_once` left is the key, too.
        for each in (file, *self._directory.glob(f".{file.name}.*")):
            each.unlink(missing_ok=True)
        directory = os.open(self._directory, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)

    def _file(self, round_id: UUID) -> Path:
        return self._directory / f"roll-{round_id}.key"

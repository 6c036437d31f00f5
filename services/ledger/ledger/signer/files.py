"""What the signer keeps outside PostgreSQL: one private key a log, and the last note it signed.

A database restored from a backup knows less than these notes; that is how it is found.
"""

import os
from base64 import b64decode
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.notes import Checkpoint
from shared.keys import write_once


class SignerFiles:
    """A directory of `<public key>.key` and `<log>.note`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def make_key(self) -> bytes:
        """Make a key and have it on the disk; its public half."""
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes_raw()
        write_once(self._key_file(public), key.private_bytes_raw())
        return public

    def key(self, public_key: bytes) -> Ed25519PrivateKey | None:
        """The private half of a key, where this directory has it."""
        try:
            return Ed25519PrivateKey.from_private_bytes(self._key_file(public_key).read_bytes())
        except FileNotFoundError:
            return None

    def noted(self) -> dict[str, Checkpoint]:
        """The last checkpoint signed of each log."""
        return {
            file.stem: _checkpoint(file.read_text(encoding="utf-8"))
            for file in sorted(self._directory.glob("[!.]*.note"))
        }

    def keep(self, log: str, note: str) -> None:
        """Replace a log's note by a later one. It is on the disk when this returns.

        A signer that was frozen here and woke after another went on leaves the later one there.
        """
        known = self.noted().get(log)
        if known is not None and known.size > _checkpoint(note).size:
            return
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._directory / f".{log}.{os.getpid()}.fresh"
        with fresh.open("w", encoding="utf-8") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._directory / f"{log}.note")
        descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _key_file(self, public_key: bytes) -> Path:
        return self._directory / f"{public_key.hex()}.key"


def _checkpoint(note: str) -> Checkpoint:
    origin, size, root = note.splitlines()[:3]
    return Checkpoint(origin, int(size), b64decode(root, validate=True))

"""Witnesses of a log as C2SP tlog-cosignature has them, and policies that name them."""

from base64 import b64encode
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.ledger_audit.logs import VKEY


class Witness:
    """A witness with a key of its own; the same in every run."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._key = Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())
        public = b"\x04" + self._key.public_key().public_bytes_raw()
        self._id = sha256(name.encode() + b"\n" + public).digest()[:4]
        self.vkey = f"{name}+{self._id.hex()}+{b64encode(public).decode()}"

    def cosigned(self, note: bytes, time: int) -> bytes:
        """The note with one more line."""
        text = note[: note.rindex(b"\n\n") + 1]
        signature = self._key.sign(b"cosignature/v1\ntime %d\n" % time + text)
        line = b64encode(self._id + time.to_bytes(8) + signature).decode()
        return note + f"— {self.name} {line}\n".encode()


ONE, TWO, THREE = (Witness(f"witness.example.org/w{n}") for n in (1, 2, 3))
POLICY = f"""# Two of three witnesses.
log {VKEY} https://ledger.example.org/platform
witness one {ONE.vkey}
witness two {TWO.vkey}
  witness\tthree {THREE.vkey} https://witness.example.org/w3

group most 2 one two three
quorum most
"""

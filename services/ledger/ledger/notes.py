"""Signed notes and checkpoints as we write them (C2SP signed-note v1.0.0, tlog-checkpoint
v1.0.0)."""

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519 = b"\x01"


def key_id(name: str, public_key: bytes) -> bytes:
    """The first four bytes of the hash of a key's name, type and public half."""
    return sha256(name.encode() + b"\n" + ED25519 + public_key).digest()[:4]


def verifier_key(name: str, public_key: bytes) -> str:
    """The vkey: what an auditor needs to check this key's signatures."""
    encoded = b64encode(ED25519 + public_key).decode()
    return f"{name}+{key_id(name, public_key).hex()}+{encoded}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """That the log `origin` had `size` entries with this root hash."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed; it has no extension lines."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def signed(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The checkpoint as a signed note; the key's name is the log's origin.

    Ed25519 is deterministic: signed twice, it is the same note.
    """
    text = checkpoint.text
    identity = key_id(checkpoint.origin, key.public_key().public_bytes_raw())
    signature = b64encode(identity + key.sign(text.encode())).decode()
    return f"{text}\n— {checkpoint.origin} {signature}\n"


def receipt(index: int, proof: list[bytes], checkpoint: str) -> str:
    """A `.tlog-proof`: that the entry `index` is in the tree of this signed checkpoint."""
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}"]
    lines += [b64encode(sibling).decode() for sibling in proof]
    return "\n".join(lines) + "\n\n" + checkpoint

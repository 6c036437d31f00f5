"""Signed notes and checkpoints, written and read (C2SP signed-note v1.0.0, tlog-checkpoint
v1.0.0)."""

import binascii
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519 = 0x01
# A note has at least one signature, and room for those of many witnesses.
MOST_SIGNATURES = 100
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_LARGEST = 2**63 - 1
_DASH = "— "


class Malformed(ValueError):
    """It is not in its one form; the message says what of it."""


def decoded(text: str) -> bytes:
    """The bytes of standard, padded base64 in its one form. Raises `Malformed`."""
    try:
        found = b64decode(text, validate=True)
    except (binascii.Error, ValueError):  # the latter where it is not ASCII
        raise Malformed("this is not base64") from None
    if b64encode(found).decode() != text:
        raise Malformed("this base64 is not in its one form")
    return found


def read_size(text: str) -> int:
    """A tree size in decimal, without leading zeros. Raises `Malformed`."""
    if not _SIZE.fullmatch(text) or (size := int(text)) > _LARGEST:
        raise Malformed("a size is decimal, without leading zeros, below 2^63")
    return size


def key_id(name: str, public_key: bytes, kind: int = ED25519) -> bytes:
    """The first four bytes of the hash of a key's name, type and public half."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public_key).digest()[:4]


def verifier_key(name: str, public_key: bytes, kind: int = ED25519) -> str:
    """The vkey: what an auditor needs to check this key's signatures."""
    encoded = b64encode(bytes([kind]) + public_key).decode()
    return f"{name}+{key_id(name, public_key, kind).hex()}+{encoded}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """That the log `origin` had `size` entries with this root hash."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: bytes) -> "Checkpoint":
        """Read a note's text; extension lines are passed over. Raises `Malformed`."""
        origin, *lines = _decoded_text(text).removesuffix("\n").split("\n")
        if len(lines) < 2 or not origin or not all(lines):
            raise Malformed("a checkpoint is an origin, a size and a root")
        root = decoded(lines[1])
        if len(root) != 32:
            raise Malformed("a root hash has 32 bytes")
        return cls(origin, read_size(lines[0]), root)

    @property
    def text(self) -> str:
        """The text that is signed; it has no extension lines."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """A line below a note: whose it says that it is, and what the key is to verify."""

    name: str
    id: bytes
    content: bytes

    @classmethod
    def parse(cls, line: str) -> "Signature":
        """Read a line without its end. Raises `Malformed`."""
        name, space, encoded = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not space or not name or "+" in name:
            raise Malformed("a signature line is a dash, a name and base64")
        if any(character.isspace() for character in name):
            raise Malformed("the name of a key has no spaces")
        found = decoded(encoded)
        if len(found) < 5:
            raise Malformed("a signature is longer than its key's id")
        return cls(name, found[:4], found[4:])

    @property
    def line(self) -> str:
        """The line, with its end."""
        return f"{_DASH}{self.name} {b64encode(self.id + self.content).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures below it, which nobody has verified yet."""

    text: bytes
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, note: bytes) -> "Note":
        """Split at the last empty line. Raises `Malformed`."""
        text, empty, signatures = note.rpartition(b"\n\n")
        if not empty or not signatures.endswith(b"\n"):
            raise Malformed("a note is a text, an empty line and signatures")
        lines = _decoded_text(signatures)[:-1].split("\n")
        if len(lines) > MOST_SIGNATURES:
            raise Malformed(f"a note has at most {MOST_SIGNATURES} signatures here")
        _decoded_text(text)
        return cls(text + b"\n", tuple(Signature.parse(line) for line in lines))


def _decoded_text(text: bytes) -> str:
    try:
        found = text.decode()
    except UnicodeDecodeError:
        raise Malformed("a note is UTF-8") from None
    if any(character < " " and character != "\n" for character in found):
        raise Malformed("a note has no control characters")
    return found


def signed(checkpoint: Checkpoint, *keys: Ed25519PrivateKey) -> str:
    """The checkpoint as a signed note; the name of each key is the log's origin.

    Ed25519 is deterministic: signed twice, it is the same note.
    """
    text = checkpoint.text
    lines = []
    for key in keys:
        identity = key_id(checkpoint.origin, key.public_key().public_bytes_raw())
        lines.append(Signature(checkpoint.origin, identity, key.sign(text.encode())).line)
    return f"{text}\n{''.join(lines)}"


def receipt(index: int, proof: list[bytes], checkpoint: str) -> str:
    """A `.tlog-proof`: that the entry `index` is in the tree of this signed checkpoint."""
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}"]
    lines += [b64encode(sibling).decode() for sibling in proof]
    return "\n".join(lines) + "\n\n" + checkpoint

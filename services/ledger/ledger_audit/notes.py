"""Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint v1.0.0): read or refuse."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519 = 1
LONGEST_NOTE = 1_000_000
MOST_SIGNATURES = 100


class Malformed(ValueError):
    """A note or key is not in its one form, or not signed as it must be; the message says why."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a note says: the log `origin` has `size` entries, and this root hash."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A vkey: `<name>+<8 hex of the key's id>+<base64 of type and public key>`."""

    name: str
    id: bytes
    public_key: bytes

    @classmethod
    def parse(cls, vkey: str) -> "VerifierKey":
        """Read a vkey. Raises `Malformed`."""
        found = re.fullmatch(r"([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})", vkey.strip())
        if found is None:
            raise Malformed("this is not a verifier key")
        name, identity, encoded = found[1], bytes.fromhex(found[2]), _base64(found[3])
        if len(encoded) != 33 or encoded[0] != ED25519:
            raise Malformed("this verifier key is not of the type Ed25519")
        if sha256(name.encode() + b"\n" + encoded).digest()[:4] != identity:
            raise Malformed("this verifier key's id is not that of its name and key")
        return cls(name, identity, encoded[1:])


def opened(note: bytes, key: VerifierKey) -> Checkpoint:
    """The checkpoint of a note that this key signed. Raises `Malformed`.

    1. The text ends at the last empty line; signatures follow, one a line.
    2. Signatures of others are passed over, and ours must be there and good.
    3. The text is a checkpoint of the log that has the key's name.
    """
    # 1.
    text, signatures = split(note)
    # 2.
    ours = [s for name, s in signatures if name == key.name and s[:4] == key.id]
    if not ours:
        raise Malformed(f"no signature of {key.name} with this key")
    for signature in ours:
        try:
            Ed25519PublicKey.from_public_bytes(key.public_key).verify(signature[4:], text)
        except InvalidSignature:
            raise Malformed(f"the signature of {key.name} is wrong") from None
    # 3.
    checkpoint = parsed(text)
    if checkpoint.origin != key.name:
        raise Malformed(f"a checkpoint of {checkpoint.origin}, signed by {key.name}")
    return checkpoint


def split(note: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """The text of a note, its last newline included, and its signatures."""
    if len(note) > LONGEST_NOTE:
        raise Malformed("a note of more than a megabyte")
    try:
        note.decode()
    except UnicodeDecodeError:
        raise Malformed("a note is UTF-8") from None
    text, separator, tail = note.rpartition(b"\n\n")
    if not separator or not tail.endswith(b"\n"):
        raise Malformed("a note has a text, an empty line and signatures")
    lines = tail.decode().removesuffix("\n").split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise Malformed(f"a note of more than {MOST_SIGNATURES} signatures")
    return text + b"\n", [_signature(line) for line in lines]


def parsed(text: bytes) -> Checkpoint:
    """The checkpoint of a note's text: origin, size, root, and no more that we rely on."""
    lines = text.decode().split("\n")
    if len(lines) < 4 or not lines[0]:
        raise Malformed("a checkpoint has three lines")
    if re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1], re.ASCII) is None:
        raise Malformed("a checkpoint's size is a decimal number without leading zeros")
    root = _base64(lines[2])
    if len(root) != 32:
        raise Malformed("a checkpoint's root has 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root)


def _signature(line: str) -> tuple[str, bytes]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—" or not parts[1]:
        raise Malformed("a signature is a line of dash, name and base64")
    signature = _base64(parts[2])
    if len(signature) < 5:
        raise Malformed("a signature has a key's id before it")
    return parts[1], signature


def _base64(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError):
        raise Malformed("not base64") from None

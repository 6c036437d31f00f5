"""Signed notes and checkpoints (C2SP signed-note v1.0.0, tlog-checkpoint v1.0.0): parse or refuse.

What a note's signatures are worth, `policy` says.
"""

import re
from dataclasses import dataclass

from ledger_audit.keys import Checkpoint, Malformed, VerifierKey, WrongSignature, base64

__all__ = ["Checkpoint", "Malformed", "Note", "VerifierKey", "opened", "parsed", "split"]

LONGEST_NOTE = 1_000_000
MOST_SIGNATURES = 100
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class Note:
    """A note's parts, none of them believed. Signatures have the key's id before them."""

    text: bytes
    signatures: tuple[tuple[str, bytes], ...]
    checkpoint: Checkpoint

    @classmethod
    def parse(cls, note: bytes) -> "Note":
        """Read the note of a checkpoint. Raises `Malformed`."""
        text, signatures = split(note)
        return cls(text, tuple(signatures), parsed(text))


def opened(note: bytes, key: VerifierKey) -> Checkpoint:
    """The checkpoint of a note that this key signed, which has the log's name. Raises `Malformed`.

    Signatures of others are passed over, and ours must be there and good.
    """
    parts = Note.parse(note)
    ours = [each[4:] for name, each in parts.signatures if (name, each[:4]) == (key.name, key.id)]
    if not ours:
        raise Malformed(f"no signature of {key.name} with this key")
    for signature in ours:
        try:
            key.verify(signature, parts.text, parts.checkpoint)
        except WrongSignature:
            raise Malformed(f"the signature of {key.name} is wrong") from None
    if parts.checkpoint.origin != key.name:
        raise Malformed(f"a checkpoint of {parts.checkpoint.origin}, signed by {key.name}")
    return parts.checkpoint


def split(note: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """The text of a note, its last newline included, and its signatures. Raises `Malformed`.

    The text ends at the last empty line; signatures follow, one a line.
    """
    if len(note) > LONGEST_NOTE:
        raise Malformed("a note of more than a megabyte")
    try:
        note.decode()
    except UnicodeDecodeError:
        raise Malformed("a note is UTF-8") from None
    if _CONTROL.search(note):
        raise Malformed("a note has no control characters")
    text, separator, tail = note.rpartition(b"\n\n")
    if not separator or not tail.endswith(b"\n"):
        raise Malformed("a note has a text, an empty line and signatures")
    lines = tail.decode().removesuffix("\n").split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise Malformed(f"a note of more than {MOST_SIGNATURES} signatures")
    return text + b"\n", [_signature(line) for line in lines]


def parsed(text: bytes) -> Checkpoint:
    """The checkpoint of a note's text: origin, size, root; extension lines are passed over."""
    lines = text.decode().removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines):
        raise Malformed("a checkpoint has three lines, and none is empty")
    if _SIZE.fullmatch(lines[1]) is None or int(lines[1]) >= 2**63:
        raise Malformed("a checkpoint's size is a decimal number without leading zeros")
    root = base64(lines[2])
    if len(root) != 32:
        raise Malformed("a checkpoint's root has 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root)


def _signature(line: str) -> tuple[str, bytes]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—":
        raise Malformed("a signature is a line of dash, name and base64")
    if not parts[1] or "+" in parts[1] or any(each.isspace() for each in parts[1]):
        raise Malformed("a key's name has neither spaces nor plus signs")
    signature = base64(parts[2])
    if len(signature) < 5:
        raise Malformed("a signature has a key's id before it")
    return parts[1], signature

"""The body of `add-checkpoint` (C2SP tlog-witness v1.0.0): read, and written."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.notes import Checkpoint, Malformed, Note, decoded, read_size

MOST_HASHES = 63
LONGEST = 16 * 1024
_HASH = 32


@dataclass(frozen=True, slots=True)
class Addition:
    """A checkpoint that somebody wants cosigned, and the proof that it continues size `old`."""

    old: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint

    @classmethod
    def parse(cls, body: bytes) -> "Addition":
        """Read a request. Raises `Malformed`."""
        if len(body) >= LONGEST:
            raise Malformed(f"a request has less than {LONGEST} bytes")
        head, empty, note = body.partition(b"\n\n")
        first, *hashes = _ascii(head).split("\n")
        if not empty or not first.startswith("old "):
            raise Malformed("a request is an old size, a proof, an empty line and a checkpoint")
        if len(hashes) > MOST_HASHES:
            raise Malformed(f"a proof has at most {MOST_HASHES} lines")
        proof = tuple(decoded(line) for line in hashes)
        if any(len(each) != _HASH for each in proof):
            raise Malformed(f"each line of a proof is {_HASH} bytes")
        read = Note.parse(note)
        return cls(read_size(first[4:]), proof, read, Checkpoint.parse(read.text))


def written(old: int, proof: Sequence[bytes], note: str) -> bytes:
    """The body that asks for a cosignature of a signed checkpoint."""
    lines = [f"old {old}", *(b64encode(each).decode() for each in proof), "", note]
    return "\n".join(lines).encode()


def _ascii(text: bytes) -> str:
    try:
        return text.decode("ascii")
    except UnicodeDecodeError:
        raise Malformed("the old size and the proof are ASCII") from None

"""Receipts (C2SP tlog-proof v1): that an entry is in a log, to be checked by anybody, offline."""

import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256

from ledger_audit import leaves
from ledger_audit.errors import Tampered
from ledger_audit.export import Export
from ledger_audit.keys import Malformed, base64
from ledger_audit.notes import LONGEST_NOTE
from ledger_audit.policy import Policy, Trusted
from ledger_audit.proofs import includes, inclusion
from ledger_audit.sifting import BALLOT
from ledger_audit.tree import HASH, WIDTH, tree_hash

MAGIC = "c2sp.org/tlog-proof@v1"
LONGEST_PROOF = 63
_LONGEST_EXTRA = 100_000
LONGEST = LONGEST_NOTE + _LONGEST_EXTRA + LONGEST_PROOF * 45 + 100
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Receipt:
    """An entry's index, its inclusion proof from leaf to root, and a checkpoint as it is."""

    index: int
    proof: tuple[bytes, ...]
    note: bytes
    extra: bytes | None = None

    @classmethod
    def parse(cls, content: bytes) -> "Receipt":
        """Read a `.tlog-proof`. Raises `Malformed`."""
        if len(content) > LONGEST:
            raise Malformed(f"a receipt of more than {LONGEST} bytes")
        head, separator, note = content.partition(b"\n\n")
        if not separator:
            raise Malformed("a receipt has a proof, an empty line and a checkpoint")
        try:
            magic, *lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError:
            raise Malformed("the proof of a receipt is ASCII") from None
        if magic != MAGIC:
            raise Malformed(f"a receipt begins with {MAGIC}")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra, lines = base64(lines[0].removeprefix("extra ")), lines[1:]
        found = _INDEX.fullmatch(lines[0]) if lines else None
        if found is None or int(found[1]) >= 2**63:
            raise Malformed("a receipt has the index of its entry, a decimal number")
        if len(lines) - 1 > LONGEST_PROOF:
            raise Malformed(f"a proof of more than {LONGEST_PROOF} hashes")
        proof = tuple(base64(line) for line in lines[1:])
        if any(len(each) != HASH for each in proof):
            raise Malformed(f"a hash of a proof has {HASH} bytes")
        return cls(int(found[1]), proof, note, extra)

    def content(self) -> bytes:
        """The receipt as a file."""
        extra = [] if self.extra is None else [f"extra {b64encode(self.extra).decode()}"]
        proof = [b64encode(each).decode() for each in self.proof]
        lines = [MAGIC, *extra, f"index {self.index}", *proof]
        return "\n".join(lines).encode() + b"\n\n" + self.note

    def check(self, leaf: bytes, policy: Policy, *, now: int, max_age: int | None) -> Trusted:
        """The checkpoint, if the policy takes it and the leaf hash stands in it at the index.

        Raises `Tampered` and `Untrusted`.
        """
        trusted = policy.check_old(self.note, now=now, max_age=max_age)
        checkpoint = trusted.checkpoint
        if not includes(self.index, checkpoint.size, leaf, self.proof, checkpoint.root):
            what = "this proof does not lead from this entry to the checkpoint"
            raise Tampered(11, what, self.index)
        return trusted


def made(export: Export, index: int) -> Receipt:
    """The receipt of an entry, from the hash tiles; `Receipt.check` tells whether it is good."""
    size, tiles = export.claimed.size, dict[tuple[int, int], bytes]()

    def perfect(first: int, height: int) -> bytes:
        level = height // 8
        place = first >> 8 * level
        number = place // WIDTH
        if (level, number) not in tiles:
            width = min(WIDTH, (size >> 8 * level) - number * WIDTH)
            tiles[level, number] = export.tile(level, number, width)
        start = place % WIDTH
        return tree_hash(_hashes(tiles[level, number])[start : start + (1 << height % 8)])

    return Receipt(index, tuple(inclusion(index, size, perfect)), export.note)


def index_of_leaf(export: Export, digest: bytes) -> int | None:
    """Where a leaf hash stands, by the hash tiles."""
    size = export.claimed.size
    for number in range(-(-size // WIDTH)):
        tile = export.tile(0, number, min(WIDTH, size - number * WIDTH))
        for place, each in enumerate(_hashes(tile)):
            if each == digest:
                return number * WIDTH + place
    return None


def index_of_body(export: Export, digest: bytes) -> int | None:
    """Where the ballot stands whose canonical bytes have this SHA-256: its digest.

    What else somebody published with the bytes of a ballot is no ballot.
    """
    for index, entry in enumerate(export.entries()):
        if entry.endswith(BALLOT) and _body(entry) == digest and _is_ballot(entry):
            return index
    return None


def _body(entry: bytes) -> bytes:
    # Canonical JSON has the body first, and the id right after it.
    end = entry.rfind(b',"id":"')
    return sha256(entry[len(b'{"body":') : end]).digest()


def _is_ballot(entry: bytes) -> bool:
    try:
        leaf = leaves.read(entry)
    except (ValueError, RecursionError):
        return False
    return (leaf.src, leaf.type) == ("voting.box", leaves.BALLOT)


def _hashes(tile: bytes) -> list[bytes]:
    return [tile[at : at + HASH] for at in range(0, len(tile), HASH)]

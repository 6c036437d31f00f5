"""The Merkle tree of RFC 6962, a third time: recomputed from entries, tile by tile."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

WIDTH = 256
HASH = 32


class Tile(NamedTuple):
    """A tile as the entries make it; the last ones of a tree are partial."""

    level: int
    number: int
    hashes: bytes


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962 §2.1."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 §2.1."""
    return sha256(b"\x01" + left + right).digest()


def tree_hash(hashes: Sequence[bytes]) -> bytes:
    """The root over these, from left to right: a level at a time, the odd one out goes up."""
    if not hashes:
        return sha256(b"").digest()
    row = list(hashes)
    while len(row) > 1:
        pairs = zip(row[::2], row[1::2], strict=False)
        above = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        row = above + row[len(row) - len(row) % 2 :]
    return row[0]


class GrowingTree:
    """Takes leaf hashes one by one; hands out each tile when it is full."""

    def __init__(self) -> None:
        self.size = 0
        self._rows: list[list[bytes]] = [[]]

    def add(self, leaf: bytes) -> list[Tile]:
        """Add a leaf; the tiles that this fills."""
        self.size += 1
        self._rows[0].append(leaf)
        return self._filled(0, None)

    def add_tile(self, hashes: bytes, root: bytes) -> list[Tile]:
        """Add a full tile's leaves, whose root is known already, where the last one was full."""
        self.size += WIDTH
        self._rows[0] = [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]
        return self._filled(0, root)

    def edge(self) -> bytes:
        """The leaf hashes of the last tile, where it is not full."""
        return b"".join(self._rows[0])

    def _filled(self, level: int, root: bytes | None) -> list[Tile]:
        full = list[Tile]()
        while level < len(self._rows) and len(self._rows[level]) == WIDTH:
            row = self._rows[level]
            number = (self.size >> 8 * (level + 1)) - 1
            full.append(Tile(level, number, b"".join(row)))
            if level + 1 == len(self._rows):
                self._rows.append([])
            self._rows[level + 1].append(tree_hash(row) if root is None else root)
            self._rows[level], root = [], None
            level += 1
        return full

    def partial(self) -> Iterator[Tile]:
        """The last tile of each level, where it is not full."""
        for level, row in enumerate(self._rows):
            if row:
                yield Tile(level, self.size >> 8 * (level + 1), b"".join(row))

    def root(self) -> bytes:
        """The root of what was added so far."""
        found: bytes | None = None
        for row in self._rows:
            parts = row if found is None else [*row, found]
            if parts:
                found = tree_hash(parts)
        return tree_hash([]) if found is None else found

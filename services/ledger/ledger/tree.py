"""The Merkle tree of RFC 6962, kept in tiles of height 8 (C2SP tlog-tiles): how it grows.

A tree of `size` leaves is stored as tiles: the tile `(level, index)` holds, one after the other,
the hashes of up to 256 perfect subtrees of 256^level leaves each. The last tile of each level may
be partial; these together are the tree's right edge, and all that is needed to grow it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH = 32
WIDTH = 256
EMPTY_ROOT = sha256(b"").digest()


@dataclass(frozen=True, slots=True)
class TileKey:
    """Where a tile stands."""

    level: int
    index: int


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry (RFC 6962 §2.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 6962 §2.1)."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Edge:
    """The right edge of a tree: `tails[level]` is the content of that level's partial tile."""

    size: int
    tails: tuple[bytes, ...]


EMPTY = Edge(0, ())


def edge_tiles(size: int) -> list[TileKey]:
    """The partial tiles of a tree of this size; a level whose last tile is full has none."""
    found, level = [], 0
    while count := size >> (8 * level):
        if count % WIDTH:
            found.append(TileKey(level, count // WIDTH))
        level += 1
    return found


def edge_of(size: int, tiles: dict[TileKey, bytes]) -> Edge:
    """The right edge of a tree from its stored tiles, which may hold more than this size's."""
    tails: list[bytes] = []
    while count := size >> (8 * len(tails)):
        width = count % WIDTH * HASH
        tile = tiles[TileKey(len(tails), count // WIDTH)] if width else b""
        tails.append(tile[:width])
    return Edge(size, tuple(tails))


def grow(edge: Edge, leaves: Sequence[bytes]) -> tuple[Edge, dict[TileKey, bytes]]:
    """Append leaf hashes: the new right edge, and every tile that is new or wider than before."""
    tails, written = list(edge.tails), dict[TileKey, bytes]()
    fresh, level = b"".join(leaves), 0
    while fresh:
        if level == len(tails):
            tails.append(b"")
        row = tails[level] + fresh
        index = (edge.size >> (8 * level)) // WIDTH
        full = len(row) // (WIDTH * HASH)
        above = []
        for place in range(full):
            tile = row[place * WIDTH * HASH : (place + 1) * WIDTH * HASH]
            written[TileKey(level, index + place)] = tile
            above.append(perfect_root(tile))
        tails[level] = row[full * WIDTH * HASH :]
        if tails[level]:
            written[TileKey(level, index + full)] = tails[level]
        fresh, level = b"".join(above), level + 1
    return Edge(edge.size + len(leaves), tuple(tails)), written


def root(edge: Edge) -> bytes:
    """The root hash: the perfect subtrees of the edge, joined from the right (RFC 6962 §2.1)."""
    subtrees = []
    for tail in reversed(edge.tails):
        start = 0
        for height in range(7, -1, -1):
            length = HASH << height
            if len(tail) & length:
                subtrees.append(perfect_root(tail[start : start + length]))
                start += length
    return join(subtrees)


def join(subtrees: Sequence[bytes]) -> bytes:
    """The hash of subtrees of falling size, standing side by side; of none, the empty tree's."""
    if not subtrees:
        return EMPTY_ROOT
    *others, found = subtrees
    for left in reversed(others):
        found = node_hash(left, found)
    return found


def perfect_root(hashes: bytes) -> bytes:
    """The hash of a perfect subtree over 1, 2, 4, … 256 hashes that stand one after the other."""
    row: Iterable[bytes] = (hashes,)
    if len(hashes) > HASH:
        row = [hashes[at : at + 2 * HASH] for at in range(0, len(hashes), 2 * HASH)]
        row = [sha256(b"\x01" + pair).digest() for pair in row]
        while len(row) > 1:
            pairs = iter(row)
            row = [
                sha256(b"\x01" + left + right).digest()
                for left, right in zip(pairs, pairs, strict=True)
            ]
    (found,) = row
    return found

"""Inclusion and consistency proofs (RFC 6962 §2.1.1, §2.1.2), read from stored tiles.

A proof is planned first, in whole numbers alone: each of its hashes is a row of perfect subtrees.
The plan says which tiles to load; with those, the hashes are made.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ledger.tree import HASH, WIDTH, TileKey, join, perfect_root


class Subtree(NamedTuple):
    """The perfect subtree over the leaves `position·2^height` to `(position+1)·2^height`."""

    height: int
    position: int


Plan = list[list[Subtree]]


def perfect(start: int, end: int) -> list[Subtree]:
    """The perfect subtrees over the leaves from `start` to `end`, from left to right.

    `start` is a multiple of the largest of them, as it always is for a node of the tree.
    """
    found = []
    while start < end:
        height = (end - start).bit_length() - 1
        found.append(Subtree(height, start >> height))
        start += 1 << height
    return found


def inclusion(index: int, size: int) -> Plan:
    """The proof that the entry `index` is in the tree of `size`: siblings from leaf to root."""
    if not 0 <= index < size:
        raise ValueError(f"entry {index} is not in a tree of size {size}")
    return _path(index, 0, size)[::-1]


def _path(index: int, start: int, end: int) -> Plan:
    """From root to leaf: the sibling at each turn."""
    found = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append(perfect(middle, end))
            end = middle
        else:
            found.append(perfect(start, middle))
            start = middle
    return found


def consistency(old: int, new: int) -> Plan:
    """The proof that the tree of size `new` begins with that of size `old`."""
    if not 0 < old <= new:
        raise ValueError(f"there is no proof from size {old} to size {new}")
    found, start, end = [], 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            found.append(perfect(middle, end))
            end = middle
        else:
            found.append(perfect(start, middle))
            start = middle
    # A subtree that begins the old tree whole is known to whoever asks, and left out (§2.1.2).
    if start > 0:
        found.append(perfect(start, end))
    return found[::-1]


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def tile_of(subtree: Subtree) -> TileKey:
    """The tile from which the hash of a subtree is made."""
    level = subtree.height // 8
    return TileKey(level, (subtree.position << subtree.height % 8) // WIDTH)


def tiles_of(plan: Plan) -> set[TileKey]:
    """All tiles that a plan needs."""
    return {tile_of(subtree) for row in plan for subtree in row}


def hashes(plan: Plan, tiles: Mapping[TileKey, bytes]) -> list[bytes]:
    """The hashes of a planned proof."""
    return [_joined(row, tiles) for row in plan]


def _joined(row: Iterable[Subtree], tiles: Mapping[TileKey, bytes]) -> bytes:
    return join([_hash(subtree, tiles) for subtree in row])


def _hash(subtree: Subtree, tiles: Mapping[TileKey, bytes]) -> bytes:
    width = 1 << subtree.height % 8
    at = subtree.position * width % WIDTH
    return perfect_root(tiles[tile_of(subtree)][at * HASH : (at + width) * HASH])

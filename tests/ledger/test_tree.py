"""The tree in tiles grows into the tree of RFC 6962, however it is cut into batches."""

import itertools
from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.compact import CompactRange
from ledger.tree import (
    EMPTY,
    EMPTY_ROOT,
    Edge,
    TileKey,
    edge_of,
    edge_tiles,
    grow,
    leaf_hash,
    root,
)

# The leaves and roots of Certificate Transparency's own reference tests.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive(hashes: Sequence[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return sha256(b"\x01" + naive(hashes[:k]) + naive(hashes[k:])).digest()


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(count)]


def grown(count: int, cuts: Sequence[int] = ()) -> tuple[Edge, dict[TileKey, bytes]]:
    """A tree of `count` leaves, appended in batches cut at these places."""
    edge, tiles, hashes = EMPTY, dict[TileKey, bytes](), leaves(count)
    places = [0, *sorted(cut % (count + 1) for cut in cuts), count]
    for start, end in itertools.pairwise(places):
        edge, written = grow(edge, hashes[start:end])
        tiles |= written
    return edge, tiles


@pytest.mark.parametrize("size", range(1, 9))
def test_the_published_vectors_come_out(size: int) -> None:
    edge, _ = grow(EMPTY, [leaf_hash(leaf) for leaf in LEAVES[:size]])
    other = CompactRange()
    for leaf in LEAVES[:size]:
        other.append(leaf)
    assert root(edge).hex() == other.root().hex() == ROOTS[size - 1]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert root(EMPTY) == CompactRange().root() == EMPTY_ROOT == naive([])


@given(st.integers(0, 1500), st.lists(st.integers(0, 1500), max_size=6))
def test_the_root_is_that_of_the_recursion_however_it_grew(size: int, cuts: list[int]) -> None:
    edge, _ = grown(size, cuts)
    assert edge.size == size
    assert root(edge) == naive(leaves(size))


@given(st.integers(0, 1500), st.lists(st.integers(0, 1500), max_size=6))
def test_tiles_do_not_depend_on_batches(size: int, cuts: list[int]) -> None:
    edge, tiles = grown(size, cuts)
    once = grown(size)
    assert (edge, tiles) == once
    assert edge_of(size, tiles) == edge


@given(st.integers(0, 1500), st.integers(0, 1500))
def test_wider_tiles_still_hold_the_edge_of_every_earlier_size(one: int, other: int) -> None:
    small, large = sorted((one, other))
    _, tiles = grown(large)
    assert set(edge_tiles(small)) <= tiles.keys()
    assert edge_of(small, tiles) == grown(small)[0]


@pytest.mark.parametrize("size", [255, 256, 257, 65535, 65536, 65537])
def test_the_signers_tree_agrees_with_the_sequencers_tiles(size: int) -> None:
    edge, tiles = grown(size, (1000, 40_000))
    other = CompactRange()
    for number in range(size):
        for level, position, hash_ in other.append(b"%d" % number):
            tile = tiles[TileKey(level, position // 256)]
            assert tile[position % 256 * 32 :][:32] == hash_
    assert other.root() == root(edge)
    assert sum(map(len, tiles.values())) // 32 == sum(size >> 8 * level for level in range(4))

"""Proofs made from tiles convince a verifier that shares no code with them."""

from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.proofs import Plan, Subtree, consistency, hashes, inclusion, tiles_of
from ledger.tree import EMPTY, TileKey, edge_tiles, grow, root
from ledger_audit.proofs import continues, includes
from tests.ledger.test_tree import grown, leaves, naive

SIZES = st.integers(1, 2000)


def flipped(proof: Sequence[bytes], at: int) -> list[bytes]:
    """The proof with one bit changed."""
    place, bit = divmod(at % (len(proof) * 256), 256)
    changed = bytearray(proof[place])
    changed[bit // 8] ^= 1 << bit % 8
    return [*proof[:place], bytes(changed), *proof[place + 1 :]]


def made_once(tiles: Mapping[TileKey, bytes]) -> Callable[[Plan], list[bytes]]:
    """`hashes` of one tree, which makes each row of subtrees once: 600 sizes have few of them."""
    known = dict[tuple[Subtree, ...], bytes]()

    def made(plan: Plan) -> list[bytes]:
        for row in map(tuple, plan):
            if row not in known:
                (known[row],) = hashes([list(row)], tiles)
        return [known[tuple(row)] for row in plan]

    return made


@given(SIZES, st.integers(0), st.integers(0))
def test_every_entry_is_proven_to_be_in_the_tree(size: int, index: int, bit: int) -> None:
    index %= size
    edge, tiles = grown(size)
    proof = hashes(inclusion(index, size), tiles)
    leaf = leaves(size)[index]
    assert includes(index, size, leaf, proof, root(edge))
    assert not includes((index + 1) % (size + 1), size, leaf, proof, root(edge))
    if proof:
        assert not includes(index, size, leaf, flipped(proof, bit), root(edge))
        assert not includes(index, size, leaf, proof[:-1], root(edge))
    assert not includes(index, size, leaf, [*proof, leaf], root(edge))


@given(SIZES, SIZES, st.integers(0))
def test_every_tree_is_proven_to_begin_with_every_earlier_one(
    one: int, other: int, bit: int
) -> None:
    old, new = sorted((one, other))
    edge, tiles = grown(new)
    proof = hashes(consistency(old, new), tiles)
    before = naive(leaves(old))
    assert continues(old, new, before, root(edge), proof)
    if proof:
        assert not continues(old, new, before, root(edge), flipped(proof, bit))
        assert not continues(old, new, before, root(edge), proof[:-1])
    assert continues(old, new, leaves(1)[0], root(edge), proof) == (old == 1)


@given(SIZES, SIZES)
def test_a_proof_for_a_published_size_is_made_from_tiles_of_a_larger_one(
    one: int, other: int
) -> None:
    small, large = sorted((one, other))
    tiles, exact = grown(large)[1], grown(small)[1]
    plan = inclusion(small - 1, small)
    assert tiles_of(plan) <= exact.keys()
    assert hashes(plan, tiles) == hashes(plan, exact)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 5), (5, 5)])
def test_what_is_not_there_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="not in a tree"):
        inclusion(index, size)


@pytest.mark.parametrize(("old", "new"), [(0, 5), (6, 5), (-1, 2)])
def test_no_tree_continues_a_larger_one(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="no proof"):
        consistency(old, new)


@pytest.mark.slow
def test_all_proofs_of_all_sizes_up_to_600_hold_and_none_with_a_changed_bit() -> None:
    edges, tiles, edge = [EMPTY], dict[TileKey, bytes](), EMPTY
    hashed = leaves(600)
    for leaf in hashed:
        edge, written = grow(edge, [leaf])
        tiles |= written
        edges.append(edge)
    roots, made = [root(edge) for edge in edges], made_once(tiles)
    for size in range(1, 601):
        assert set(edge_tiles(size)) <= tiles.keys()
        for index in range(size):
            proof = made(inclusion(index, size))
            assert includes(index, size, hashed[index], proof, roots[size])
            if proof:
                wrong = flipped(proof, index * 7919 + size)
                assert not includes(index, size, hashed[index], wrong, roots[size])
        for old in range(1, size + 1):
            proof = made(consistency(old, size))
            assert continues(old, size, roots[old], roots[size], proof)
            if proof:
                wrong = flipped(proof, old * 7919 + size)
                assert not continues(old, size, roots[old], roots[size], wrong)

"""The tree and its proofs: RFC 6962's own vectors, and every proof of every size up to 600."""

import hashlib
from random import Random

import pytest

from ledger_audit.proofs import consistency, continues, includes, inclusion, subtree
from ledger_audit.tree import GrowingTree, leaf_hash, tree_hash

# The leaves and roots that Certificate Transparency's reference implementation is tested with.
LEAVES = [
    bytes.fromhex(each)
    for each in (
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
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
MOST = 600
CHANCE = Random(6962)
HASHES = [leaf_hash(n.to_bytes(2)) for n in range(MOST)]
_known: dict[tuple[int, int], bytes] = {}


def perfect(first: int, height: int) -> bytes:
    """The hash of a perfect subtree over `HASHES`."""
    if (first, height) not in _known:
        _known[first, height] = tree_hash(HASHES[first : first + (1 << height)])
    return _known[first, height]


def changed(hashes: list[bytes]) -> list[bytes]:
    """The same with one other bit somewhere."""
    place, bit = CHANCE.randrange(len(hashes)), CHANCE.randrange(256)
    other = (int.from_bytes(hashes[place]) ^ 1 << bit).to_bytes(32)
    return [*hashes[:place], other, *hashes[place + 1 :]]


def test_the_empty_tree_and_leaf_are_those_of_rfc_6962() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tree_hash([]).hex() == empty
    assert GrowingTree().root().hex() == empty
    assert leaf_hash(b"").hex() == hashlib.sha256(b"\0").hexdigest() == ROOTS[0]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    tree = GrowingTree()
    for leaf in LEAVES[:size]:
        tree.add(leaf_hash(leaf))
    assert tree.root().hex() == ROOTS[size - 1]
    assert tree_hash([leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == ROOTS[size - 1]


def test_the_paths_are_those_of_certificate_transparency() -> None:
    hashes = [leaf_hash(leaf) for leaf in LEAVES]

    def of_leaves(first: int, height: int) -> bytes:
        return tree_hash(hashes[first : first + (1 << height)])

    assert [each.hex() for each in inclusion(5, 8, of_leaves)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert [each.hex() for each in consistency(6, 8, of_leaves)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_every_inclusion_proof_holds_and_none_with_one_other_bit() -> None:
    for size in range(1, MOST + 1):
        root = subtree(0, size, perfect)
        for index in range(size):
            proof, leaf = inclusion(index, size, perfect), HASHES[index]
            assert includes(index, size, leaf, proof, root)
            wrong = changed([leaf, root, *proof])
            assert not includes(index, size, wrong[0], wrong[2:], wrong[1])
        # One hash more or less, or another place, is no proof either.
        assert not includes(index, size, leaf, [*proof, leaf], root)
        assert size == 1 or not includes(index, size, leaf, proof[:-1], root)
        assert not includes(size, size, leaf, proof, root)


def test_every_consistency_proof_holds_and_none_with_one_other_bit() -> None:
    roots = [tree_hash([]), *(subtree(0, size, perfect) for size in range(1, MOST + 1))]
    for new in range(1, MOST + 1):
        for old in range(1, new + 1):
            proof = consistency(old, new, perfect)
            assert continues(old, new, roots[old], roots[new], proof)
            wrong = changed([roots[old], roots[new], *proof])
            # Of two equal trees, both roots are the proof.
            assert not continues(old, new, wrong[0], wrong[1], wrong[2:])


def test_the_tree_that_takes_whole_tiles_is_the_one_that_takes_leaves() -> None:
    one, other = GrowingTree(), GrowingTree()
    for at in range(0, 512, 256):
        several = HASHES[at : at + 256]
        tiles = [tile for leaf in several for tile in one.add(leaf)]
        assert other.add_tile(b"".join(several), tree_hash(several)) == tiles
    for leaf in HASHES[512:]:
        one.add(leaf)
        other.add(leaf)
    assert (one.size, one.root()) == (other.size, other.root()) == (MOST, subtree(0, MOST, perfect))
    assert [*one.partial()] == [*other.partial()]


def test_what_no_tree_has_is_refused() -> None:
    for index, size in ((0, 0), (5, 5), (-1, 5)):
        with pytest.raises(ValueError, match="no leaf"):
            inclusion(index, size, perfect)
    for old, new in ((0, 5), (6, 5)):
        with pytest.raises(ValueError, match="not the beginning"):
            consistency(old, new, perfect)
        assert not continues(old, new, HASHES[0], HASHES[1], [])

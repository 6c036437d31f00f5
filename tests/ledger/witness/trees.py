"""A log that asks to be cosigned: every size of one tree, and what proves one from another."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.notes import Checkpoint, signed, verifier_key
from ledger.proofs import consistency, hashes
from ledger.tree import EMPTY, Edge, TileKey, grow, root
from ledger.witness.requests import written
from tests.ledger.test_tree import leaves

ORIGIN = "ledger.example.org/edition"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VKEY = verifier_key(ORIGIN, KEY.public_key().public_bytes_raw())


@cache
def tree(largest: int) -> tuple[tuple[bytes, ...], dict[TileKey, bytes]]:
    """The roots of all sizes up to this one, and the tiles of the largest, of which any smaller
    tree's are a part."""
    edge, tiles, roots = EMPTY, dict[TileKey, bytes](), [root(EMPTY)]
    for leaf in leaves(largest):
        edge, fresh = grow(edge, [leaf])
        tiles |= fresh
        roots.append(root(edge))
    assert isinstance(edge, Edge)
    return tuple(roots), tiles


def proof(old: int, new: int, largest: int = 64) -> list[bytes]:
    """The proof as the signer makes it: nothing from the empty tree, or to the same one."""
    return hashes(consistency(old, new), tree(largest)[1]) if 0 < old < new else []


def checkpoint(size: int, largest: int = 64) -> Checkpoint:
    return Checkpoint(ORIGIN, size, tree(largest)[0][size])


def note(size: int, largest: int = 64, key: Ed25519PrivateKey = KEY) -> str:
    return signed(checkpoint(size, largest), key)


def request(old: int, new: int, largest: int = 64) -> bytes:
    """What asks for a cosignature of `new` after `old`."""
    return written(old, proof(old, new, largest), note(new, largest))

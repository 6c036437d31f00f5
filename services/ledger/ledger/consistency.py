"""Whether a tree begins with an earlier one (RFC 9162 §2.1.4.2; RFC 6962 §2.1.2)."""

from collections.abc import Sequence

from ledger.tree import EMPTY_ROOT, node_hash


def continues(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the tree of size `new` begins with that of size `old`."""
    if new == 0 and new_root != EMPTY_ROOT:
        return False
    if old == 0:  # the empty tree begins every tree, and needs no proof
        return not proof
    if old == new:
        return not proof and old_root == new_root
    return old < new and _walked(old - 1, new - 1, old_root, new_root, list(proof))


def _walked(left: int, right: int, old_root: bytes, new_root: bytes, proof: list[bytes]) -> bool:
    """Walk from the last leaf of the old tree to both roots."""
    # Where the old tree is perfect, its root is where the walk begins, and is not in the proof.
    path = [old_root, *proof] if left & (left + 1) == 0 else proof
    if not path:
        return False
    while left & 1:
        left, right = left >> 1, right >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if right == 0:
            return False
        if left & 1 or left == right:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while left and not left & 1:
                left, right = left >> 1, right >> 1
        else:
            new = node_hash(new, sibling)
        left, right = left >> 1, right >> 1
    return right == 0 and (old, new) == (old_root, new_root)

"""Inclusion and consistency proofs: made as RFC 6962 §2.1.1 and §2.1.2 say, and checked as
RFC 9162 §2.1.3.2 and §2.1.4.2 do."""

from collections.abc import Callable, Sequence

from ledger_audit.tree import node_hash

# The hash of a perfect subtree, of 2^height leaves from `first` on, `first` a multiple of these.
type Perfect = Callable[[int, int], bytes]


def inclusion(index: int, size: int, perfect: Perfect) -> list[bytes]:
    """The proof that the leaf `index` is in the tree of this size, from the leaf to the root."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} has no leaf {index}")
    proof, start, end = list[bytes](), 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(subtree(middle, end, perfect))
            end = middle
        else:
            proof.append(subtree(start, middle, perfect))
            start = middle
    return proof[::-1]


def consistency(old: int, new: int, perfect: Perfect) -> list[bytes]:
    """The proof that the tree of size `new` begins with that of size `old`."""
    if not 0 < old <= new:
        raise ValueError(f"a tree of {old} is not the beginning of one of {new}")
    proof, start, end = list[bytes](), 0, new
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(subtree(middle, end, perfect))
            end = middle
        else:
            proof.append(subtree(start, middle, perfect))
            start = middle
    if start:
        proof.append(subtree(start, end, perfect))
    return proof[::-1]


def subtree(start: int, end: int, perfect: Perfect) -> bytes:
    """The hash over the leaves from `start` to `end`."""
    many = end - start
    if many & (many - 1) == 0:
        return perfect(start, many.bit_length() - 1)
    middle = start + _split(many)
    return node_hash(subtree(start, middle, perfect), subtree(middle, end, perfect))


def _split(many: int) -> int:
    """The largest power of two below."""
    return 1 << (many - 1).bit_length() - 1


def includes(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf hash stands at `index` in the tree of this size and root."""
    if not 0 <= index < size:
        return False
    first, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if first & 1 or first == last:
            found = node_hash(sibling, found)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and found == root


def continues(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of size `new` begins with that of size `old`, which is not empty."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root

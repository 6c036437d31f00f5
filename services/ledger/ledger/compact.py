"""A second implementation of the tree (RFC 6962 §2.1), which shares nothing with the sequencer's.

If one of the two is wrong, or a bit flips between what is stored and what is signed, they differ,
and nothing is signed. (Certificate Transparency's Yeti log died of one flipped bit.)
"""

import hashlib
from typing import NamedTuple


class Completed(NamedTuple):
    """A perfect subtree that an entry completed, whose hash a tile holds: 256^level leaves."""

    level: int
    position: int
    hash: bytes


class CompactRange:
    """The perfect subtrees of a tree, the largest first: all that is needed to go on."""

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []

    def copy(self) -> "CompactRange":
        """Another one that goes on from here."""
        found = CompactRange()
        found.size, found._subtrees = self.size, self._subtrees.copy()
        return found

    def append(self, entry: bytes) -> list[Completed]:
        """Add an entry; the subtrees it completed, of those that tiles hold."""
        current = hashlib.sha256(b"\x00" + entry).digest()
        completed = [Completed(0, self.size, current)]
        self.size += 1
        height, carry = 0, self.size
        while carry % 2 == 0:
            current = hashlib.sha256(b"\x01" + self._subtrees.pop() + current).digest()
            height, carry = height + 1, carry // 2
            if height % 8 == 0:
                completed.append(Completed(height // 8, carry - 1, current))
        self._subtrees.append(current)
        return completed

    def root(self) -> bytes:
        """The root hash of what was added so far."""
        if not self._subtrees:
            return hashlib.sha256().digest()
        *larger, found = self._subtrees
        while larger:
            found = hashlib.sha256(b"\x01" + larger.pop() + found).digest()
        return found

"""A log that was verified, and is read again: what comes then is what was verified, or nothing.

Whoever serves a log could answer otherwise the second time. So the root of each bundle is kept from
verifying, 32 bytes for 256 entries, and whatever is read later is hashed again and compared.
"""

from ledger_audit.errors import Tampered
from ledger_audit.export import Export, Part, entries_of
from ledger_audit.keys import Checkpoint
from ledger_audit.tree import HASH, WIDTH, tree_hash


class VerifiedExport(Export):
    """A log under the checkpoint that was verified; later ones do not show here.

    `roots` are those of its bundles, end to end; `alone` is 1 for each that holds nothing but
    ballots and openings. What differs raises `Tampered` with step 3, or step 7 for a hash tile.
    """

    def __init__(
        self,
        export: Export,
        checkpoint: Checkpoint,
        note: bytes,
        roots: bytes,
        alone: bytes,
    ) -> None:
        self.source = export.source
        self.note = note
        self._files = export.files
        self._checkpoint = checkpoint
        self._roots = roots
        self._alone = alone

    def refresh(self) -> None:
        """It stays the checkpoint that was verified."""

    @property
    def claimed(self) -> Checkpoint:
        """What the checkpoint says, which was verified."""
        return self._checkpoint

    def bundle(self, number: int, width: int) -> bytes:
        """A bundle of entries, the one that was verified. Raises `Tampered`."""
        found = super().bundle(number, width)
        entries_of(Part(number, width, found, self._root(number)))
        return found

    def part(self, number: int, width: int) -> Part:
        """A bundle that has to be the one that was verified."""
        found = super().part(number, width)
        return found._replace(root=self._root(number), alone=self._alone[number] == 1)

    def tile(self, level: int, number: int, width: int) -> bytes:
        """A hash tile of the width that the verified log has, and what that had in it."""
        found = super().tile(level, number, width)
        # Above the leaves it is made from the roots of bundles, whatever is served.
        if found != self._hashes(level, number, width, found):
            raise Tampered(
                7,
                f"the tile of level {level} at {number} is not the one verified a moment ago",
                number << 8 * (level + 1),
            )
        return found

    def _hashes(self, level: int, number: int, width: int, served: bytes) -> bytes | None:
        if level == 0:
            row = [served[at : at + HASH] for at in range(0, len(served), HASH)]
            return served if tree_hash(row) == self._root(number) else None
        first = number * WIDTH
        return b"".join(self._above(level, place) for place in range(first, first + width))

    def _above(self, level: int, place: int) -> bytes:
        """The hash at a place of a level: the root over 256 of the level below."""
        if level == 1:
            return self._root(place)
        below = range(place * WIDTH, (place + 1) * WIDTH)
        return tree_hash([self._above(level - 1, each) for each in below])

    def _root(self, number: int) -> bytes:
        return self._roots[number * HASH : (number + 1) * HASH]

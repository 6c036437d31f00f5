"""Two copies of a log side by side: where they part, and whether their signer forked them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from ledger_audit.errors import Tampered
from ledger_audit.export import Export
from ledger_audit.keys import Checkpoint
from ledger_audit.policy import Policy
from ledger_audit.tree import GrowingTree, leaf_hash


@dataclass(frozen=True)
class Side:
    """One copy: what its checkpoint says, and whether its entries are what that was signed over."""

    source: str
    checkpoint: Checkpoint
    note: bytes
    is_signed: bool
    is_whole: bool

    def summary(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "source": self.source,
            "origin": self.checkpoint.origin,
            "size": self.checkpoint.size,
            "root": self.checkpoint.root.hex(),
            "signed": self.is_signed,
            "entries_have_the_root": self.is_whole,
        }


@dataclass(frozen=True)
class Difference:
    """`index` is that of the first entry that differs; None where one continues the other.

    `forked`: both copies are what the same key signed, and they cannot be one log.
    """

    a: Side
    b: Side
    index: int | None
    entries: tuple[bytes | None, bytes | None] = field(repr=False)

    @property
    def forked(self) -> bool:
        """Whether the signer is who lied: the two notes prove it to anybody."""
        both = all(side.is_signed and side.is_whole for side in (self.a, self.b))
        one_log = self.a.checkpoint.origin == self.b.checkpoint.origin
        return both and one_log and self.index is not None

    @property
    def differs(self) -> bool:
        """Whether these are not two copies of one log."""
        whole = self.a.is_whole and self.b.is_whole
        one_log = self.a.checkpoint.origin == self.b.checkpoint.origin
        return self.index is not None or not whole or not one_log

    def summary(self) -> dict[str, Any]:
        """As JSON."""
        entries = [None if each is None else each.decode(errors="replace") for each in self.entries]
        return {
            "differs": self.differs,
            "index": self.index,
            "forked": self.forked,
            "a": self.a.summary(),
            "b": self.b.summary(),
            "entries": entries,
            "evidence": [side.note.decode(errors="replace") for side in (self.a, self.b)]
            if self.forked
            else [],
        }


def diff(a: Export, b: Export, policy: Policy | None) -> Difference:
    """Compare two copies entry by entry. Raises `Unreachable`.

    1. The first entry that differs, both having one at that index.
    2. Whether each copy's entries have the root of its checkpoint.
    3. Whether a log of the policy signed each checkpoint.
    """
    # 1., 2.
    index: int | None = None
    entries: tuple[bytes | None, bytes | None] = (None, None)
    left, right = _Reading(a), _Reading(b)
    for place, (one, other) in enumerate(zip_longest(left.entries(), right.entries())):
        if index is None and one is not None and other is not None and one != other:
            index, entries = place, (one, other)
    # 3.
    return Difference(left.side(policy), right.side(policy), index, entries)


class _Reading:
    """A copy while it is read to its end, or to where a bundle of it is no bundle."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._tree = GrowingTree()

    def entries(self) -> Iterator[bytes]:
        try:
            for entry in self._export.entries():
                self._tree.add(leaf_hash(entry))
                yield entry
        except Tampered:
            return

    def side(self, policy: Policy | None) -> Side:
        checkpoint, note = self._export.claimed, self._export.note
        whole = (self._tree.size, self._tree.root()) == (checkpoint.size, checkpoint.root)
        return Side(self._export.source, checkpoint, note, _is_signed(note, policy), whole)


def _is_signed(note: bytes, policy: Policy | None) -> bool:
    if policy is None:
        return False
    try:
        Policy(logs=policy.logs, witnesses=policy.witnesses).check(note)
    except Tampered:
        return False
    return True

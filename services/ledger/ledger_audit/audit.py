"""A log that is verified as far as it goes, and further when it has grown."""

import json
from collections import Counter, deque
from collections.abc import Callable, Iterator
from uuid import UUID

from ledger_audit.bundles import Bundle, Looked, compared, look_at_all
from ledger_audit.closings import Closings
from ledger_audit.errors import Tampered, Untrusted
from ledger_audit.export import ENTRIES, Export
from ledger_audit.gaps import Filled
from ledger_audit.ids import Ids
from ledger_audit.keys import Checkpoint
from ledger_audit.origins import check_begun
from ledger_audit.policy import Trusted
from ledger_audit.services import STEP, Services
from ledger_audit.tree import HASH, WIDTH, GrowingTree, Tile, leaf_hash
from ledger_audit.workers import cores, in_order

MANY = 50_000
_TOGETHER = 16
# What a server answered waits in memory for a process that is free: no more of it than so.
_HELD = 8_000_000
MOST_PUBLISHERS = 10_000
# Entries about numbers without an event that are listed; all are counted.
MOST_FILLED = 1_000
# Hears how many entries were looked at, of how many.
type Progress = Callable[[int, int], None]


def unheard(done: int, of: int) -> None:
    """A progress that nobody hears."""


class Audit:
    """What is known of a log after its first `size` entries; `note` is its last checkpoint.

    Everything that is remembered of entries is bounded, but for ids, which spill to a file.
    """

    def __init__(self, remembered: Trusted | None = None) -> None:
        self.numbers = Counter[str]()
        self.ids = Ids()
        self.last = remembered
        self.filled = list[Filled]()
        self.fillings = 0
        self._awaited = remembered
        self._parted: Tampered | None = None
        self._tree = GrowingTree()
        # Tiles above the leaves that are to be compared yet: a server that gives no answer leaves
        # them here, and everything else as it is after whole bundles.
        self._due = deque[Tile]()
        self._roots, self._alone = bytearray(), bytearray()
        self._closings = Closings()
        self._services = Services()
        self._flaws = dict[int, Tampered]()
        self._wrong_tile: Tampered | None = None

    @property
    def services(self) -> Services:
        """What is known of who signs."""
        return self._services

    @property
    def size(self) -> int:
        """How many entries were looked at."""
        return self._tree.size

    def root(self) -> bytes:
        """Their root."""
        return self._tree.root()

    def roots(self) -> bytes:
        """The roots of their bundles, end to end."""
        return bytes(self._roots)

    def ballots_alone(self) -> bytes:
        """Of each bundle, 1 where it holds nothing but ballots and openings."""
        return bytes(self._alone)

    def extend(self, export: Export, trusted: Trusted, progress: Progress = unheard) -> None:
        """Verify steps 2 to 8, 10 and 12 up to a checkpoint that somebody trusts.

        Raises `Tampered` with the first step that fails, `Untrusted` where the checkpoint is older
        than one that was seen, `Unsigned` (and may be asked again) where nothing is wrong but that
        a service's key is yet to come, and `Unreachable`.
        """
        checkpoint = trusted.checkpoint
        self._check_later(checkpoint)
        size = checkpoint.size
        alone = size - self.size < MANY or cores() == 1
        for several in in_order(look_at_all, _chunks(export, self.size, size), alone=alone):
            for looked in several:
                self._take(export, looked, trusted.note)
            progress(self.size, size)
        self._due += self._tree.partial()
        self._compare(export)
        if self._tree.root() != checkpoint.root:
            raise Tampered(3, *_first_difference(export, checkpoint))
        # Not before: other entries than the checkpoint's are a mirror's doing, and its signer's
        # notes would be no evidence of anything.
        if self._parted is not None:
            raise self._parted
        self._check(checkpoint)
        self.last = trusted

    def _check_later(self, checkpoint: Checkpoint) -> None:
        if self.last is None:
            return
        seen = self.last.checkpoint
        if seen.origin != checkpoint.origin:
            what = f"the checkpoint seen before is of {seen.origin}, this of {checkpoint.origin}"
            raise Untrusted(what)
        if checkpoint.size < seen.size:
            what = f"this checkpoint has {checkpoint.size} entries, and one of {seen.size} was seen"
            raise Untrusted(f"{what}: it is an old one, or the log was rolled back")

    def _check(self, checkpoint: Checkpoint) -> None:
        """What comes after the root, since without it the entries are nobody's."""
        if (again := self.ids.first_again()) is not None:
            what = f"the event {UUID(bytes=again[0])} is there already"
            self._flaw(Tampered(6, what, again[1]))
        for step in (4, 5, 6):
            if (found := self._flaws.get(step)) is not None:
                raise found
        if self._wrong_tile is not None:
            raise self._wrong_tile
        check_begun(checkpoint.origin, self._services.begun, checkpoint.size)
        if (found := self._flaws.get(9)) is not None:
            raise found
        if (found := self._flaws.get(8)) is not None:
            raise found
        self._closings.check()
        if (found := self._flaws.get(STEP)) is not None:
            raise found
        self._services.check(self.numbers, checkpoint.size)

    def _take(self, export: Export, looked: Looked, note: bytes) -> None:
        first = looked.number * WIDTH
        if looked.seen and looked.hashes[: looked.seen * HASH] != self._tree.edge():
            known = self._tree.edge()
            place = next(
                at for at in range(looked.seen) if _hash(looked.hashes, at) != _hash(known, at)
            )
            raise Tampered(10, "it is another one than before", first + place, self._evidence(note))
        self._roots[looked.number * HASH :] = looked.root
        alone = looked.alone and (not looked.seen or self._alone[looked.number] == 1)
        self._alone[looked.number :] = b"\1" if alone else b"\0"
        self._grow(looked, note)
        self._wrong_tile = self._wrong_tile or looked.wrong_tile
        for run in looked.runs:
            before = self.numbers[run.src]
            if run.first != before + 1:
                what = f"number {run.first} of {run.src} follows {before}"
                self._flaw(Tampered(5, what, run.at))
            if run.broken is not None:
                index, number, before = run.broken
                self._flaw(Tampered(5, f"number {number} of {run.src} follows {before}", index))
            if len(self.numbers) > MOST_PUBLISHERS:
                self._flaw(Tampered(5, f"more than {MOST_PUBLISHERS} publishers", run.at))
                break
            self.numbers[run.src] = run.last
        for flaw in looked.flaws:
            self._flaw(flaw)
        self.ids.add(looked.ids, first + looked.seen)
        try:
            for step in looked.steps:
                self._closings.take(step)
        except Tampered as found:
            self._flaw(found)
        for index, entry in looked.said:
            self._hear(index, entry)
        self.fillings += len(looked.filled)
        self.filled += looked.filled[: MOST_FILLED - len(self.filled)]
        self._compare(export)

    def _hear(self, index: int, entry: bytes) -> None:
        """Step 12 for one entry."""
        try:
            leaf = json.loads(entry)
            said = leaf["src"], leaf["number"], leaf["type"], leaf["id"], leaf["body"]
            self._services.take(index, *said)
        except Tampered as found:
            self._flaw(found)

    def _grow(self, looked: Looked, note: bytes) -> None:
        """Add leaves to the tree; where they reach the checkpoint seen before, compare."""
        end = looked.number * WIDTH + looked.width
        awaited = None if self._awaited is None else self._awaited.checkpoint
        inside = awaited is not None and self.size < awaited.size < end
        if looked.width == WIDTH and not looked.seen and not inside:
            self._due += self._tree.add_tile(looked.hashes, looked.root)
            self._check_awaited(note)
            return
        for at in range(looked.seen, looked.width):
            self._due += self._tree.add(_hash(looked.hashes, at))
            self._check_awaited(note)

    def _check_awaited(self, note: bytes) -> None:
        """Step 10."""
        if self._awaited is None or self._awaited.checkpoint.size != self.size:
            return
        if self._tree.root() != self._awaited.checkpoint.root:
            what = f"its first {self.size} entries are not those that were signed before"
            self._parted = Tampered(10, what, None, (self._awaited.note, note))
        self._awaited = None

    def _evidence(self, note: bytes) -> tuple[bytes, ...]:
        return (note,) if self.last is None else (self.last.note, note)

    def _compare(self, export: Export) -> None:
        """Step 7 above the leaves, whose tiles are compared with their bundles."""
        while self._due:
            level, number, hashes = self._due[0]
            if level and self._wrong_tile is None:
                place = export.place(str(level), number, len(hashes) // HASH)
                self._wrong_tile = compared(place, level, number, hashes)
            self._due.popleft()

    def _flaw(self, found: Tampered) -> None:
        before = self._flaws.get(found.step)
        if before is None or (found.index or 0) < (before.index or 0):
            self._flaws[found.step] = found


def _hash(hashes: bytes, place: int) -> bytes:
    return hashes[place * HASH : (place + 1) * HASH]


def _chunks(export: Export, seen: int, size: int) -> Iterator[list[Bundle]]:
    def bundles() -> Iterator[Bundle]:
        for number in range(seen // WIDTH, -(-size // WIDTH)):
            width = min(WIDTH, size - number * WIDTH)
            before = max(seen - number * WIDTH, 0)
            if before < width:
                entries = export.place(ENTRIES, number, width)
                yield Bundle(number, width, before, entries, export.place("0", number, width))

    several, held = list[Bundle](), 0
    for each in bundles():
        several.append(each)
        held += sum(len(part) for part in (each.entries, each.tile) if isinstance(part, bytes))
        if len(several) == _TOGETHER or held > _HELD:
            yield several
            several, held = [], 0
    if several:
        yield several


def _first_difference(export: Export, checkpoint: Checkpoint) -> tuple[str, int | None]:
    """Step 3 failed: which entry was changed, where the hash tiles can tell."""
    signed = GrowingTree()
    try:
        for leaf in _signed(export, checkpoint.size):
            signed.add(leaf)
    except Tampered:
        return "the entries have another root", None
    if signed.root() != checkpoint.root:
        return "neither the entries nor the hash tiles have it", None
    leaves = zip(_signed(export, checkpoint.size), export.entries(), strict=True)
    for index, (leaf, entry) in enumerate(leaves):
        if leaf_hash(entry) != leaf:
            return "it is not the entry that was signed", index
    return "it is not what was read before", None


def _signed(export: Export, size: int) -> Iterator[bytes]:
    """The leaf hashes that the hash tiles hold."""
    for number in range(-(-size // WIDTH)):
        tile = export.tile(0, number, min(WIDTH, size - number * WIDTH))
        yield from (tile[at : at + HASH] for at in range(0, len(tile), HASH))

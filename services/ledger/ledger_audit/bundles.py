"""A bundle of entries, looked at by itself: in any process, in any order.

What has to be known of the entries before it, `verify` adds.
"""

from typing import Any, NamedTuple

from ledger_audit import leaves
from ledger_audit.errors import Tampered
from ledger_audit.export import read_bundle, read_tile, unbundled
from ledger_audit.gaps import Filled, filled, said_by
from ledger_audit.leaves import BALLOT, LEDGER, SEAT_BALLOT, Leaf
from ledger_audit.services import SOURCES, concerns
from ledger_audit.sources import Place
from ledger_audit.tree import HASH, WIDTH, leaf_hash, tree_hash

# What the closing of a box, or of seats, is compared with: a round's event, or its ballots one
# after the other.
_CLOSED = {"voting.box-closed.v1", "voting.seats-closed.v1"}
_DECIDED = {
    f"voting.{kind}.v{version}"
    for kind in ("option-decided", "allocation-published")
    for version in (1, 2)
}


class Bundle(NamedTuple):
    """Where a bundle and its hash tile are; the first `seen` entries were looked at before."""

    number: int
    width: int
    seen: int
    entries: Place | bytes | None
    tile: Place | bytes | None


class Run(NamedTuple):
    """A publisher's numbers in a bundle: they go from `first` to `last`, or break at `broken`.

    Those that an entry of the ledger says have no event are among them. `broken` is an index, the
    number there, and the one before it.
    """

    src: str
    at: int
    first: int
    last: int
    broken: tuple[int, int, int] | None


class Step(NamedTuple):
    """Of a round: "ballots" from an index on, "closed" or "decided"; with a closing's fields."""

    kind: str
    round_id: str
    at: int
    many: int = 1
    number: int = 0
    last_number: int = 0


class Looked(NamedTuple):
    """What a bundle holds: leaf hashes and ids end to end, and the first flaw of each step.

    `said` are the entries, with their indexes, that say who signs, or that are signed. Where
    ballots and openings stand there `alone`, there is nothing else to be read by whoever counts.
    """

    number: int
    width: int
    seen: int
    hashes: bytes
    root: bytes
    ids: bytes
    runs: tuple[Run, ...]
    steps: tuple[Step, ...]
    said: tuple[tuple[int, bytes], ...]
    filled: tuple[Filled, ...]
    flaws: tuple[Tampered, ...]
    wrong_tile: Tampered | None
    alone: bool


def look_at_all(bundles: list[Bundle]) -> list[Looked]:
    """Several, in their order."""
    return [look(each) for each in bundles]


def look(bundle: Bundle) -> Looked:
    """Check a bundle's form, every entry's form, and its hash tile. Raises `Tampered`."""
    number, width, seen, _, _ = bundle
    first = number * WIDTH
    entries = [*unbundled(read_bundle(bundle.entries, number, width), first, width)]
    hashes = [leaf_hash(entry) for entry in entries]
    reader = _Reader()
    for index, entry in enumerate(entries[seen:], start=first + seen):
        reader.take(index, entry)
    reader.end()
    together = b"".join(hashes)
    return Looked(
        number,
        width,
        seen,
        together,
        tree_hash(hashes),
        b"".join(reader.ids),
        tuple(Run(src, *run) for src, run in reader.runs.items()),
        tuple(reader.steps),
        tuple(reader.said),
        tuple(reader.filled),
        tuple(reader.flaws.values()),
        compared(bundle.tile, 0, number, together),
        reader.alone,
    )


class _Reader:
    """Reads entries in order and remembers the first flaw of each step."""

    def __init__(self) -> None:
        self.ids: list[bytes] = []
        self.runs: dict[str, tuple[int, int, int, tuple[int, int, int] | None]] = {}
        self.steps: list[Step] = []
        self.said: list[tuple[int, bytes]] = []
        self.filled: list[Filled] = []
        self.flaws: dict[int, Tampered] = {}
        self.alone = True
        # Ballots of one round that follow each other are one step.
        self._round_id: str | None = None
        self._first = self._ballots = 0

    def take(self, index: int, entry: bytes) -> None:
        try:
            found = leaves.numbered(entry)
        except (ValueError, RecursionError) as error:
            self.flaws.setdefault(4, Tampered(4, f"it is {error}", index))
            return
        self.ids.append(found.id)
        self._number(found.src, index, found.number, found.number)
        if (leaf := found.leaf) is not None:
            self.alone = False
            if leaf.src != SOURCES.get(leaf.type, leaf.src):
                what = f"{leaf.type} is said by {leaf.src}"
                self.flaws.setdefault(9, Tampered(9, what, index))
                return
            if leaf.src == LEDGER:
                self._fill(index, leaf)
            if concerns(leaf.src, leaf.type):
                self.said.append((index, entry))
        self._step(index, found)

    def _number(self, src: str, index: int, number: int, final: int) -> None:
        if (run := self.runs.get(src)) is None:
            self.runs[src] = (index, number, final, None)
            return
        start, first, last, broken = run
        if broken is None and number != last + 1:
            broken = (index, number, last)
        self.runs[src] = (start, first, final, broken)

    def _fill(self, index: int, leaf: Leaf) -> None:
        """Count the numbers that the ledger itself says have no event."""
        try:
            found = filled(leaf.type, leaf.body)
        except ValueError as error:
            self.flaws.setdefault(5, Tampered(5, str(error), index))
            return
        if found is not None:
            src, first, final = found
            self.filled.append(Filled(src, first, final, said_by(leaf.type, leaf.body), index))
            self._number(src, index, first, final)

    def _step(self, index: int, found: leaves.Numbered) -> None:
        if found.type in (BALLOT, SEAT_BALLOT):
            if self._round_id == found.round_id:
                self._ballots += 1
                return
            self._end_ballots()
            self._round_id, self._first, self._ballots = found.round_id, index, 1
            return
        self._end_ballots()
        if (leaf := found.leaf) is None:
            return
        if leaf.type in _CLOSED:
            counted, last = _count(leaf.body.get("ballots")), _count(leaf.body.get("last_number"))
            closing = Step("closed", found.round_id, index, counted, leaf.number, last)
            self.steps.append(closing)
        elif leaf.type in _DECIDED:
            self.steps.append(Step("decided", found.round_id, index))

    def end(self) -> None:
        """Nothing follows."""
        self._end_ballots()

    def _end_ballots(self) -> None:
        if self._round_id is not None:
            self.steps.append(Step("ballots", self._round_id, self._first, self._ballots))
            self._round_id = None


def _count(value: Any) -> int:
    return value if type(value) is int else -1


def compared(
    place: Place | bytes | None, level: int, number: int, hashes: bytes
) -> Tampered | None:
    """Step 7 for one tile: what is wrong with the one that is served, or nothing."""
    try:
        served = read_tile(place, level, number, len(hashes) // HASH)
    except Tampered as error:
        return error
    if served == hashes:
        return None
    places = range(0, len(hashes), HASH)
    other = next(at // HASH for at in places if served[at : at + HASH] != hashes[at : at + HASH])
    index = (number * WIDTH + other) << 8 * level
    return Tampered(7, f"the tile of level {level} at {number} is another one", index)

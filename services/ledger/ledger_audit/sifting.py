"""A log read once more, on all cores where it is large: its ballots, or everything else."""

from collections.abc import Callable, Iterator
from itertools import batched

from ledger_audit.export import Export, Part, entries_of
from ledger_audit.openings import OPENING
from ledger_audit.tree import WIDTH
from ledger_audit.workers import cores, in_order

# Below so many entries the start of other processes would take longer than the work.
MANY = 5_000
_TOGETHER = 4
BALLOT = b',"type":"voting.ballot-cast.v1","v":1}'
_BALLOTS = (BALLOT, OPENING)

type Entry = tuple[int, bytes]


def is_large(export: Export) -> bool:
    """Whether reading it takes long enough to be done by several processes."""
    return export.claimed.size > MANY and cores() > 1


def each_part[Found](
    export: Export,
    work: Callable[[tuple[Part, ...]], list[Found]],
    *,
    parts: Iterator[Part] | None = None,
    first: Callable[[], None] | None = None,
) -> Iterator[Found]:
    """What `work` finds in these bundles, or in all, in the order of the log; each process does
    `first` before.

    What was verified is found again, or `work` raises `Tampered`.
    """
    some = batched(export.parts() if parts is None else parts, _TOGETHER, strict=False)
    for found in in_order(work, some, alone=not is_large(export), first=first):
        yield from found


def others(export: Export) -> Iterator[Entry]:
    """All entries that are neither ballots nor openings, with their indexes."""
    return each_part(export, _others, parts=(part for part in export.parts() if not part.alone))


def _others(parts: tuple[Part, ...]) -> list[Entry]:
    return [each for each in indexed(parts) if not each[1].endswith(_BALLOTS)]


def ballots(parts: tuple[Part, ...]) -> Iterator[Entry]:
    """The ballots and openings in some bundles, with their indexes."""
    return (each for each in indexed(parts) if each[1].endswith(_BALLOTS))


def indexed(parts: tuple[Part, ...]) -> Iterator[Entry]:
    """The entries of some bundles, with their indexes."""
    for part in parts:
        yield from enumerate(entries_of(part), start=part.number * WIDTH)

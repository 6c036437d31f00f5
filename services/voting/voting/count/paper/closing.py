"""When all papers of a round are in, and what they come to. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.events.paper import PapersClosed, VoidPaper
from shared.refusal import Refusal
from voting.count.paper.batches import BoxOpen
from voting.count.tables import Round


class NoPaper(Refusal):
    """Nobody votes on paper in this round: its charter does not say so."""

    code = "no_paper"


class PapersIn(Refusal):
    """All papers of this round were said to be in: none follows, and none is annulled."""

    code = "papers_in"


class BatchesOpen(Refusal):
    """A batch of this round is still being entered."""

    code = "batches_open"


class MarksMissing(Refusal):
    """The roll has not said yet how many people it marked as voting on paper."""

    code = "marks_missing"


class MoreStubsThanMarked(Refusal):
    """There are more stubs than people whom the roll marked as voting on paper."""

    code = "more_stubs_than_marked"


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch, as count keeps it."""

    batch_id: UUID
    round_id: UUID
    number: int
    place: str
    stubs: int
    state: str
    ballots: int | None
    void: dict[VoidPaper, int] | None
    locked_event: UUID | None


def check_takes_papers(row: Round) -> None:
    """Whether papers of this round can still be entered, or annulled. Raises `NoPaper`,
    `PapersIn`."""
    if not row.paper:
        raise NoPaper(f"nobody votes on paper in round {row.round_id}")
    if row.papers_event is not None or row.state not in ("open", "closed"):
        raise PapersIn(f"round {row.round_id} takes no papers: it is {row.state}, or all are in")


def check_box_closed(row: Round) -> None:
    """Raises `BoxOpen`: whoever votes until then knows of no paper."""
    if row.box_event is None:
        raise BoxOpen(f"the ballot box of round {row.round_id} is not closed yet")


def summed(row: Round, batches: Sequence[Batch]) -> dict[str, Any]:
    """What two officers say by saying that all papers are in. Raises `NoPaper`, `PapersIn`,
    `BoxOpen`, `BatchesOpen`, `MarksMissing`, `MoreStubsThanMarked`."""
    check_takes_papers(row)
    check_box_closed(row)
    if opened := [batch.number for batch in batches if batch.state == "open"]:
        raise BatchesOpen(f"batches {', '.join(map(str, opened))} are still being entered")
    locked = [batch for batch in batches if batch.state == "locked"]
    stubs = sum(batch.stubs for batch in locked)
    if row.marked is None:
        raise MarksMissing(f"the roll has not said who was marked in round {row.round_id}")
    if stubs > row.marked:
        raise MoreStubsThanMarked(f"{stubs} stubs, {row.marked} people were marked on the roll")
    void = Counter[str]()
    for batch in locked:
        void.update(batch.void or {})
    return {
        "round_id": str(row.round_id),
        "batches": len(locked),
        "stubs": stubs,
        "ballots": sum(batch.ballots or 0 for batch in locked),
        "void": dict(sorted(void.items())),
        "marked": row.marked,
    }


def papers_closed(
    sums: dict[str, Any], officers: tuple[UUID, UUID], last_number: int
) -> PapersClosed:
    """The event of all papers being in."""
    said = {name: value for name, value in sums.items() if name != "marked"}
    return PapersClosed.model_validate({**said, "officers": officers, "last_number": last_number})

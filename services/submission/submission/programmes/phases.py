"""When a phase is open, which phases are due, and which other window one may be given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.charters import CharterRefused
from shared.charters.form import PHASES
from shared.charters.sense import phases_out_of_order
from shared.events import charter
from shared.refusal import Refusal
from submission.programmes.tables import Phase


class PhaseNotOpen(Refusal):
    """What was asked for is possible only while its phase is open."""

    code = "phase_not_open"


class PhaseFixed(Refusal):
    """A phase cannot be re-dated any more: what depends on it has happened."""

    code = "phase_fixed"


class PhaseUnknown(Refusal):
    """The programme has no phase of this name."""

    code = "phase_unknown"


class LabellingNotOver(Refusal):
    """Projects can still be labelled: the options are not known yet."""

    code = "labelling_not_over"


@dataclass(frozen=True, slots=True)
class Change:
    """A phase opens or closes."""

    phase: Phase
    to: Literal["open", "closed"]
    due: datetime


def is_open(phase: Phase, now: datetime) -> bool:
    """Whether a phase was announced as open and has not reached its end."""
    return phase.state == "open" and now < phase.closes_at


def check_open(phase: Phase, now: datetime) -> None:
    """Raises `PhaseNotOpen` unless the phase was announced as open and has not reached its end.

    The first makes the ledger's order right: an act stands behind the opening that allowed it.
    """
    if not is_open(phase, now):
        raise PhaseNotOpen(
            f"the phase {phase.name} is from {_said(phase.opens_at)} to"
            f" {_said(phase.closes_at)}; it is {_said(now)}"
        )


def due_changes(phases: Iterable[Phase], now: datetime) -> list[Change]:
    """What has to be announced by now, in the order in which it was due.

    A phase whose whole window has passed opens and closes: the ledger shows both. At one instant,
    what closes comes first, then the order of the year.
    """
    found = []
    for phase in phases:
        if phase.state == "coming" and phase.opens_at <= now:
            found.append(Change(phase, "open", phase.opens_at))
        if phase.state != "closed" and phase.closes_at <= now:
            found.append(Change(phase, "closed", phase.closes_at))
    return sorted(found, key=lambda c: (c.due, c.to != "closed", PHASES.index(c.phase.name)))


def check_labelling_over(phases: Iterable[Phase]) -> None:
    """Raises `LabellingNotOver` while a project may still get its label or be refused one."""
    for phase in phases:
        if phase.name == "labelling" and phase.state != "closed":
            raise LabellingNotOver(f"labelling ends at {_said(phase.closes_at)}")


def redated(
    phases: Sequence[Phase],
    name: str,
    opens_at: datetime,
    closes_at: datetime,
    *,
    edition: str,
    now: datetime,
    frozen_for: UUID | None,
) -> str:
    """The state that a phase has with another window, where it may have it.

    Nothing moves once the options are frozen: every phase before it has led to them, and ballots
    depend on the vote's. What has opened has opened; what has closed may open again. Raises
    `PhaseFixed`, `PhaseUnknown`, and `CharterRefused` where the charter would have been refused.
    """
    if frozen_for is not None:
        raise PhaseFixed(f"the options are frozen for round {frozen_for}: no phase moves any more")
    found = [phase for phase in phases if phase.name == name]
    if not found:
        raise PhaseUnknown(f"there is no phase {name}")
    [phase] = found
    if phase.state == "open" and opens_at != phase.opens_at:
        raise PhaseFixed(f"the phase {name} opened at {_said(phase.opens_at)}; only its end moves")
    if phase.state != "open" and closes_at <= now:
        raise PhaseFixed(f"it is {_said(now)}: nothing could happen until {_said(closes_at)}")
    windows = [
        charter.Phase.model_validate(
            {
                "name": each.name,
                "opens_at": opens_at if each.name == name else each.opens_at,
                "closes_at": closes_at if each.name == name else each.closes_at,
            }
        )
        for each in phases
    ]
    if problems := list(phases_out_of_order(windows, edition)):
        raise CharterRefused(problems)
    return "open" if phase.state == "open" else "coming"


def _said(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"

"""When a phase is open, which phases are due, and which other window one may be given."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.refusal import Refusal
from submission.programmes.tables import Phase

PHASES = ("ideas", "counters", "dossiers", "labelling", "vote")


class PhaseNotOpen(Refusal):
    """What was asked for is possible only while its phase is open."""

    code = "phase_not_open"


@dataclass(frozen=True, slots=True)
class Change:
    """A phase opens or closes."""

    phase: Phase
    to: Literal["open", "closed"]
    due: datetime


def check_open(phase: Phase, now: datetime) -> None:
    """Raises `PhaseNotOpen` unless the phase was announced as open and has not reached its end.

    The first makes the ledger's order right: an act stands behind the opening that allowed it.
    """
    if phase.state != "open" or now >= phase.closes_at:
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


def _said(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"

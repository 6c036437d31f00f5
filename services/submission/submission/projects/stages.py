"""Where a project stands, after each event of its life, and what comes next."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from submission.programmes.tables import Phase

Stage = Literal[
    "idea",
    "asked",
    "placed",
    "guided",
    "dossier",
    "incomplete",
    "complete",
    "labelled",
    "refused",
    "funded",
    "not-funded",
    "agreement",
]
STAGES: tuple[Stage, ...] = Stage.__args__  # type: ignore[attr-defined]

# What an event's type says, without publisher and version, to where it leads.
_LEADS: dict[str, Stage] = {
    "idea-deposited": "idea",
    "handoff-requested": "asked",
    "handoff-accepted": "placed",
    "handoff-declined": "idea",
    "handoff-missed": "idea",
    "handoff-attended": "guided",
    "dossier-filed": "dossier",
    "dossier-amended": "dossier",
    "project-labelled": "labelled",
    "label-refused": "refused",
    "agreement-signed": "agreement",
}
# A further counter changes nothing for whoever was guided already.
_BEFORE_GUIDED = {"idea", "asked", "placed"}
# What a project waits for, by stage: the phase that allows it, and whose turn it is.
_NEXT: dict[Stage, tuple[str, Literal["carrier", "officer", "voters"]]] = {
    "idea": ("counters", "carrier"),
    "asked": ("counters", "officer"),
    "placed": ("counters", "carrier"),
    "guided": ("dossiers", "carrier"),
    "dossier": ("labelling", "officer"),
    "incomplete": ("dossiers", "carrier"),
    "complete": ("labelling", "officer"),
    "labelled": ("vote", "voters"),
}


class Next(NamedTuple):
    """What comes next: in which phase, whose turn it is, and when the phase opens and closes."""

    phase: str
    turn: Literal["carrier", "officer", "voters"]
    opens_at: datetime
    closes_at: datetime


def stage_after(stage: str, event: str, *, good: bool = True) -> str:
    """The stage of a project after an event of its life.

    `good` says how the event went where it may go either way: whether nothing was missing, or
    whether the project was funded.
    """
    match event:
        case "dossier-reviewed":
            return "complete" if good else "incomplete"
        case "option-decided":
            return "funded" if good else "not-funded"
    if event.startswith("handoff-") and stage not in _BEFORE_GUIDED:
        return stage
    return _LEADS.get(event, stage)


def next_of(stage: str, phases: Sequence[Phase]) -> Next | None:
    """What a project waits for; None where its way has ended."""
    name, turn = _NEXT.get(stage, (None, None))  # type: ignore[call-overload]
    for phase in phases:
        if phase.name == name:
            return Next(phase.name, turn, phase.opens_at, phase.closes_at)
    return None

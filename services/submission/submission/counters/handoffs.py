"""The handoff of an idea between desks: one small state machine.

A handoff is requested of a desk, or of a session of one. Each act leads from a state to one other,
and every other act is refused (`HandoffDecided`):

=========  ==========  ==========  ==========  ==========  ==========  ==========
act        requested   accepted    awaiting    scheduled   missed      attended
=========  ==========  ==========  ==========  ==========  ==========  ==========
accept     accepted    –           –           –           –           –
schedule   scheduled   scheduled   scheduled   scheduled   scheduled   –
wait       awaiting    awaiting    –           –           awaiting    –
redirect   redirected  redirected  redirected  –           –           –
decline    returned    returned    returned    –           –           –
attend     –           –           –           attended    –           –
miss       –           –           –           missed      –           –
give_back  –           returned    –           –           returned    returned
deadline   returned    returned    returned    returned    returned    returned
withdraw   returned    returned    returned    returned    returned    –
cancel     returned    returned    returned    accepted    returned    –
=========  ==========  ==========  ==========  ==========  ==========  ==========

What is accepted waits for a session, or is handed back when the desk has guided it without one. A
place is given (`schedule`) or waited for (`wait`); `cancel` is the session's. `deadline` comes by
itself: whatever a desk leaves lying goes back to its carrier. Whoever redirects makes the handoff
to the next desk in the same breath, so that an idea whose handoff is not at its end is at exactly
one desk (`redirected` and `returned` are ends).
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal
from uuid import UUID

from shared.events.handoffs import Cause
from shared.refusal import Refusal
from submission.counters.tables import Handoff
from submission.gatherings.tables import Gathering

type State = Literal[
    "requested",
    "accepted",
    "awaiting",
    "scheduled",
    "attended",
    "missed",
    "redirected",
    "returned",
]
type Act = Literal[
    "accept",
    "schedule",
    "wait",
    "redirect",
    "decline",
    "attend",
    "miss",
    "give_back",
    "deadline",
    "withdraw",
    "cancel",
]

ENDS: Final = frozenset({"redirected", "returned"})
# An idea at one of these has its answer: its carrier can ask the next counter.
ANSWERED: Final = frozenset({"attended", "missed"})
STEPS: Final[Mapping[str, Mapping[str, State]]] = MappingProxyType(
    {
        "requested": {
            "accept": "accepted",
            "schedule": "scheduled",
            "wait": "awaiting",
            "redirect": "redirected",
            "decline": "returned",
            "deadline": "returned",
            "withdraw": "returned",
            "cancel": "returned",
        },
        "accepted": {
            "schedule": "scheduled",
            "wait": "awaiting",
            "redirect": "redirected",
            "decline": "returned",
            "give_back": "returned",
            "deadline": "returned",
            "withdraw": "returned",
            "cancel": "returned",
        },
        "awaiting": {
            "schedule": "scheduled",
            "redirect": "redirected",
            "decline": "returned",
            "deadline": "returned",
            "withdraw": "returned",
            "cancel": "returned",
        },
        "scheduled": {
            "schedule": "scheduled",
            "attend": "attended",
            "miss": "missed",
            "deadline": "returned",
            "withdraw": "returned",
            "cancel": "accepted",
        },
        "missed": {
            "schedule": "scheduled",
            "wait": "awaiting",
            "give_back": "returned",
            "deadline": "returned",
            "withdraw": "returned",
            "cancel": "returned",
        },
        "attended": {"give_back": "returned", "deadline": "returned"},
        "redirected": {},
        "returned": {},
    }
)


class CounterUnknown(Refusal):
    """No counter of this programme has this id."""

    code = "counter_unknown"


class HandoffUnknown(Refusal):
    """No handoff has this id."""

    code = "handoff_unknown"


class CounterFull(Refusal):
    """All places of a counter are given."""

    code = "counter_full"


class CounterOver(Refusal):
    """The counter has taken place, or will not."""

    code = "counter_over"


class CounterNotBegun(Refusal):
    """Nobody was there, or stayed away, before a counter begins."""

    code = "counter_not_begun"


class HandoffWaiting(Refusal):
    """The idea has asked a desk, or has a place at a counter: it asks one after the other."""

    code = "handoff_waiting"


class HandoffDecided(Refusal):
    """A handoff is not in a state from which this step leads on."""

    code = "handoff_decided"


class MissedTooOften(Refusal):
    """The carrier has stayed away from as many counters as the charter allows."""

    code = "missed_too_often"


def step(state: str, act: Act) -> State:
    """The state that an act leads to. Raises `HandoffDecided`."""
    found = STEPS[state].get(act)
    if found is None:
        raise HandoffDecided(f"the handoff is {state}: {act.replace('_', ' ')} leads nowhere")
    return found


def may(state: str, act: Act) -> bool:
    """Whether an act leads on from a state."""
    return act in STEPS[state]


def cause_of(state: str, act: Act) -> Cause:
    """Why an act that leads back to the carrier does so."""
    match act:
        case "decline":
            return "declined"
        case "withdraw":
            return "withdrawn"
        case "cancel":
            return "cancelled"
    if state == "missed":
        return "missed"
    return "done" if state == "attended" or act == "give_back" else "unanswered"


def read_counter(written: str) -> UUID:
    """Which counter was chosen. Raises `CounterUnknown`."""
    try:
        return UUID(written)
    except ValueError:
        raise CounterUnknown(f"{written[:40]!r} is no counter") from None


def check_asking(waiting: Handoff | None) -> None:
    """An idea asks one desk after the other. Raises `HandoffWaiting`."""
    if waiting is not None and waiting.state not in ANSWERED:
        raise HandoffWaiting(f"the idea is {waiting.state} in handoff {waiting.handoff_id}")


def check_coming(gathering: Gathering, now: datetime) -> None:
    """Raises `CounterOver` where nobody can come to a counter any more."""
    if gathering.state != "announced":
        raise CounterOver(f"the counter is {gathering.state}")
    if now >= gathering.ends_at:
        raise CounterOver(f"the counter ended at {gathering.ends_at:%Y-%m-%d %H:%M} UTC")


def check_missed(missed: int, most: int | None) -> None:
    """Raises `MissedTooOften`."""
    if most is not None and missed >= most:
        raise MissedTooOften(f"{missed} counters were missed, {most} at most are borne")


def check_begun(gathering: Gathering, now: datetime, *, rehearsal: bool) -> None:
    """That a carrier came or not is known once the counter has begun; a rehearsal does not wait.

    Raises `CounterNotBegun`.
    """
    if now < gathering.begins_at and not rehearsal:
        raise CounterNotBegun(f"the counter begins at {gathering.begins_at:%Y-%m-%d %H:%M} UTC")

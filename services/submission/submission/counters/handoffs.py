"""The handoff of an idea to a counter: asked for, accepted or declined, attended or missed."""

from datetime import datetime
from uuid import UUID

from shared.refusal import Refusal
from submission.counters.tables import Gathering, Handoff


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
    """The counter has taken place."""

    code = "counter_over"


class CounterNotBegun(Refusal):
    """Nobody was there, or stayed away, before a counter begins."""

    code = "counter_not_begun"


class HandoffWaiting(Refusal):
    """The idea has asked a counter, or has a place at one: it asks one after the other."""

    code = "handoff_waiting"


class HandoffDecided(Refusal):
    """A handoff is not in the state from which this step leads on."""

    code = "handoff_decided"


def read_counter(written: str) -> UUID:
    """Which counter was chosen. Raises `CounterUnknown`."""
    try:
        return UUID(written)
    except ValueError:
        raise CounterUnknown(f"{written[:40]!r} is no counter") from None


def check_request(gathering: Gathering, taken: int, waiting: Handoff | None, now: datetime) -> None:
    """Whoever asks may still get a place; more may ask than there are places, and then wait.

    Raises `HandoffWaiting`, `CounterOver`, `CounterFull`.
    """
    if waiting is not None:
        raise HandoffWaiting(f"the idea is {waiting.state} at counter {waiting.gathering_id}")
    _check_room(gathering, taken, now)


def check_accept(handoff: Handoff, gathering: Gathering, taken: int, now: datetime) -> None:
    """Raises `HandoffDecided`, `CounterOver`, `CounterFull`."""
    _check_state(handoff, "requested")
    _check_room(gathering, taken, now)


def check_decline(handoff: Handoff) -> None:
    """Raises `HandoffDecided`."""
    _check_state(handoff, "requested")


def check_mark(handoff: Handoff, gathering: Gathering, now: datetime, *, rehearsal: bool) -> None:
    """That a carrier came or not is known once the counter has begun; a rehearsal does not wait.

    Raises `HandoffDecided`, `CounterNotBegun`.
    """
    _check_state(handoff, "accepted")
    if now < gathering.begins_at and not rehearsal:
        raise CounterNotBegun(f"the counter begins at {gathering.begins_at:%Y-%m-%d %H:%M} UTC")


def _check_state(handoff: Handoff, wanted: str) -> None:
    if handoff.state != wanted:
        raise HandoffDecided(f"the handoff is {handoff.state}, not {wanted}")


def _check_room(gathering: Gathering, taken: int, now: datetime) -> None:
    if now >= gathering.ends_at:
        raise CounterOver(f"the counter ended at {gathering.ends_at:%Y-%m-%d %H:%M} UTC")
    if taken >= gathering.capacity:
        raise CounterFull(f"{taken} of {gathering.capacity} places are given")

"""The desks of a charter: which takes an idea first, who works there, and until when it answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from shared.events.charter import CharterRules
from shared.events.scheme import Desk
from shared.people import Person, Role
from shared.refusal import Refusal
from shared.rules.places import around
from submission.deadlines.durations import earlier, later
from submission.gatherings.tables import Gathering

# Where a charter names no desk, its counters are one.
COUNTERS: Final = Desk(name="counters", fr="Comptoirs", en="Counters", role="adviser")
ANSWER, REMIND = "10 days", "3 days"
# So long before a session, whoever has a place there is reminded of it.
REMIND_SESSION: Final = "1 days"
# So long after a session its host says who came, and so long an idea stays with who guided it.
TO_MARK, TO_GIVE_BACK = timedelta(days=7), timedelta(days=14)


class DeskUnknown(Refusal):
    """The charter has no desk of this name that an idea can be handed to."""

    code = "desk_unknown"


class CounterElsewhere(Refusal):
    """A session is another desk's, which gives its places: an idea is handed on to that desk."""

    code = "counter_elsewhere"


def desk_of(rules: CharterRules, name: str | None) -> Desk:
    """Where something is: at a desk of the charter, else at the one of all counters."""
    return next((each for each in rules.desks or () if each.name == name), COUNTERS)


def declared(rules: CharterRules, written: str) -> Desk:
    """A desk that the charter names. Raises `DeskUnknown`."""
    for each in rules.desks or ():
        if each.name == written:
            return each
    raise DeskUnknown(f"the charter has no desk {written[:60]!r}")


def entries(rules: CharterRules, territory: str) -> Sequence[Desk]:
    """The desks that an idea of a territory can ask without a session: the first one there, or,
    where none is, each that advises there. A desk of a territory is there for all that lies within
    it."""
    desks, places = rules.desks or (), {*around(territory, rules.territories)}
    here = [each for each in desks if not each.territories or places & {*each.territories}]
    first = [each for each in here if each.first]
    return first or [each for each in here if each.role == "adviser"]


def entry(rules: CharterRules, territory: str, written: str) -> Desk:
    """The desk that an idea asks. Raises `DeskUnknown`."""
    for each in entries(rules, territory):
        if each.name == written:
            return each
    raise DeskUnknown(f"an idea of {territory} asks no desk {written[:60]!r}")


def desk_of_session(rules: CharterRules, gathering: Gathering) -> str | None:
    """The desk that answers for a session: its own, else the first that advises in its territory,
    else the first of all."""
    return answering_for(rules, gathering.desk, gathering.territory)


def answering_for(rules: CharterRules, desk: str | None, territory: str) -> str | None:
    """The same, of a session of a desk, or of none, in a territory."""
    if desk is not None or not rules.desks:
        return desk
    near = [*entries(rules, territory), *rules.desks]
    return near[0].name


def gives_places(rules: CharterRules, desk: str | None, of: str | None, territory: str) -> bool:
    """Whether a desk gives the places of a session of a desk, or of none, in a territory."""
    return desk in (of, answering_for(rules, of, territory))


def check_desk_of(rules: CharterRules, desk: str | None, gathering: Gathering) -> None:
    """A session's places are given by its desk alone. Raises `CounterElsewhere`."""
    if not gives_places(rules, desk, gathering.desk, gathering.territory):
        its = desk_of(rules, desk_of_session(rules, gathering)).name
        raise CounterElsewhere(
            f"the counter is the desk {its}'s, the idea is at {desk_of(rules, desk).name}:"
            " it is handed on first"
        )


def others(rules: CharterRules, desk: str | None) -> Sequence[Desk]:
    """The desks that a desk can hand an idea on to."""
    return [each for each in rules.desks or () if each.name != desk]


def next_desk(rules: CharterRules, desk: str | None, written: str) -> Desk:
    """The desk that an idea is handed on to. Raises `DeskUnknown`."""
    for each in others(rules, desk):
        if each.name == written:
            return each
    raise DeskUnknown(f"{written[:60]!r} is no other desk of the charter")


def role_of(desk: Desk) -> Role:
    """What its officers are."""
    return Role(desk.role)


def territories_of(desk: Desk, territory: str) -> Sequence[str]:
    """Where an officer of a desk works on what comes from a territory: a desk of some territories
    answers for them all."""
    return desk.territories or (territory,)


def works_at(officer: Person, programme_id: UUID, desk: Desk, territory: str) -> bool:
    """Whether somebody is an officer of a desk, for what comes from a territory."""
    role = role_of(desk)
    return any(officer.may(role, programme_id, each) for each in territories_of(desk, territory))


def check_works_at(officer: Person, programme_id: UUID, desk: Desk, territory: str) -> None:
    """Raises `Forbidden`."""
    if not works_at(officer, programme_id, desk, territory):
        officer.check(role_of(desk), programme_id, territories_of(desk, territory)[0])


def answer_by(desk: Desk, now: datetime, gathering: Gathering | None = None) -> datetime:
    """Until when a desk answers: before a session that was asked for is over."""
    due = later(now, desk.answer or ANSWER)
    return due if gathering is None else min(due, max(gathering.ends_at, now))


def remind_at(rules: CharterRules, begins_at: datetime) -> datetime:
    """When whoever has a place at a session is reminded of it."""
    said = rules.counters.remind if rules.counters is not None else None
    return earlier(begins_at, said or REMIND_SESSION)

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
# So long after a session its host says who came, and so long an idea stays with who guided it.
TO_MARK, TO_GIVE_BACK = timedelta(days=7), timedelta(days=14)


class DeskUnknown(Refusal):
    """The charter has no desk of this name that an idea can be handed to."""

    code = "desk_unknown"


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
    """The desks that an idea of a territory can ask without a session: the first, or, where none
    is, each that advises there. A desk of a territory is there for all that lies within it."""
    desks = rules.desks or ()
    first = [each for each in desks if each.first]
    open_to = first or [each for each in desks if each.role == "adviser"]
    places = {*around(territory, rules.territories)}
    return [each for each in open_to if not each.territories or places & {*each.territories}]


def entry(rules: CharterRules, territory: str, written: str) -> Desk:
    """The desk that an idea asks. Raises `DeskUnknown`."""
    for each in entries(rules, territory):
        if each.name == written:
            return each
    raise DeskUnknown(f"an idea of {territory} asks no desk {written[:60]!r}")


def desk_of_session(rules: CharterRules, gathering: Gathering) -> str | None:
    """The desk that answers for a session: its own, else the first that advises in its territory,
    else the first of all."""
    if gathering.desk is not None or not rules.desks:
        return gathering.desk
    near = [*entries(rules, gathering.territory), *rules.desks]
    return near[0].name


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


def remind_at(desk: Desk, due_at: datetime) -> datetime:
    """When it is said that something is due soon."""
    return earlier(due_at, desk.remind or REMIND)

"""Which desk answers for what, who works there, and until when."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.charters.check import charter
from shared.charters.reading import read_yaml
from shared.events.charter import CharterRules
from shared.events.scheme import Counters
from shared.people.roles import Forbidden, Grant, Person, Role
from submission.counters.desks import (
    COUNTERS,
    CounterElsewhere,
    DeskUnknown,
    answer_by,
    check_desk_of,
    check_works_at,
    desk_of,
    desk_of_session,
    entries,
    entry,
    next_desk,
    remind_at,
)
from submission.deadlines.durations import earlier, later
from tests.shared.charters.broken import BUDGET
from tests.submission.counters.desks import ARRAGEOIS, ARTOIS, DESKS, RECEPTION
from tests.submission.counters.test_places import NOON, session
from tests.submission.editions import edition

PROGRAMME = UUID(int=3)
BARE: CharterRules = edition().rules
RULES = BARE.model_copy(update={"desks": DESKS})


def test_where_the_charter_names_no_desk_the_counters_are_one() -> None:
    assert desk_of(BARE, None) == COUNTERS
    assert not entries(BARE, "artois")
    assert desk_of_session(BARE, session(1)) is None
    with pytest.raises(DeskUnknown):
        next_desk(BARE, None, "reception")


def test_ideas_come_to_the_first_desk_or_to_those_that_advise_there() -> None:
    assert entries(RULES, "artois") == [RECEPTION]
    without = BARE.model_copy(update={"desks": (ARTOIS, ARRAGEOIS)})
    assert entries(without, "calaisis") == [ARTOIS]
    assert not entries(without, "boulonnais")
    with pytest.raises(DeskUnknown, match="boulonnais"):
        entry(without, "boulonnais", "artois-desk")
    assert desk_of_session(without, session(1)) == "artois-desk"


def test_a_first_desk_of_some_territories_leaves_the_others_to_those_that_advise_there() -> None:
    budget = charter(read_yaml(BUDGET)).rules
    assert [each.name for each in entries(budget, "north")] == ["north"]
    for elsewhere in ("south", "all"):
        assert [each.name for each in entries(budget, elsewhere)] == ["south"]


def test_a_desk_gives_the_places_of_its_own_sessions_alone() -> None:
    its, nobodys = session(1), session(1)
    its.desk = "artois-desk"
    check_desk_of(RULES, "artois-desk", its)
    check_desk_of(RULES, "reception", nobodys)
    with pytest.raises(CounterElsewhere, match="artois-desk's, the idea is at arrageois-desk"):
        check_desk_of(RULES, "arrageois-desk", its)
    check_desk_of(BARE, None, session(1))


def test_a_desk_hands_on_to_others_alone() -> None:
    assert next_desk(RULES, "reception", "artois-desk") == ARTOIS
    for wrong in ("reception", "nowhere", ""):
        with pytest.raises(DeskUnknown):
            next_desk(RULES, "reception", wrong)


@pytest.mark.parametrize(
    ("role", "territory", "desk", "works"),
    [
        (Role.ADVISER, "artois", ARTOIS, True),
        (Role.ADVISER, "calaisis", ARTOIS, True),
        (Role.ADVISER, None, ARTOIS, True),
        (Role.ADVISER, "arrageois", ARTOIS, False),
        (Role.INSTRUCTOR, None, ARTOIS, False),
        (Role.ADVISER, None, RECEPTION, False),
        (Role.INSTRUCTOR, "artois", RECEPTION, True),
        (Role.INSTRUCTOR, "calaisis", RECEPTION, False),
    ],
)
def test_who_works_at_a_desk_has_its_role_in_one_of_its_territories(
    role: Role, territory: str | None, desk: object, works: bool
) -> None:
    officer = Person(UUID(int=4), "officer", grants=(Grant(role, PROGRAMME, territory),))
    found = next(each for each in DESKS if each == desk)
    if works:
        check_works_at(officer, PROGRAMME, found, "artois")
    else:
        with pytest.raises(Forbidden):
            check_works_at(officer, PROGRAMME, found, "artois")


def test_a_desk_answers_in_its_time_and_before_the_session_is_over() -> None:
    assert answer_by(RECEPTION, NOON) == NOON + timedelta(days=2)
    assert answer_by(ARTOIS, NOON) == NOON + timedelta(days=10)
    assert answer_by(ARTOIS, NOON, session(1)) == NOON + timedelta(hours=2)
    after = NOON + timedelta(days=1)
    assert answer_by(ARTOIS, after, session(1)) == after, "it is over: what is asked is due now"


def test_a_session_is_said_as_long_before_as_the_charter_says_or_a_day() -> None:
    said = RULES.model_copy(update={"counters": Counters(remind="36 hours")})
    assert remind_at(said, NOON) == NOON - timedelta(hours=36)
    for silent in (RULES, RULES.model_copy(update={"counters": Counters(most_missed=2)})):
        assert remind_at(silent, NOON) == NOON - timedelta(days=1)


def test_days_and_months_are_those_of_the_calendar_of_paris() -> None:
    spring = datetime(2027, 3, 27, 11, tzinfo=UTC)
    assert later(spring, "1 days") == datetime(2027, 3, 28, 10, tzinfo=UTC), "clocks went forward"
    assert later(spring, "24 hours") == datetime(2027, 3, 28, 11, tzinfo=UTC)
    last = datetime(2027, 1, 31, 12, tzinfo=UTC)
    assert later(last, "1 months") == datetime(2027, 2, 28, 12, tzinfo=UTC)
    assert later(last, "13 months") == datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert later(last, "2 years") == datetime(2029, 1, 31, 12, tzinfo=UTC)
    assert earlier(last, "2 months") == datetime(2026, 11, 30, 12, tzinfo=UTC)


@given(
    st.integers(-200_000_000, 200_000_000).map(lambda seconds: NOON + timedelta(seconds=seconds)),
    st.integers(1, 100),
    st.sampled_from(["seconds", "minutes", "hours", "days", "months", "years"]),
)
def test_later_is_later(moment: datetime, number: int, unit: str) -> None:
    duration = f"{number} {unit}"
    assert later(moment, duration) > moment > earlier(moment, duration)
    assert later(moment, duration) <= later(moment, f"{number + 1} {unit}")

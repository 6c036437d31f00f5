"""The rules that hold a registration: by numbers alone, and none where there is nothing to see."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.screening import Screening
from voting.roll.anomalies import Seen, grounds, is_night
from voting.roll.networks import block, connection

FIGURES = Screening()
QUIET = Seen(from_address=1, with_telephone=1, age_run=1, at_night=None, registrations=1000)


def found(seen: Seen, *, known: bool = False, figures: Screening = FIGURES) -> list[str]:
    return list(grounds(seen, figures, known=known))


def test_most_registrations_pass() -> None:
    assert found(QUIET) == []
    at_most = Seen(
        from_address=FIGURES.burst,
        with_telephone=FIGURES.voters_a_phone,
        age_run=FIGURES.age_run,
        at_night=200,
        registrations=1000,
    )
    assert found(at_most) == []


@pytest.mark.parametrize(
    ("seen", "ground"),
    [
        (replace(QUIET, with_telephone=FIGURES.voters_a_phone + 1), "telephone"),
        (replace(QUIET, from_address=FIGURES.burst + 1), "burst"),
        (replace(QUIET, age_run=FIGURES.age_run + 1), "age-run"),
        (replace(QUIET, at_night=201), "night"),
    ],
)
def test_one_more_than_the_charter_says_is_held_on_that_ground_alone(
    seen: Seen, ground: str
) -> None:
    assert found(seen) == [ground]
    assert found(seen, figures=Screening.rehearsed()) == ([ground] if ground == "telephone" else [])
    assert found(seen, known=True) == ["identity", ground]


def test_a_share_of_few_says_nothing() -> None:
    few = replace(QUIET, at_night=FIGURES.night_least - 1, registrations=FIGURES.night_least - 1)
    assert found(few) == []
    assert found(replace(few, at_night=50, registrations=50)) == ["night"]


def test_a_class_is_neither_a_burst_nor_a_run_and_has_no_more_telephones_than_others() -> None:
    assert found(Seen.in_lesson(1)) == []
    assert found(Seen.in_lesson(3)) == ["telephone"]


@given(
    st.builds(
        Seen,
        from_address=st.integers(0, 20),
        with_telephone=st.integers(0, 9),
        age_run=st.integers(0, 20),
        at_night=st.none() | st.integers(0, 99),
        registrations=st.integers(100, 200),
    ),
    st.booleans(),
)
def test_more_of_anything_never_frees(seen: Seen, known: bool) -> None:
    more = Seen(
        seen.from_address + 1,
        seen.with_telephone + 1,
        seen.age_run + 1,
        None if seen.at_night is None else seen.at_night + 1,
        seen.registrations,
    )
    assert set(found(seen, known=known)) <= set(found(more, known=known))


def test_night_is_that_of_paris() -> None:
    assert is_night(datetime(2026, 7, 1, 23, 0, tzinfo=UTC))  # summer: 1 o'clock
    assert not is_night(datetime(2026, 7, 1, 22, 59, tzinfo=UTC))
    assert not is_night(datetime(2026, 12, 1, 23, 30, tzinfo=UTC))
    assert is_night(datetime(2026, 12, 2, 0, 0, tzinfo=UTC))
    assert not is_night(datetime(2026, 12, 2, 4, 0, tzinfo=UTC))


def test_a_household_is_one_connection_and_neighbours_are_one_block() -> None:
    assert connection("203.0.113.7") != connection("203.0.113.8")
    assert block("203.0.113.7") == block("203.0.113.200") != block("203.0.114.7")
    assert connection("2001:db8:1:2:3::1") == connection("2001:db8:1:2:ffff::9")
    assert connection("2001:db8:1:2::1") != connection("2001:db8:1:3::1")
    assert block("2001:db8:1:2::1") == block("2001:db8:1:ffff::1") != block("2001:db8:2::1")
    assert connection("::ffff:203.0.113.7") == connection(" 203.0.113.7 ")
    assert block("unknown") == block("") == connection("x")

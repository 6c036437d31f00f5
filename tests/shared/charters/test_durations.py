"""How long something takes: on the calendar of Paris, whatever its clocks do in between."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.charters.durations import LAST_YEAR, after, longer, short
from shared.charters.form import PARIS

UNITS = ("seconds", "minutes", "hours", "days", "months", "years")
instants = st.integers(0, 60 * 365 * 86_400).map(
    lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@pytest.mark.parametrize(
    ("duration", "start", "end"),
    [
        ("10 days", "2027-03-20T12:00+01:00", "2027-03-30T12:00+02:00"),
        ("36 hours", "2027-03-27T12:00+01:00", "2027-03-29T01:00+02:00"),
        ("1 months", "2027-01-31T09:00+01:00", "2027-02-28T09:00+01:00"),
        ("24 months", "2028-02-29T09:00+01:00", "2030-02-28T09:00+01:00"),
        ("1 years", "2027-12-31T23:30+01:00", "2028-12-31T23:30+01:00"),
        ("90 seconds", "2027-01-01T00:00+01:00", "2027-01-01T00:01:30+01:00"),
    ],
)
def test_a_duration_ends_when_the_calendar_says(duration: str, start: str, end: str) -> None:
    found = after(duration, datetime.fromisoformat(start))
    assert found == datetime.fromisoformat(end)
    assert found.tzinfo is UTC


@given(st.integers(1, 999), st.sampled_from(UNITS[3:]), instants)
def test_days_and_months_end_at_the_same_time_of_the_clock(
    count: int, unit: str, start: datetime
) -> None:
    here, there = start.astimezone(PARIS), after(f"{count} {unit}", start).astimezone(PARIS)
    assert there > here
    # In the hour that clocks leave out in spring, there is no such time.
    assert there.minute == here.minute and abs(there.hour - here.hour) <= 1


@given(st.integers(7_979, 9999), instants)
def test_what_would_end_after_all_calendars_ends_in_their_last_year(
    count: int, start: datetime
) -> None:
    assert after(f"{count} years", start).year in (LAST_YEAR, LAST_YEAR - 1)


@given(st.integers(1, 7_990), st.sampled_from(UNITS))
def test_nothing_is_longer_than_itself_and_more_of_it_is(count: int, unit: str) -> None:
    one = f"{count} {unit}"
    assert not longer(one, one)
    assert longer(f"{count + 1} {unit}", one)
    assert short(one) == (unit in ("seconds", "minutes"))

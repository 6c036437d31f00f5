"""When what is not paid of a grant is paid no more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.scheme import Funding
from voting.count.funding.lapsing import (
    GROUNDS,
    Ground,
    LapseRefused,
    Standing,
    check_lapse,
    deadline,
    later,
)

THEN = datetime(2027, 1, 31, 12, tzinfo=UTC)
SIGNED = THEN + timedelta(days=10)
TERMS = Funding(sign_within="3 months", begin_within="1 years", finish_within="24 months")
DECIDED = Standing(left=100, validated_at=THEN, signed_at=None)
AGREED = replace(DECIDED, signed_at=SIGNED)


def test_months_are_those_of_the_calendar_in_paris() -> None:
    assert later(THEN, "1 months") == datetime(2027, 2, 28, 12, tzinfo=UTC)
    assert later(THEN, "3 months") == datetime(2027, 4, 30, 11, tzinfo=UTC), "at the same hour"
    assert (
        later(THEN, "24 months") == later(THEN, "2 years") == datetime(2029, 1, 31, 12, tzinfo=UTC)
    )
    assert later(datetime(2028, 2, 29, tzinfo=UTC), "1 years").day == 28
    assert later(datetime(2026, 11, 30, 23, 30, tzinfo=UTC), "2 months") == datetime(
        2027, 1, 31, 23, 30, tzinfo=UTC
    ), "it is December in Paris"
    assert later(THEN, "20 seconds") - THEN == timedelta(seconds=20)
    assert later(datetime(2027, 3, 27, 12, tzinfo=UTC), "1 days").hour == 11


@given(st.integers(0, 20 * 365 * 24), st.integers(1, 60))
def test_a_month_later_is_in_the_month_after(hours: int, many: int) -> None:
    begins = THEN - timedelta(hours=hours)
    after, next_one = later(begins, f"{many} months"), later(begins, f"{many + 1} months")
    assert begins < after < next_one
    assert timedelta(days=28 * many) <= after - begins <= timedelta(days=31 * many, hours=1)


@pytest.mark.parametrize(
    ("ground", "now", "until"),
    [
        ("not-signed", DECIDED, later(THEN, "3 months")),
        ("not-begun", AGREED, later(SIGNED, "1 years")),
        ("not-finished", AGREED, later(SIGNED, "24 months")),
    ],
)
def test_a_grant_lapses_once_its_time_is_over(
    ground: Ground, now: Standing, until: datetime
) -> None:
    check_lapse(TERMS, ground, now, until)
    early = until - timedelta(seconds=1)
    wrong: list[tuple[Funding | None, Standing, datetime]] = [
        (TERMS, now, early),
        (None, now, until),
        (Funding(), now, until),
        (TERMS, replace(now, left=0), until),
    ]
    for terms, standing, at in wrong:
        with pytest.raises(LapseRefused):
            check_lapse(terms, ground, standing, at)


def test_what_was_done_in_time_does_not_lapse() -> None:
    late = later(THEN, "99 years")
    past: dict[Ground, Standing] = {
        "not-signed": AGREED,
        "not-begun": replace(AGREED, begun=True),
        "not-finished": replace(AGREED, finished=True),
    }
    for ground, now in past.items():
        with pytest.raises(LapseRefused, match="not so"):
            check_lapse(TERMS, ground, now, late)
    unsigned: tuple[Ground, ...] = ("not-begun", "not-finished")
    for ground in unsigned:
        with pytest.raises(LapseRefused, match="not so"):
            check_lapse(TERMS, ground, DECIDED, late)


def test_whoever_renounces_may_do_so_at_any_time() -> None:
    for now in (DECIDED, AGREED, replace(AGREED, begun=True, finished=True)):
        check_lapse(None, "renounced", now, THEN)
    with pytest.raises(LapseRefused):
        check_lapse(None, "renounced", replace(AGREED, left=0), THEN)
    waits = replace(DECIDED, left=0, open=True)
    check_lapse(None, "renounced", waits, THEN)
    with pytest.raises(LapseRefused, match="nothing"):
        check_lapse(TERMS, "not-signed", waits, later(THEN, "99 years"))
    assert set(GROUNDS) == {"not-signed", "not-begun", "not-finished", "renounced"}


TIMES = st.none() | st.sampled_from(("20 days", "3 months", "1 years", "24 months"))


@given(
    st.builds(Funding, sign_within=TIMES, begin_within=TIMES, finish_within=TIMES),
    st.builds(
        Standing,
        left=st.sampled_from((0, 100)),
        validated_at=st.just(THEN),
        signed_at=st.sampled_from((None, SIGNED)),
        begun=st.booleans(),
        finished=st.booleans(),
    ),
)
def test_from_its_next_deadline_on_a_grant_may_lapse_and_never_before(
    terms: Funding, now: Standing
) -> None:
    """Except by renouncing: of the grounds that have a time, none is past before."""

    def lapses(ground: Ground, at: datetime) -> bool:
        try:
            check_lapse(terms, ground, now, at)
        except LapseRefused:
            return False
        return True

    timed = [ground for ground in GROUNDS if ground != "renounced"]
    if (found := deadline(terms, now)) is None:
        assert not any(lapses(ground, later(THEN, "99 years")) for ground in timed)
    else:
        assert lapses(found.ground, found.until)
        just_before = found.until - timedelta(seconds=1)
        assert not any(lapses(ground, just_before) for ground in timed)


def test_what_is_not_deliberated_yet_is_to_be_signed_in_time_too() -> None:
    waits = replace(DECIDED, left=0, open=True)
    assert deadline(TERMS, waits) == ("not-signed", later(THEN, "3 months"))
    assert deadline(None, waits) is None

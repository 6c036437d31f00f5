"""What a fund's yearly envelope has left."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from shared.events.scheme import Fund
from voting.count.funding.drawing import can_add, left_of_year, year_of

CENTS = st.integers(0, 30)
DRAWN = st.dictionaries(st.integers(2026, 2029), CENTS, max_size=4)


def test_the_rounds_of_a_year_draw_from_one_envelope() -> None:
    """100,000 EUR: two rounds leave 58,000, then 13,000; a lapse of 12,000 can be given again."""
    fund = Fund(year_amount=100_000_00)
    assert left_of_year(fund, 2027, 2027, {}) == 100_000_00
    assert left_of_year(fund, 2027, 2027, {2027: 42_000_00}) == 58_000_00
    assert left_of_year(fund, 2027, 2027, {2027: 87_000_00}) == 13_000_00
    assert left_of_year(fund, 2027, 2027, {2027: 75_000_00}) == 25_000_00
    assert left_of_year(fund, 2028, 2027, {2027: 87_000_00}) == 100_000_00, "what was left is lost"


def test_what_is_left_comes_on_top_of_the_next_year_where_the_charter_says_so() -> None:
    fund = Fund(year_amount=100, carry="next-year")
    assert left_of_year(fund, 2027, 2027, {2027: 30}) == 70
    assert left_of_year(fund, 2028, 2027, {2027: 30}) == 170
    assert left_of_year(fund, 2029, 2027, {2027: 30, 2028: 150}) == 120
    assert left_of_year(fund, 2027, 2027, {}) == 100, "before its first year there was no fund"


@given(DRAWN, st.sampled_from(("nowhere", "next-year")), CENTS, st.integers(0, 5))
def test_no_year_gives_more_than_it_has(
    drawn: dict[int, int], carry: str, amount: int, gives: int
) -> None:
    """Giving less or nothing changes what is left by as much, and years before it not at all."""
    fund = Fund.model_validate({"year_amount": amount, "carry": carry})
    left = left_of_year(fund, 2028, 2026, drawn)
    given_to = min(left, gives)
    after = drawn | {2028: drawn.get(2028, 0) + given_to}
    assert left_of_year(fund, 2028, 2026, after) == left - given_to
    assert left_of_year(fund, 2027, 2026, after) == left_of_year(fund, 2027, 2026, drawn)
    years = sum(left_of_year(fund, y, 2026, {}) for y in (2028,))
    assert 0 <= left <= years


def test_what_came_on_top_of_a_later_year_and_was_given_there_is_not_given_again() -> None:
    """100 a year: 60 are drawn in 2027, its 40 come on top of 2028, and 2028 gives 120 of 140."""
    fund, drawn = Fund(year_amount=100, carry="next-year"), {2027: 60, 2028: 120}
    assert left_of_year(fund, 2027, 2027, drawn) == 40
    assert can_add(fund, 2027, 2027, drawn) == 20
    assert can_add(fund, 2028, 2027, drawn) == 20
    assert can_add(Fund(year_amount=100), 2027, 2027, {2027: 60, 2028: 100}) == 40
    assert can_add(fund, 2027, 2027, {}) == 100


@given(DRAWN, CENTS, st.integers(2026, 2029))
def test_what_is_added_to_a_year_is_missing_in_each_one_that_it_came_on_top_of(
    drawn: dict[int, int], amount: int, year: int
) -> None:
    """No cent that is added was given before: it is less to give, in every year from then on."""
    fund = Fund(year_amount=amount, carry="next-year")
    added = can_add(fund, year, 2026, drawn)
    after = drawn | {year: drawn.get(year, 0) + added}
    for until in range(year, 2030):
        left = left_of_year(fund, until, 2026, drawn)
        assert left_of_year(fund, until, 2026, after) == left - added


def test_a_year_begins_in_paris() -> None:
    assert year_of(datetime(2026, 12, 31, 22, 59, tzinfo=UTC)) == 2026
    assert year_of(datetime(2026, 12, 31, 23, 0, tzinfo=UTC)) == 2027

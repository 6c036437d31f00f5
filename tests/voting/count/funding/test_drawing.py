"""What a fund's yearly envelope has left."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from shared.events.scheme import Fund
from voting.count.funding.drawing import left_of_year, year_of

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


def test_a_year_begins_in_paris() -> None:
    assert year_of(datetime(2026, 12, 31, 22, 59, tzinfo=UTC)) == 2026
    assert year_of(datetime(2026, 12, 31, 23, 0, tzinfo=UTC)) == 2027

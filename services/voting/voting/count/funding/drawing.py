"""What a fund's envelope of a year has left. Pure: no clock, no rows.

A round draws from the year in which it opens, whenever its result is validated: two rounds of one
fund are never under way at once, so that no cent is given out twice.
"""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.events.scheme import Fund
from shared.refusal import Refusal

PARIS = ZoneInfo("Europe/Paris")


class FundInRound(Refusal):
    """Another round of the fund is under way, or waits for its validation: what it leaves is not
    known yet."""

    code = "fund_in_round"


class YearSpent(Refusal):
    """The fund has nothing left for this year, or less than is to be given."""

    code = "year_spent"


def year_of(moment: datetime) -> int:
    """The year that a moment is in, in Paris."""
    return moment.astimezone(PARIS).year


def left_of_year(fund: Fund, year: int, first: int, drawn: Mapping[int, int]) -> int:
    """The cents that a fund can still give in a year.

    `drawn` has for each year what its validated decisions come to now: what was reduced, or lapsed
    before it was paid, is not in it, and so can be given again. Where the charter carries it over,
    what was left of the year before comes on top, from the fund's `first` year on. It is never
    less than nothing: what was given stays given.
    """
    left = 0
    for each in range(min(first, year), year + 1):
        carried = left if fund.carry == "next-year" else 0
        left = max(0, fund.year_amount + carried - drawn.get(each, 0))
    return left


def can_add(fund: Fund, year: int, first: int, drawn: Mapping[int, int]) -> int:
    """The cents that a year can give beside what it gave; all as in `left_of_year`.

    What it left may have come on top of later years, and been given there: then it is not left
    any more.
    """
    last = max(year, *drawn) if fund.carry == "next-year" and drawn else year
    return min(left_of_year(fund, each, first, drawn) for each in range(year, last + 1))

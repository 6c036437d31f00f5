"""What a round of a fund gives out, in the caller's transaction: one round of it at a time."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.charter import CharterRules
from voting.count import charters
from voting.count.funding import queries
from voting.count.funding.drawing import (
    FundInRound,
    YearSpent,
    can_add,
    left_of_year,
    year_of,
)
from voting.count.tables import Round


class Drawing(NamedTuple):
    """The year whose envelope a round gives out, and what is left of it, in cents."""

    year: int
    left: int


async def drawing(
    session: AsyncSession,
    programme_id: UUID,
    rules: CharterRules,
    body_name: str | None,
    round_id: UUID,
    now: datetime,
) -> Drawing | None:
    """What a round of a fund would give out; None of a round that gives out no fund's money. The
    programme is locked until the transaction ends.

    Raises `FundInRound`, `YearSpent`.
    """
    if not charters.gives_out_fund(rules, body_name):
        return None
    assert rules.fund is not None
    await queries.lock_fund(session, programme_id)
    for other in await queries.under_way(session, programme_id, round_id):
        raise FundInRound(f"round {other['round_id']} is not final: what it leaves is not known")
    opens_at, _ = charters.window(rules, body_name, now)
    year = year_of(max(opens_at, now))
    left = left_of_year(
        rules.fund, year, first_year(rules), await queries.drawn(session, programme_id)
    )
    if not left:
        raise YearSpent(f"nothing is left of the envelope of {year}")
    return Drawing(year, left)


async def draw_anew(session: AsyncSession, row: Round, rules: CharterRules, now: datetime) -> None:
    """A prepared round that opens in another year than it was prepared in gives out that one's
    envelope. Raises `FundInRound`, `YearSpent`."""
    if row.fund_year is None or row.seats is None or year_of(row.opens_at) == row.fund_year:
        return
    name = row.seats["body_name"]
    draws = await drawing(session, row.programme_id, rules, name, row.round_id, now)
    assert draws is not None
    asked = charters.asked(
        row.round_id,
        rules,
        rehearsal=row.rehearsal,
        now=now,
        body_name=name,
        left=draws.left,
    )
    row.fund_year, row.budget = draws.year, asked.rule.budget
    row.rule = asked.rule.model_dump(mode="json", exclude_none=True)


async def check_drawn(
    session: AsyncSession, row: Round, rules: CharterRules | None, *, before: int, amount: int
) -> None:
    """Whether a grant of a fund's round can be of `amount`, where it was of `before`: what rounds
    that are under way give out is not left any more. The programme is locked until the transaction
    ends. Raises `YearSpent`."""
    if row.fund_year is None or rules is None or rules.fund is None or amount <= before:
        return
    await queries.lock_fund(session, row.programme_id)
    # Read before what is final: a round that becomes so meanwhile counts twice, and never not at
    # all.
    under_way = await queries.under_way(session, row.programme_id, row.round_id)
    drawn = await queries.drawn(session, row.programme_id)
    for other in under_way:
        drawn[other["year"]] = drawn.get(other["year"], 0) + other["budget"]
    left = can_add(rules.fund, row.fund_year, first_year(rules), drawn)
    if amount - before > left:
        raise YearSpent(
            f"{amount - before} cents more than before, {left} are left of the"
            f" envelope of {row.fund_year}"
        )


def first_year(rules: CharterRules) -> int:
    """The first year of a charter's fund: nothing was left of a year before it."""
    return year_of(min(phase.opens_at for phase in rules.phases))

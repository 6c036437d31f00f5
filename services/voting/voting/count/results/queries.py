"""The SQL of results."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from voting.count.results.gathered import Gathered
from voting.count.tables import Programme, Round

AT_ONCE = 2000  # rows of ballots


async def voters_by_tier(session: AsyncSession, round_id: UUID) -> dict[str, int]:
    """How many ballot keys each tier has in a round."""
    rows = await (await raw(session)).fetch(
        "select tier, count(*) as voters from ballot where round_id = $1 group by tier", round_id
    )
    return {row["tier"]: row["voters"] for row in rows}


async def gather_ballots(session: AsyncSession, round_id: UUID, into: Gathered) -> None:
    """The ballots of a round that are not void, identical ones together."""
    rows = (await raw(session)).cursor(
        "select choices, said, tier, count(*) as voters from ballot"
        " where round_id = $1 and void is null group by choices, said, tier",
        round_id,
        prefetch=AT_ONCE,
    )
    async for choices, said, tier, voters in rows:
        into.add(choices, said, tier, voters)


async def rounds_listed(
    session: AsyncSession, most: int = 100
) -> Sequence[tuple[Round, Programme]]:
    """The rounds that have been prepared, the one that closes last first, with their programmes."""
    statement = (
        select(Round, Programme)
        .join(Programme, col(Programme.programme_id) == col(Round.programme_id))
        .order_by(col(Round.closes_at).desc(), col(Round.round_id))
        .limit(most)
    )
    return (await session.exec(statement)).all()

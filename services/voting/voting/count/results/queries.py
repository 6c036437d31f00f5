"""The SQL of results."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from voting.count.tables import Programme, Round


async def voters_by_tier(session: AsyncSession, round_id: UUID) -> dict[str, int]:
    """How many ballot keys each tier has in a round."""
    rows = await (await raw(session)).fetch(
        "select tier, count(*) as voters from ballot where round_id = $1 group by tier", round_id
    )
    return {row["tier"]: row["voters"] for row in rows}


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

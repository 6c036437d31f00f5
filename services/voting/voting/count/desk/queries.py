"""The SQL of the desk."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from voting.count.tables import FrozenOptions, Programme, Round


async def rounds_with_charters(
    session: AsyncSession,
) -> Sequence[tuple[FrozenOptions, Programme, Round | None]]:
    """What was frozen under a charter, and the rounds that were prepared of it."""
    statement = (
        select(FrozenOptions, Programme, Round)
        .join(Programme, col(Programme.programme_id) == col(FrozenOptions.programme_id))
        .outerjoin(Round, col(Round.round_id) == col(FrozenOptions.round_id))
        .where(col(Programme.rules).is_not(None))
    )
    return (await session.exec(statement)).all()


async def agreements(session: AsyncSession, rounds: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """How many options of each round are paid, and how many of those have their agreement."""
    rows = await (await raw(session)).fetch(
        "select round_id, count(*) as funded, count(agreement_event) as signed"
        " from option where funded and amount > 0 and round_id = any($1) group by round_id",
        rounds,
    )
    return {row["round_id"]: (row["funded"], row["signed"]) for row in rows}

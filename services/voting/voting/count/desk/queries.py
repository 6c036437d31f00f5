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
    """How many options of each round are given money, or are to be, and how many of those have
    their agreement, or get none any more."""
    rows = await (await raw(session)).fetch(
        "select o.round_id, count(*) as funded,"
        " count(*) filter (where o.agreement_event is not null or g.lapsed is not null) as signed"
        " from option o join round r using (round_id) join programme p using (programme_id)"
        " left join granted g on g.round_id = o.round_id and g.option_id = o.option_id"
        " where o.funded and o.round_id = any($1) and (o.amount > 0 or exists ("
        "  select from jsonb_array_elements(p.rules->'bodies') b"
        "  where b->>'name' = r.seats->>'body_name' and b->>'amounts' = 'deliberated'))"
        " group by o.round_id",
        rounds,
    )
    return {row["round_id"]: (row["funded"], row["signed"]) for row in rows}

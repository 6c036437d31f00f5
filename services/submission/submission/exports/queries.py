"""Every SQL statement of exports; all of one file are asked of one state of the database."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from submission.exports.snapshot import Snapshot
from submission.searching.looked import Looked
from submission.searching.queries import sought

AT_ONCE = 500


async def stand_still(session: AsyncSession) -> None:
    """All that this session asks from now on is of one instant; it has asked nothing yet."""
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


async def snapshot(session: AsyncSession, log: str) -> Snapshot:
    """Of which state of a log everything is that this session reads."""
    found = await (await raw(session)).fetchrow(
        "select coalesce((select number from outbox_number where log = $1), 0) as number,"
        " (select count(*) from outbox where log = $1 and position is null) as waiting,"
        " coalesce((select number from outbox_covered where log = $1), 0) as covered,"
        " coalesce((select size from heard_checkpoint where log = $1), 0) as tree_size,"
        " now() as at",
        log,
    )
    assert found is not None
    return Snapshot(log, **found)


async def projects(
    session: AsyncSession, programme_id: UUID, looked: Looked
) -> AsyncIterator[Sequence[asyncpg.Record]]:
    """The projects that are looked for, some at once, in the order of their deposit."""
    rows, given = sought(programme_id, looked)
    cursor = await (await raw(session)).cursor(
        f"""with found as materialized (
                select project_id, theme, category, standing, deposited_at from {rows})
            select i.project_id, i.territory, f.theme, f.category, i.stage, f.standing,
                   i.deposited_at, p.cost, p.family, coalesce(d.value, t.value) as title,
                   coalesce(e.value, s.value) as summary
            from found f
            join idea i on i.project_id = f.project_id
            join text t on t.content_id = i.title
            join text s on s.content_id = i.summary
            left join project p on p.project_id = i.project_id
            left join text d on d.content_id = p.title
            left join text e on e.content_id = p.summary
            order by f.deposited_at, f.project_id""",
        *given,
    )
    while some := await cursor.fetch(AT_ONCE):
        yield some

"""Every SQL statement about carriers."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from submission.carriers.tables import Carrier


async def carrier(session: AsyncSession, project_id: UUID) -> Carrier | None:
    """Who carries an idea, as it stands."""
    statement = (
        select(Carrier)
        .where(Carrier.project_id == project_id)
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def forget_carrier(session: AsyncSession, project_id: UUID, now: datetime) -> None:
    """Forget name, address and person; what they carried stays."""
    await (await raw(session)).execute(
        "update carrier set resident = null, name = null, address = null, erased_at = $2"
        " where project_id = $1 and erased_at is null",
        project_id,
        now,
    )


async def whom_to_tell(session: AsyncSession, project_id: UUID) -> asyncpg.Record | None:
    """Address, language and the project's title in words; None where they were erased."""
    return await (await raw(session)).fetchrow(
        "select c.address, c.language, coalesce(d.value, t.value) as title"
        " from carrier c join idea i using (project_id)"
        " join text t on t.content_id = i.title"
        " left join project p on p.project_id = c.project_id"
        " left join text d on d.content_id = p.title"
        " where c.project_id = $1 and c.address is not null"
        " and coalesce(d.value, t.value) is not null",
        project_id,
    )


async def carries_nothing(session: AsyncSession, resident: UUID) -> bool:
    """Whether a resident carries nothing any more."""
    found = await (await raw(session)).fetchval(
        "select exists (select from carrier where resident = $1)", resident
    )
    return not found


async def carried_by_names(session: AsyncSession, content_ids: Sequence[str]) -> Sequence[UUID]:
    """The ideas whose carrier's name is among these words, and who is not forgotten yet."""
    rows = await (await raw(session)).fetch(
        "select project_id from idea join carrier using (project_id)"
        " where idea.carrier = any($1) and erased_at is null order by project_id",
        list(content_ids),
    )
    return [row["project_id"] for row in rows]


async def carried_too_long(session: AsyncSession, months: int, most: int) -> Sequence[UUID]:
    """Ideas whose carrier is known still, though their programme's last phase closed so many
    months ago."""
    rows = await (await raw(session)).fetch(
        "select project_id from idea i join carrier c using (project_id)"
        " where c.erased_at is null and not exists (select from phase p"
        " where p.programme_id = i.programme_id"
        " and p.closes_at > now() - make_interval(months => $1))"
        " order by project_id limit $2",
        months,
        most,
    )
    return [row["project_id"] for row in rows]

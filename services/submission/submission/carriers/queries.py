"""Every SQL statement about carriers."""

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

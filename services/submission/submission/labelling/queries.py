"""Every SQL statement about the committee's work."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from submission.tables import Project

_DOSSIERS = """
select p.project_id, p.cost, p.carrier_status, p.documents, p.missing, p.voted_family,
       p.family, p.refused, p.round_id, i.territory, i.stage, i.standing,
       t.value as title, s.value as summary,
       c.value as carrier,
       (select max(e.at) from project_event e
        where e.project_id = p.project_id and e.kind like 'dossier-%') as since
from project p
join idea i using (project_id)
join text t on t.content_id = p.title
left join text s on s.content_id = p.summary
left join text c on c.content_id = p.carrier
where p.programme_id = $1
"""


async def project_for_update(session: AsyncSession, project_id: UUID) -> Project | None:
    """A dossier, locked behind its idea: freezing waits, or has been."""
    statement = (
        select(Project)
        .where(Project.project_id == project_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def dossiers(
    session: AsyncSession,
    programme_id: UUID,
    territory: str = "",
    stage: str = "",
    territories: Sequence[str] | None = None,
) -> Sequence[asyncpg.Record]:
    """The dossiers of a programme: those to review first, then those to decide, oldest first.

    `territories` are those of whoever looks; None stands for all.
    """
    return await (await raw(session)).fetch(
        f"{_DOSSIERS} and ($2 = '' or i.territory = $2) and ($3 = '' or i.stage = $3)"
        " and ($4::text[] is null or i.territory = any($4))"
        " order by i.standing <> 'active',"
        " array_position(array['dossier', 'complete', 'incomplete'], i.stage) nulls last,"
        " since, p.project_id",
        programme_id,
        territory,
        stage,
        territories,
    )


async def dossier(
    session: AsyncSession, programme_id: UUID, project_id: UUID
) -> asyncpg.Record | None:
    """One dossier, with its words."""
    return await (await raw(session)).fetchrow(
        f"{_DOSSIERS} and p.project_id = $2", programme_id, project_id
    )


async def number_labelled(session: AsyncSession, programme_id: UUID) -> int:
    """How many projects of a programme are labelled."""
    found: int = await (await raw(session)).fetchval(
        "select count(*) from project where programme_id = $1 and family is not null", programme_id
    )
    return found

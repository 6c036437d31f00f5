"""Every SQL statement about ideas, their lives and their drafts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from submission.projects.tables import DepositLink, Draft, Idea, ProjectEvent
from submission.tables import Project


async def idea_for_update(session: AsyncSession, project_id: UUID) -> Idea | None:
    """An idea, locked: whoever changes anything of its project has locked it first."""
    statement = (
        select(Idea)
        .where(Idea.project_id == project_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def idea(session: AsyncSession, project_id: UUID) -> Idea | None:
    """An idea, as it stands."""
    return await session.get(Idea, project_id)


async def project(session: AsyncSession, project_id: UUID) -> Project | None:
    """The dossier of an idea, as it stands now."""
    return await session.get(Project, project_id, populate_existing=True)


async def keep(session: AsyncSession, *rows: Any) -> None:
    """Keep rows in this order: what comes later may name what came before."""
    for row in rows:
        session.add(row)
        await session.flush()


async def keep_project_texts(
    session: AsyncSession, project_id: UUID, content_ids: Sequence[str]
) -> None:
    """A carrier wrote these words about a project: they are hers to erase."""
    await (await raw(session)).executemany(
        "insert into project_text (content_id, project_id) values ($1, $2) on conflict do nothing",
        [(content_id, project_id) for content_id in content_ids],
    )


async def project_texts(session: AsyncSession, project_id: UUID) -> Sequence[str]:
    """All words that its carrier wrote about a project, in every version."""
    rows = await (await raw(session)).fetch(
        "select content_id from project_text where project_id = $1 order by content_id", project_id
    )
    return [row["content_id"] for row in rows]


async def words(session: AsyncSession, content_ids: Sequence[str | None]) -> Mapping[str, str]:
    """The words behind commitments; those erased are not among them."""
    rows = await (await raw(session)).fetch(
        "select content_id, value from text where content_id = any($1) and value is not null",
        [each for each in content_ids if each is not None],
    )
    return {row["content_id"]: row["value"] for row in rows}


async def life(session: AsyncSession, project_id: UUID) -> Sequence[ProjectEvent]:
    """The events of a project, first to last."""
    statement = (
        select(ProjectEvent)
        .where(ProjectEvent.project_id == project_id)
        .order_by(col(ProjectEvent.place))
    )
    return (await session.exec(statement)).all()


async def ideas_of(session: AsyncSession, resident: UUID) -> Sequence[asyncpg.Record]:
    """The ideas that a resident carries, newest first."""
    return await (await raw(session)).fetch(
        "select i.project_id, i.programme_id, i.stage, i.deposited_at, p.cost,"
        " coalesce(d.value, t.value) as title, n.value as programme"
        " from carrier c join idea i using (project_id)"
        " join programme r on r.programme_id = i.programme_id"
        " join text n on n.content_id = r.title"
        " join text t on t.content_id = i.title"
        " left join project p on p.project_id = i.project_id"
        " left join text d on d.content_id = p.title"
        " where c.resident = $1 order by i.deposited_at desc, i.project_id",
        resident,
    )


async def draft_for_update(session: AsyncSession, secret: bytes) -> Draft | None:
    """The draft that a cookie opens, locked."""
    statement = (
        select(Draft)
        .where(Draft.secret == secret)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def draft(session: AsyncSession, secret: bytes) -> Draft | None:
    """The draft that a cookie opens."""
    return (await session.exec(select(Draft).where(Draft.secret == secret))).one_or_none()


async def link_for_update(
    session: AsyncSession, token: bytes
) -> tuple[DepositLink, Draft | None] | None:
    """A mailed link and the draft behind it, both locked; a draft that became an idea is gone.

    The draft is locked first: two links of one draft deposit it once.
    """
    await (await raw(session)).fetch(
        "select 1 from draft d join deposit_link l using (draft_id) where l.token = $1"
        " for update of d",
        token,
    )
    statement = (
        select(DepositLink)
        .where(DepositLink.token == token)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    link = (await session.exec(statement)).one_or_none()
    if link is None or link.draft_id is None:
        return None if link is None else (link, None)
    return link, await session.get_one(Draft, link.draft_id, populate_existing=True)


async def forget_links(session: AsyncSession, draft_id: UUID) -> None:
    """The links that were mailed for a locked draft lead nowhere any more."""
    await (await raw(session)).execute("delete from deposit_link where draft_id = $1", draft_id)


async def settle_draft(
    session: AsyncSession, draft: Draft, project_id: UUID, resident: UUID, now: datetime
) -> None:
    """A draft became an idea: its links lead there, and what was typed is forgotten."""
    connection = await raw(session)
    await connection.execute(
        "update deposit_link set draft_id = null, project_id = $2, resident = $3, used_at = $4"
        " where draft_id = $1",
        draft.draft_id,
        project_id,
        resident,
        now,
    )
    session.expunge(draft)
    await connection.execute("delete from draft where draft_id = $1", draft.draft_id)


async def forget_drafts(session: AsyncSession, before: datetime) -> None:
    """Forget what nobody has gone on with since, and links that nobody can use any more."""
    connection = await raw(session)
    await connection.execute("delete from draft where changed_at < $1", before)
    await connection.execute("delete from deposit_link where expires_at < $1", before)

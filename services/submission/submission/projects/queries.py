"""Every SQL statement about ideas, their lives and their drafts."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
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


async def programme_for_share(session: AsyncSession, programme_id: UUID) -> None:
    """Hold a programme as it is: whoever freezes options of it has done so, or waits. Dossiers are
    filed meanwhile."""
    await (await raw(session)).execute(
        "select from programme where programme_id = $1 for share", programme_id
    )


async def ideas_for_update(session: AsyncSession, project_ids: Sequence[UUID]) -> Sequence[Idea]:
    """Ideas, locked one after the other by their ids."""
    statement = (
        select(Idea)
        .where(col(Idea.project_id).in_(project_ids))
        .order_by(col(Idea.project_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).all()


async def dossiers_for_update(
    session: AsyncSession, project_ids: Sequence[UUID]
) -> Sequence[Project]:
    """The dossiers of locked ideas, locked one after the other by their ids."""
    statement = (
        select(Project)
        .where(col(Project.project_id).in_(project_ids))
        .order_by(col(Project.project_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).all()


async def suspended_at(session: AsyncSession, project_id: UUID) -> datetime:
    """When a project was suspended last."""
    found: datetime = await (await raw(session)).fetchval(
        "select max(at) from project_event where project_id = $1 and kind = 'project-suspended'",
        project_id,
    )
    return found


async def merged_into(session: AsyncSession, project_id: UUID) -> Sequence[asyncpg.Record]:
    """What was merged into a project, with titles in words, in the order of the deposits."""
    return await _named(session, "i.into_project = $1", project_id)


async def parts_of(session: AsyncSession, project_id: UUID) -> Sequence[asyncpg.Record]:
    """What a project was split into, with titles in words."""
    return await _named(session, "i.split_from = $1", project_id)


async def named(session: AsyncSession, project_ids: Sequence[UUID]) -> Sequence[asyncpg.Record]:
    """These projects, with titles in words."""
    return await _named(session, "i.project_id = any($1)", list(project_ids))


async def _named(session: AsyncSession, which: str, of: Any) -> Sequence[asyncpg.Record]:
    return await (await raw(session)).fetch(
        "select i.project_id, coalesce(d.value, t.value) as title, i.standing from idea i"
        " join text t on t.content_id = i.title"
        " left join project p on p.project_id = i.project_id"
        " left join text d on d.content_id = p.title"
        f" where {which} order by i.deposited_at, i.project_id",
        of,
    )


MOST_CANDIDATES = 50


async def merge_candidates(
    session: AsyncSession, into: Idea, territories: Sequence[str] | None, words: str
) -> Sequence[asyncpg.Record]:
    """What may be merged into a project: those of its territory first, and the newest of them.
    `territories` are those of whoever looks; None stands for all."""
    return await (await raw(session)).fetch(
        "select i.project_id, i.territory, i.stage, i.supporters,"
        " coalesce(d.value, t.value) as title, c.value as carrier from idea i"
        " join text t on t.content_id = i.title"
        " join text s on s.content_id = i.summary"
        " join text c on c.content_id = i.carrier"
        " left join project p on p.project_id = i.project_id"
        " left join text d on d.content_id = p.title"
        " where i.programme_id = $1 and i.project_id <> $2 and i.standing = 'active'"
        " and (p.project_id is null or (p.round_id is null and p.family is null"
        " and not p.refused and p.missing is distinct from '{}'"
        " and not exists (select from body_decision d where d.project_id = p.project_id"
        " and not d.again)))"
        " and ($4::text[] is null or i.territory = any($4))"
        " and ($5 = '' or position(plain($5) in plain(concat_ws(' ', d.value, t.value,"
        " s.value))) > 0)"
        " order by i.territory = $3 desc, i.deposited_at desc, i.project_id limit $6",
        into.programme_id,
        into.project_id,
        into.territory,
        territories,
        words,
        MOST_CANDIDATES,
    )


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
    session: AsyncSession,
    project_id: UUID,
    content_ids: Sequence[str],
    of_carrier: str | None = None,
) -> None:
    """A carrier wrote these words about a project: they are hers to erase. One of them names the
    `of_carrier` of a dossier."""
    await (await raw(session)).executemany(
        "insert into project_text (content_id, project_id, of_carrier) values ($1, $2, $3)"
        " on conflict do nothing",
        [(content_id, project_id, content_id == of_carrier) for content_id in content_ids],
    )


async def carrier_names(session: AsyncSession, project_ids: Sequence[UUID]) -> Sequence[str]:
    """Every name that the carriers of these projects gave: of the idea, and of each version of the
    dossier."""
    rows = await (await raw(session)).fetch(
        "select carrier as content_id from idea where project_id = any($1) union"
        " select content_id from project_text where project_id = any($1) and of_carrier order by 1",
        list(project_ids),
    )
    return [row["content_id"] for row in rows]


async def project_texts(session: AsyncSession, project_id: UUID) -> Sequence[str]:
    """All words that its carrier wrote about a project, in every version."""
    rows = await (await raw(session)).fetch(
        "select content_id from project_text where project_id = $1 order by content_id", project_id
    )
    return [row["content_id"] for row in rows]


async def title_erased(session: AsyncSession, project_id: UUID) -> bool:
    """Whether the title that a project is voted on under was erased."""
    found = await (await raw(session)).fetchval(
        "select exists (select from idea i left join project p using (project_id)"
        " join text t on t.content_id = coalesce(p.title, i.title)"
        " where i.project_id = $1 and t.value is null)",
        project_id,
    )
    return bool(found)


async def titled(session: AsyncSession, content_ids: Sequence[str]) -> Sequence[UUID]:
    """The ideas that go on still under one of these titles, by programme and id, as they are
    locked."""
    rows = await (await raw(session)).fetch(
        "select i.project_id from project_text x join idea i using (project_id)"
        " left join project p using (project_id)"
        " where x.content_id = any($1) and x.content_id = coalesce(p.title, i.title)"
        " and i.standing in ('active', 'suspended')"
        " order by i.programme_id, i.project_id",
        list(content_ids),
    )
    return [row["project_id"] for row in rows]


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


async def dossiers_to_remind(
    session: AsyncSession, before: timedelta, most: int
) -> Sequence[asyncpg.Record]:
    """Dossiers of active projects that lack something, where the time to add it ends so soon and
    nobody was reminded of that end; their ideas locked, but for those that somebody works on."""
    return await (await raw(session)).fetch(
        "select p.project_id, p.programme_id, p.missing, f.closes_at as until from project p"
        " join idea i using (project_id)"
        " join phase f on f.programme_id = p.programme_id and f.name = 'dossiers'"
        " where f.state = 'open' and f.closes_at > clock_timestamp()"
        " and f.closes_at <= clock_timestamp() + $1"
        " and p.missing <> '{}' and p.round_id is null and i.standing = 'active'"
        " and not exists (select from reminded r where r.project_id = p.project_id"
        " and r.until = f.closes_at)"
        " order by p.project_id limit $2 for update of i skip locked",
        before,
        most,
    )


async def keep_reminded(session: AsyncSession, project_id: UUID, until: datetime) -> bool:
    """A carrier was reminded of what is due until then; whether she was not before."""
    found = await (await raw(session)).fetchval(
        "insert into reminded (project_id, until, at) values ($1, $2, clock_timestamp())"
        " on conflict do nothing returning true",
        project_id,
        until,
    )
    return bool(found)


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


async def forget_drafts_of(session: AsyncSession, resident: UUID) -> None:
    """Forget what somebody began to write and gave her address for, with the links of it."""
    await (await raw(session)).execute(
        "delete from draft where address = (select address from resident where resident_id = $1)",
        resident,
    )


async def abandon_drafts(session: AsyncSession) -> None:
    """Forget every draft, and the links by which they become ideas."""
    await (await raw(session)).execute("delete from draft")


async def forget_drafts(session: AsyncSession, before: datetime) -> None:
    """Forget what nobody has gone on with since, and links that nobody can use any more."""
    connection = await raw(session)
    await connection.execute("delete from draft where changed_at < $1", before)
    await connection.execute("delete from deposit_link where expires_at < $1", before)

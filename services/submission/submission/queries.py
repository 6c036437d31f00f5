"""Every SQL statement of submission."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.events.submission import TextPublished
from submission.tables import Answered, Programme, Project, Round, Text


async def programme_for_update(session: AsyncSession, programme_id: UUID) -> Programme | None:
    """A programme, locked: projects join it and its options are frozen one after the other."""
    statement = (
        select(Programme)
        .where(Programme.programme_id == programme_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def round_of(session: AsyncSession, programme_id: UUID) -> Round | None:
    """The round that a programme's options are frozen for, in which residents vote."""
    statement = select(Round).where(
        Round.programme_id == programme_id, col(Round.body_name).is_(None)
    )
    return (await session.exec(statement)).first()


async def number_of_projects(session: AsyncSession, programme_id: UUID) -> int:
    """How many projects a programme has."""
    counted = select(func.count()).where(Project.programme_id == programme_id)
    return (await session.exec(counted)).one()


async def projects_for_update(session: AsyncSession, programme_id: UUID) -> Sequence[Project]:
    """A programme's projects, locked: none of them changes until the transaction ends."""
    statement = (
        select(Project)
        .where(Project.programme_id == programme_id)
        .order_by(col(Project.project_id))
        .with_for_update()
    )
    return (await session.exec(statement)).all()


async def project_for_update(
    session: AsyncSession, project_id: UUID
) -> tuple[Project, Programme, Text] | None:
    """A project, locked, with its programme and the words of its title.

    The lock comes before the words: an amendment that was waited for has other ones.
    """
    locked = select(Project).where(Project.project_id == project_id).with_for_update()
    project = (await session.exec(locked)).one_or_none()
    if project is None:
        return None
    programme = await session.get_one(Programme, project.programme_id)
    return project, programme, await session.get_one(Text, project.title)


async def keep_project(session: AsyncSession, project: Project) -> bool:
    """Keep a new project; false where another one has its id, in whatever programme."""
    values = project.model_dump()
    statement = insert(Project).values(**values).on_conflict_do_nothing()
    kept = await (await session.connection()).execute(statement.returning(col(Project.project_id)))
    return kept.first() is not None


async def freeze_projects(session: AsyncSession, row: Round) -> None:
    """Make all projects of a programme the options of its round."""
    session.add(row)
    await session.flush()
    await session.exec(
        update(Project)
        .where(col(Project.programme_id) == row.programme_id)
        .values(round_id=row.round_id)
    )


async def keep_text(session: AsyncSession, event: TextPublished) -> None:
    """Keep words and salt, before the row whose title they are."""
    await keep_texts(session, [event])


async def keep_texts(session: AsyncSession, events: Sequence[TextPublished]) -> None:
    """The same of several, in one statement."""
    session.add_all(
        Text(content_id=each.content_id, value=each.value, salt=bytes.fromhex(each.salt))
        for each in events
    )
    await session.flush()


async def answered(session: AsyncSession, key: str, asked: bytes) -> Answered | None:
    """The answer that a request with this key had; None where this is the first with it.

    The same request at the same time waits here until the first one is committed, or takes its
    place where it was rolled back.
    """
    first = await session.exec(
        insert(Answered)
        .values(key=key, asked=asked)
        .on_conflict_do_nothing()
        .returning(col(Answered.key))
    )
    if first.first() is not None:
        return None
    return (await session.exec(select(Answered).where(Answered.key == key))).one()


async def remember_answer(session: AsyncSession, key: str, answer: Mapping[str, Any]) -> None:
    """Keep what a request with a key was answered."""
    statement = update(Answered).where(col(Answered.key) == key).values(answer=dict(answer))
    await session.exec(statement)


async def bodies_of_texts(
    connection: asyncpg.Connection, content_ids: Sequence[str]
) -> Mapping[str, bytes | None]:
    """The words as they are sent, by content id; None, a tombstone, for those erased since."""
    rows = await connection.fetch(
        "select content_id, value, salt from text where content_id = any($1)", content_ids
    )
    return {
        row["content_id"]: None
        if row["value"] is None
        else TextPublished(
            content_id=row["content_id"], value=row["value"], salt=row["salt"].hex()
        ).body()
        for row in rows
    }


async def erase_texts(session: AsyncSession, content_ids: Sequence[str]) -> Sequence[str]:
    """Erase words and salts; those that were there still, in order."""
    rows = await (await raw(session)).fetch("select erase_texts($1)", list(content_ids))
    return sorted(row["erase_texts"] for row in rows)


async def texts_there(session: AsyncSession, content_ids: Sequence[str]) -> Mapping[str, bool]:
    """Those of these words that are, or were, here; false where they were erased."""
    rows = await (await raw(session)).fetch(
        "select content_id, value is not null as there from text where content_id = any($1)",
        list(content_ids),
    )
    return {row["content_id"]: row["there"] for row in rows}

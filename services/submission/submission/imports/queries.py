"""Every SQL statement about imports."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.canonical import canonical
from shared.database import Database, raw
from submission.imports.tables import Import


class Noted(NamedTuple):
    """What became of a row: what it is about, and by which code it was not taken, and why."""

    line: int
    outcome: str
    subject: UUID | None = None
    code: str | None = None
    detail: str | None = None


PAGE = 100
_ROWS = ("import_id", "line", "key", "outcome", "field", "code", "detail", "fields", "digest")


async def keep_import(session: AsyncSession, row: Import) -> None:
    """Keep an import, before its rows."""
    session.add(row)
    await session.flush()


async def keep_rows(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what was found in a part of a file."""
    await (await raw(session)).executemany(
        f"insert into import_row ({', '.join(_ROWS)})"
        " values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9)",
        [
            tuple(
                None
                if (value := row.get(name)) is None
                else canonical(value).decode()
                if name == "fields"
                else value
                for name in _ROWS
            )
            for row in rows
        ],
    )


async def import_of(
    session: AsyncSession, programme_id: UUID, import_id: UUID, *, lock: bool = False
) -> Import | None:
    """An import of a programme."""
    statement = select(Import).where(
        Import.import_id == import_id, Import.programme_id == programme_id
    )
    if lock:
        statement = statement.with_for_update()
    return (await session.exec(statement)).one_or_none()


async def imports_of(session: AsyncSession, programme_id: UUID) -> Sequence[Import]:
    """The imports of a programme, newest first."""
    statement = (
        select(Import).where(Import.programme_id == programme_id).order_by(col(Import.at).desc())
    )
    return (await session.exec(statement)).all()


async def known_rows(
    session: AsyncSession, programme_id: UUID, kind: str, keys: Sequence[str]
) -> Mapping[str, bytes]:
    """What was imported under these references before: the digest of what each said."""
    rows = await (await raw(session)).fetch(
        "select key, digest from imported where programme_id = $1 and kind = $2 and key = any($3)",
        programme_id,
        kind,
        list(keys),
    )
    return {row["key"]: row["digest"] for row in rows}


async def keep_imported(
    session: AsyncSession, programme_id: UUID, kind: str, rows: Sequence[tuple[str, bytes, UUID]]
) -> None:
    """Remember under which reference what was imported: it is not imported again."""
    await (await raw(session)).executemany(
        "insert into imported (programme_id, kind, key, digest, subject)"
        " values ($1, $2, $3, $4, $5)",
        [(programme_id, kind, *row) for row in rows],
    )


async def note_rows(session: AsyncSession, import_id: UUID, rows: Sequence[Noted]) -> None:
    """Note what became of rows. What they said is not needed any more."""
    await (await raw(session)).executemany(
        "update import_row set outcome = $3, subject = $4, code = $5, detail = $6, fields = null,"
        " done = true where import_id = $1 and line = $2",
        [(import_id, *row) for row in rows],
    )


async def is_any_running(database: Database) -> bool:
    """Whether some import is due."""
    return await database.straight("select from import_file where state = 'running'") is not None


async def running(session: AsyncSession) -> Import | None:
    """The import that is due, locked; None where none is, or another replica is at it."""
    statement = (
        select(Import)
        .where(Import.state == "running")
        .order_by(col(Import.at))
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def one_after_the_other(session: AsyncSession, programme_id: UUID) -> None:
    """Wait until no other import of a programme records rows: two files may have the same ones."""
    await (await raw(session)).execute(
        "select pg_advisory_xact_lock(hashtextextended($1::text, 17))", str(programme_id)
    )


async def rows_to_do(session: AsyncSession, import_id: UUID, most: int) -> Sequence[asyncpg.Record]:
    """The next rows to record, in the order of the file: all that said something that may have to
    be kept, whatever was foreseen of them."""
    return await (await raw(session)).fetch(
        "select line, key, fields, digest from import_row"
        " where import_id = $1 and fields is not null and not done order by line limit $2",
        import_id,
        most,
    )


async def counts(session: AsyncSession, import_id: UUID) -> Mapping[str, int]:
    """How many rows of an import are new, known, changed and refused, and how many were done."""
    rows = await (await raw(session)).fetch(
        "select outcome, count(*) as many, count(*) filter (where done) as done from import_row"
        " where import_id = $1 group by outcome",
        import_id,
    )
    found = {row["outcome"]: row["many"] for row in rows}
    return {**found, "done": sum(row["done"] for row in rows)}


async def report(
    session: AsyncSession, import_id: UUID, outcome: str, after: int, most: int
) -> Sequence[asyncpg.Record]:
    """Rows of an import behind a line, in the order of the file; of one outcome, or all."""
    return await (await raw(session)).fetch(
        "select line, key, outcome, field, code, detail, subject from import_row"
        " where import_id = $1 and ($2 = '' or outcome = $2) and line > $3 order by line limit $4",
        import_id,
        outcome,
        after,
        most,
    )


async def keep_texts_of(session: AsyncSession, rows: Sequence[tuple[str, UUID]]) -> None:
    """These words are about these projects: they are erased with them."""
    await (await raw(session)).executemany(
        "insert into project_text (content_id, project_id) values ($1, $2)", rows
    )


async def abandon(session: AsyncSession) -> None:
    """Forget what every file said that is not recorded to its end."""
    connection = await raw(session)
    await connection.execute(
        "update import_row r set fields = null from import_file f"
        " where f.import_id = r.import_id and f.state in ('checked', 'running', 'stopped')"
        " and r.fields is not null"
    )
    await connection.execute(
        "update import_file set state = 'forgotten'"
        " where state in ('checked', 'running', 'stopped')"
    )


async def forget(session: AsyncSession, before: datetime) -> None:
    """Forget what files said that nobody has run since."""
    connection = await raw(session)
    await connection.execute(
        "update import_row r set fields = null from import_file f"
        " where f.import_id = r.import_id and f.at < $1 and f.state in ('checked', 'stopped')"
        " and r.fields is not null",
        before,
    )
    await connection.execute(
        "update import_file set state = 'forgotten'"
        " where at < $1 and state in ('checked', 'stopped')",
        before,
    )

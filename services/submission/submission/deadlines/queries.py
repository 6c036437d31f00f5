"""Every SQL statement about deadlines."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database, raw


async def set_deadline(session: AsyncSession, kind: str, subject: UUID, due_at: datetime) -> None:
    """Something of this kind is due then, for this subject; what was due before is not any more."""
    await (await raw(session)).execute(
        "insert into deadline (kind, subject, due_at) values ($1, $2, $3)"
        " on conflict (kind, subject) do update set due_at = excluded.due_at, fired_at = null",
        kind,
        subject,
        due_at,
    )


async def clear_deadline(session: AsyncSession, kind: str, subject: UUID) -> None:
    """Nothing of this kind is due any more for this subject."""
    await (await raw(session)).execute(
        "delete from deadline where kind = $1 and subject = $2", kind, subject
    )


async def due_until(database: Database) -> datetime | None:
    """Now, by the database, where anything is due; None where nothing is."""
    row = await database.straight(
        "select clock_timestamp() where exists"
        " (select from deadline where fired_at is null and due_at <= clock_timestamp())"
    )
    until: datetime | None = None if row is None else row[0]
    return until


async def due_deadlines(
    session: AsyncSession, until: datetime, after: tuple[datetime, UUID], most: int
) -> Sequence[asyncpg.Record]:
    """What was due at that moment and is not done yet, first to last, behind `after`."""
    return await (await raw(session)).fetch(
        "select deadline_id, kind, subject, due_at from deadline"
        " where fired_at is null and due_at <= $1 and (due_at, deadline_id) > ($2, $3)"
        " order by due_at, deadline_id limit $4",
        until,
        *after,
        most,
    )


async def claim_deadline(session: AsyncSession, deadline_id: UUID) -> bool:
    """Whether this transaction alone sees to a deadline: another replica may be at it."""
    found: bool = await (await raw(session)).fetchval(
        "select pg_try_advisory_xact_lock(hashtextextended('deadline ' || $1::uuid::text, 0))",
        deadline_id,
    )
    return found


async def take_deadline(session: AsyncSession, deadline_id: UUID) -> datetime | None:
    """Mark a deadline as done; the database's time, or None where it is not due any more."""
    taken: datetime | None = await (await raw(session)).fetchval(
        "update deadline set fired_at = clock_timestamp()"
        " where deadline_id = $1 and fired_at is null and due_at <= clock_timestamp()"
        " returning fired_at",
        deadline_id,
    )
    return taken

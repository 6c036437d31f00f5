"""The SQL of people who are put on the roll at a counter."""

from uuid import UUID

import asyncpg


async def is_on_roll(connection: asyncpg.Connection, round_id: UUID, person: bytes) -> bool:
    """Whether somebody with this identity is on the roll, held or not, or votes on paper."""
    found: bool = await connection.fetchval(
        "select exists (select from person where round_id = $1 and identity = $2)",
        *(round_id, person),
    )
    return found


async def asked_for(connection: asyncpg.Connection, round_id: UUID, person: bytes) -> UUID | None:
    """The admission of somebody that waits for a second officer, or was declined."""
    found: UUID | None = await connection.fetchval(
        "select admission_id from admission where round_id = $1 and person = $2",
        *(round_id, person),
    )
    return found


async def keep(
    connection: asyncpg.Connection,
    round_id: UUID,
    admission_id: UUID,
    *,
    person: bytes,
    code: bytes,
    band: int,
) -> None:
    """Keep that somebody is to be put on the roll, when another officer confirms it."""
    await connection.execute(
        "insert into admission (admission_id, round_id, person, code, band)"
        " values ($1, $2, $3, $4, $5)",
        *(admission_id, round_id, person, code, band),
    )


async def admission(
    connection: asyncpg.Connection, round_id: UUID, admission_id: UUID
) -> asyncpg.Record | None:
    """One, asked for or done."""
    return await connection.fetchrow(
        "select person, code, band, given_to from admission"
        " where round_id = $1 and admission_id = $2",
        *(round_id, admission_id),
    )


async def give(connection: asyncpg.Connection, admission_id: UUID, officer: UUID) -> None:
    """Let an officer hand the code out; the row of a person has it no more, and no age."""
    await connection.execute(
        "update admission set given_to = $2, code = $3, band = null where admission_id = $1",
        *(admission_id, officer, bytes(32)),
    )

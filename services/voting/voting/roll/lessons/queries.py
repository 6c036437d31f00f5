"""The SQL of declared classes."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from voting.roll.lessons.declaring import Lesson


async def keep_lesson(
    connection: asyncpg.Connection, round_id: UUID, code: bytes, lesson: Lesson, officer: UUID
) -> None:
    """Keep a declared class. The same form sent twice declares one."""
    await connection.execute(
        "insert into lesson (round_id, lesson, label, opens_at, closes_at, people, declared_by)"
        " values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
        round_id,
        code,
        lesson.label,
        lesson.opens_at,
        lesson.closes_at,
        lesson.people,
        officer,
    )


async def lessons(connection: asyncpg.Connection, round_id: UUID) -> Sequence[Lesson]:
    """The classes of a round, the next one first."""
    rows = await connection.fetch(
        "select label, opens_at, closes_at, people, registered from lesson"
        " where round_id = $1 order by closes_at desc, label",
        round_id,
    )
    return [Lesson(**row) for row in rows]

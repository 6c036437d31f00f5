"""Everything that a platform has written down, place by place, to be searched for words."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg

from comptoir.processes import PROCESSES
from comptoir.stack import Stack
from comptoir.topics import declared_topics
from tests.end_to_end.topics import all_records

# Where the words behind commitments are, until Kafka compacts them: within a day.
TOPICS_WITH_WORDS = {"submission.texts"}


async def everything_left(stack: Stack) -> AsyncIterator[tuple[str, bytes]]:
    """Each topic, table, log file and state file, and what is in it."""
    for topic in declared_topics():
        records = await all_records(stack, topic)
        parts = [
            p for r in records for p in (r.key or b"", r.value or b"", *(h for _, h in r.headers))
        ]
        yield topic, b"\n".join(parts)
    for database in dict.fromkeys(process.database for process in PROCESSES):
        async for place in everything_in(stack, database):
            yield place
    for log in sorted((stack.state.directory / "logs").glob("*.log*")):
        yield f"log {log.name}", log.read_bytes()


async def everything_in(stack: Stack, database: str) -> AsyncIterator[tuple[str, bytes]]:
    """Each table of a database, and what is in it."""
    connection = await asyncpg.connect(stack.addresses.superuser_dsn(database), ssl=False)
    try:
        tables = await connection.fetch(
            "select tablename from pg_tables where schemaname = 'public' order by 1"
        )
        for table in (row["tablename"] for row in tables):
            rows = await connection.fetch(f'select * from "{table}"')
            yield f"{database}.{table}", b"\n".join(_bytes(v) for row in rows for v in row.values())
    finally:
        await connection.close()


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()

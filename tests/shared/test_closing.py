"""A restored database is closed before its process ever runs on it."""

import asyncio
import os
import sys
from pathlib import Path

import asyncpg
import pytest

from shared.closing import DATABASE
from tests.conftest import DatabaseFactory

ROOT = Path(__file__).parents[2]
CLOSED = "select because from outbox_recovered where reopened_at is null and ended_at is null"


async def ran(dsn: str, *arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *arguments),
        env={**os.environ, DATABASE: dsn},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


@pytest.mark.parametrize("package", ["voting.roll", "submission"])
async def test_whoever_restored_a_database_closes_it_before_the_process_starts(
    database: DatabaseFactory, package: str
) -> None:
    made = await database(package)
    connection = await asyncpg.connect(made.superuser, ssl=False)
    for why in ("Monday's backup", "and Sunday's"):  # with the rights that the process has
        status, said = await ran(made.dsn, package, "close-restored", why)
        assert status == 0, said
        assert f"comptoir recover {package}" in said
        assert [row["because"] for row in await connection.fetch(CLOSED)] == [why]
    await connection.close()


async def test_what_is_not_recovered_from_the_ledger_is_not_closed(
    database: DatabaseFactory,
) -> None:
    status, said = await ran((await database("ledger")).dsn, "ledger", "close-restored", "why")
    assert (status, "keeps nothing" in said) == (1, True)

"""Connections: whoever asks for one gets one that is alive."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from shared.database import Database, raw
from tests.conftest import DatabaseFactory

AT_ONCE = 4


class Served:
    """A process's sessions, and PostgreSQL's superuser, who ends them."""

    def __init__(self, database: Database, superuser: asyncpg.Connection) -> None:
        self.database, self.superuser = database, superuser

    async def backends(self) -> set[int]:
        """Who served as many sessions at once."""
        ready = asyncio.Barrier(AT_ONCE)

        async def one() -> int:
            async with self.database.begin() as session:
                found: int = await (await raw(session)).fetchval("select pg_backend_pid()")
                await ready.wait()
                return found

        return {*await asyncio.gather(*(one() for _ in range(AT_ONCE)))}

    async def end(self, backends: set[int]) -> None:
        """As a restart of PostgreSQL does."""
        await self.superuser.execute(
            "select pg_terminate_backend(pid, 5000) from unnest($1::integer[]) pid", [*backends]
        )


@pytest.fixture
async def served(
    database: DatabaseFactory, request: pytest.FixtureRequest
) -> AsyncIterator[Served]:
    """A process that takes connections for alive so long as a test says."""
    made = await database()
    superuser = await asyncpg.connect(made.superuser, ssl=False)
    alive_for = getattr(request, "param", 0.0)
    found = Database(made.dsn, name="test", alive_for=alive_for)
    yield Served(found, superuser)
    await found.close()
    await superuser.close()


@pytest.mark.parametrize("served", [0.0, 60.0], indirect=True)
async def test_a_connection_that_was_closed_meanwhile_is_handed_out_to_nobody(
    served: Served,
) -> None:
    before = await served.backends()
    assert await served.backends() == before, "whoever was asked is alive"
    await served.end(before)
    after = await served.backends()
    assert len(after) == AT_ONCE and not before & after


async def test_a_transaction_is_begun_before_the_driver_is_handed_out(served: Served) -> None:
    async with served.database.begin() as session:
        connection = await raw(session)
        assert connection.is_in_transaction()
        await connection.execute("create table kept (it integer)")
        assert await raw(session) is connection
    with pytest.raises(RuntimeError):
        async with served.database.begin() as session:
            await (await raw(session)).execute("insert into kept values (1)")
            raise RuntimeError
    assert await served.superuser.fetchval("select count(*) from kept") == 0

"""Notification holds no story yet; it starts, is healthy and may do nothing else."""

import asyncpg
import pytest

from notification.app import application
from shared.settings import Settings
from tests.conftest import DatabaseFactory
from tests.serving import served, settings


async def test_it_starts_on_its_own_database_and_is_ready(database: DatabaseFactory) -> None:
    made = await database("notification")
    app = application(settings(Settings, made.dsn), kafka=False)
    async with served(app) as client:
        assert (await client.ask("GET", "/health/live")).body == {"status": "live"}
        assert (await client.ask("GET", "/health/ready")).status == 200
        assert b"comptoir_relay_leader" in (await client.ask("GET", "/metrics")).raw


async def test_its_role_makes_no_table(database: DatabaseFactory) -> None:
    made = await database("notification")
    connection = await asyncpg.connect(made.dsn, ssl=False)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("create table its_own (one integer)")
    await connection.close()

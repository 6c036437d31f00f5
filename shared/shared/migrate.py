"""Migrations: `python -m PROCESS migrate`, a job that runs as the owner before a rollout."""

import importlib
import os
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
from sqlalchemy import Connection, pool

OWNER = "COMPTOIR_DATABASE_OWNER"


def migrate(package: str) -> None:
    """Bring the database of the environment to the newest version."""
    upgrade(package, os.environ[OWNER])


def upgrade(package: str, dsn: str, revision: str = "head") -> None:
    """Run the migrations of a package, such as `voting.box`, that the database does not have."""
    alembic.command.upgrade(configuration(package, dsn), revision)


def configuration(package: str, dsn: str) -> alembic.config.Config:
    """Alembic's configuration for one package; there is no file of it."""
    folder = Path(next(iter(importlib.import_module(package).__path__)), "migrations")
    config = alembic.config.Config()
    config.set_main_option("script_location", str(folder))
    config.attributes["dsn"] = dsn
    return config


def run(context: Any, metadata: Any = None) -> None:
    """What each `migrations/env.py` calls."""
    import asyncio

    from sqlalchemy.ext.asyncio import create_async_engine

    dsn = context.config.attributes["dsn"].replace("postgresql://", "postgresql+asyncpg://", 1)

    def within(connection: Connection) -> None:
        context.configure(connection=connection, target_metadata=metadata)
        with context.begin_transaction():
            # Two replicas' jobs at once: the second finds nothing to do.
            connection.exec_driver_sql("select pg_advisory_xact_lock(7133701)")
            context.run_migrations()

    async def connected() -> None:
        engine = create_async_engine(dsn, poolclass=pool.NullPool, connect_args={"ssl": False})
        async with engine.connect() as connection:
            await connection.run_sync(within)
            await connection.commit()
        await engine.dispose()

    asyncio.run(connected())


def execute(operations: Any, script: str) -> None:
    """Run a script of several statements within a migration's transaction."""
    from sqlalchemy.util import await_only

    connection = operations.get_bind().connection.driver_connection
    await_only(connection.execute(script))

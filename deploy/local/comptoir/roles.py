"""Databases and their roles: one that owns and migrates, and those that run, which may do less.

A run-time role connects to its own database and to no other, makes no table, not even a temporary
one, and has of each table what the migrations grant it.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import asyncpg

from comptoir.processes import databases, owner, roles

# What only some roles need beside their tables. After each flush the box ends the segment of the
# write-ahead log and writes a checkpoint, so that the log keeps no ballot's moment
# (voting-protocol.md §5).
EXTRA = {
    "voting_box": (
        "GRANT pg_checkpoint TO voting_box",
        "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO voting_box",
    )
}


async def make_databases(
    cluster: str, superuser: Callable[[str], str], passwords: Mapping[str, str]
) -> None:
    """Make what a cluster lacks of its roles and databases.

    `superuser` gives the address that leads the superuser to a database; `passwords` has every role
    of the cluster.
    """
    async with connected(superuser("postgres")) as connection:
        await make_roles(connection, passwords)
        await close_to_all(connection, "postgres", "template1")
        for database in databases(cluster):
            if not await _exists(connection, database):
                await connection.execute(f'CREATE DATABASE "{database}" OWNER "{owner(database)}"')
            await open_to(connection, database, roles(database))
    for database in databases(cluster):
        async with connected(superuser(database)) as connection:
            await grant_extra(connection, roles(database))


async def make_roles(connection: asyncpg.Connection, passwords: Mapping[str, str]) -> None:
    """Make each role that is missing, and give each its password."""
    for role, password in passwords.items():
        if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
            await connection.execute(f'CREATE ROLE "{role}"')
        await connection.execute(
            f'ALTER ROLE "{role}" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION '
            f"PASSWORD '{password}'"
        )


async def close_to_all(connection: asyncpg.Connection, *databases: str) -> None:
    """Nobody connects to these databases, or makes temporary tables there, without a grant."""
    for database in databases:
        await connection.execute(f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC')


async def open_to(connection: asyncpg.Connection, database: str, roles: list[str]) -> None:
    """These roles connect to the database, and nobody else but its owner."""
    await close_to_all(connection, database)
    for role in roles:
        await connection.execute(f'GRANT CONNECT ON DATABASE "{database}" TO "{role}"')


async def grant_extra(connection: asyncpg.Connection, roles: list[str]) -> None:
    """What some roles need in their own database, to which `connection` leads."""
    await connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    for role in roles:
        for statement in EXTRA.get(role, ()):
            await connection.execute(statement)


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection for a few statements."""
    connection = await asyncpg.connect(dsn, ssl=False)
    try:
        yield connection
    finally:
        await connection.close()


async def _exists(connection: asyncpg.Connection, database: str) -> bool:
    found = await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database)
    return found is not None

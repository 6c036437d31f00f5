"""What a PostgreSQL role may do: run in its own database, and nothing else."""

import asyncpg
import pytest

from comptoir.processes import CLUSTERS, PROCESSES, databases
from comptoir.roles import connected
from comptoir.stack import Stack

ROLES = [role for process in PROCESSES for role in (process.role, *process.beside)]
OWNERS = [process.owner for process in PROCESSES if process.migrates]
HOME = {
    role: process.database
    for process in PROCESSES
    for role in (process.role, process.owner, *process.beside)
}
CLUSTER = {process.database: process.cluster for process in PROCESSES}
DDL = [
    "CREATE TABLE mine (id int)",
    "CREATE TEMPORARY TABLE mine (id int)",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE DATABASE mine",
    "CREATE ROLE mine",
]


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_that_runs_makes_nothing(stack: Stack, role: str) -> None:
    async with connected(stack.addresses.dsn(role)) as connection:
        for statement in DDL:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


async def test_a_role_that_runs_does_not_change_the_tables_that_migrations_made(
    stack: Stack,
) -> None:
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    async with connected(stack.addresses.dsn("notification")) as connection:
        for [table] in await connection.fetch(tables):
            for statement in ("DROP TABLE {}", "ALTER TABLE {} ADD mine int", "TRUNCATE {}"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement.format(table))


@pytest.mark.parametrize("role", [*ROLES, *OWNERS])
async def test_a_role_connects_to_its_own_database_and_to_no_other(stack: Stack, role: str) -> None:
    own = HOME[role]
    address = stack.addresses.dsn(role)
    async with connected(address):
        pass
    for other in {"postgres", "template1", *databases(CLUSTER[own])} - {own}:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(address.removesuffix(own) + other, ssl=False)


async def test_a_wrong_password_is_refused(stack: Stack) -> None:
    address = stack.addresses.dsn("voting_box")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(address, password="wrong", ssl=False)


async def test_a_role_of_one_cluster_does_not_exist_in_another(stack: Stack) -> None:
    box, roll = stack.clusters["box"], stack.clusters["roll"]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(
            stack.addresses.dsn("voting_box").replace(f":{box.port}/", f":{roll.port}/"), ssl=False
        )


async def test_only_the_box_ends_the_segments_of_its_log(stack: Stack) -> None:
    async with connected(stack.addresses.dsn("voting_box")) as connection:
        await connection.execute("SELECT pg_switch_wal()")
        await connection.execute("CHECKPOINT")
    async with connected(stack.addresses.dsn("voting_roll")) as connection:
        for statement in ("SELECT pg_switch_wal()", "CHECKPOINT"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


@pytest.mark.parametrize("cluster", ["roll", "box"])
async def test_roll_and_box_archive_no_log_and_write_down_no_statement(
    stack: Stack, cluster: str
) -> None:
    expected = {
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "archive_mode": "off",
        "wal_keep_size": "0",
        "wal_recycle": "off",
        "track_commit_timestamp": "off",
        "log_statement": "none",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    async with connected(stack.clusters[cluster].dsn("postgres")) as connection:
        found = {name: await connection.fetchval(f"SHOW {name}") for name in expected}
    assert found == expected


def test_roll_and_box_share_a_cluster_with_nobody() -> None:
    assert {cluster: databases(cluster) for cluster in CLUSTERS} == {
        "main": ["submission", "voting_count", "notification", "ledger"],
        "roll": ["voting_roll"],
        "box": ["voting_box"],
    }

"""The stack: started whole, hurt in every way, stopped in order, gone when its launcher is."""

import asyncio
import os
import re
import signal
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from confluent_kafka import TopicCollection

from comptoir.addresses import running
from comptoir.errors import LauncherError, StateLocked
from comptoir.kafka import ADMIN
from comptoir.migrations import note, pending
from comptoir.roles import connected
from comptoir.stack import Stack, only_restored
from comptoir.topics import declared_topics, difference
from tests.backends import passable_directory
from tests.deploy.conftest import gone
from tests.deploy.listening import addresses

# `comptoir up` with servers alone.
LAUNCHER = """
import asyncio, sys
from pathlib import Path
from comptoir.commands.up import print_line, run_until_told
from comptoir.stack import Stack

stack = Stack(Path(sys.argv[1]), processes=(), sink=print_line, fsync=False)
asyncio.run(run_until_told(stack))
"""
SERVERS = ("postgres.main", "postgres.roll", "postgres.box", "kafka")


@pytest.mark.parametrize(
    ("alarms", "started"),
    [
        ({"restored": "…"}, True),
        ({"recovered": "…", "inbox rounds": "…", "outbox age": "…", "outbox": "…"}, True),
        ({"inbox rounds": "…"}, False),
        ({"restored": "…", "database": "…"}, False),
        ({"checkpoints_unread": "…"}, False),
        ({}, False),
    ],
)
def test_what_is_restored_is_started_so_that_it_can_be_recovered(
    alarms: dict[str, str], started: bool
) -> None:
    assert only_restored(alarms) is started


@pytest.fixture(scope="module")
def lasting() -> Iterator[Path]:
    """The state directory of a platform that is servers alone, from whoever starts it first."""
    with passable_directory() as directory:
        yield directory / "state"


async def launched(directory: Path) -> asyncio.subprocess.Process:
    """A launcher in a process of its own, that has just said that it is ready."""
    launcher = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", LAUNCHER, str(directory)), stdout=asyncio.subprocess.PIPE
    )
    assert launcher.stdout is not None
    while not (line := await launcher.stdout.readline()).startswith(b"ready after"):
        assert line, "it ended before it was ready"
    return launcher


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def until_frozen(pid: int) -> None:
    """Return once the kernel says that this child of ours is stopped."""
    os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)


def descendants(pid: int) -> list[int]:
    """Every process below this one."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [each for child in map(int, children) for each in (child, *descendants(child))]


async def test_every_replica_is_ready_at_an_address_of_its_own(stack: Stack) -> None:
    urls = stack.urls("notification")
    assert len(set(urls)) == 2
    async with aiohttp.ClientSession() as session:
        for url in urls:
            async with session.get(f"{url}/health/ready") as response:
                assert response.status == 200


async def test_migrations_run_once_and_again_only_when_they_are_others(stack: Stack) -> None:
    [process] = stack.processes
    superuser = stack.addresses.superuser_dsn("notification")
    assert "notification.migrate" in stack.children.names()
    assert not await pending(superuser, process)
    async with connected(superuser) as connection:
        await connection.execute("COMMENT ON DATABASE notification IS 'migrations others'")
    assert await pending(superuser, process)
    await note(superuser, process)
    assert not await pending(superuser, process)


async def test_nothing_listens_beyond_this_machine(stack: Stack) -> None:
    found = addresses(stack.children.pids().values())
    assert {str(address) for address in found} == {"127.0.0.1"}


async def test_the_commands_find_a_running_stack_by_its_state_directory(stack: Stack) -> None:
    found = running(stack.state.directory)
    assert found.urls("notification") == stack.urls("notification")
    assert found.account("operator").bootstrap == stack.broker.bootstrap


async def test_a_second_launcher_on_the_same_state_is_refused(stack: Stack) -> None:
    with pytest.raises(StateLocked):
        await Stack(stack.state.directory).start()
    await stack.all_ready()


def test_passwords_and_keys_are_for_their_owner_alone(stack: Stack) -> None:
    for name in ("secrets.json", "kafka/server.properties"):
        assert stat.S_IMODE((stack.state.directory / name).stat().st_mode) == 0o600


async def test_no_password_is_on_a_command_line(stack: Stack) -> None:
    passwords = stack.state.passwords()
    for pid in stack.children.pids().values():
        words = command_line(pid)
        assert not any(password in words for password in passwords)


@pytest.mark.parametrize("name", [*SERVERS, "notification.1"])
async def test_whatever_is_killed_comes_back(stack: Stack, name: str) -> None:
    before = stack.pid(name)
    stack.kill(name)
    await gone(before)
    await stack.ready(name)
    assert stack.pid(name) != before
    await stack.all_ready()


@pytest.mark.parametrize("name", ["postgres.main", "kafka", "notification.2"])
async def test_what_is_taken_down_stays_down_until_it_is_brought_up(
    stack: Stack, name: str
) -> None:
    await stack.take_down(name, hard=True)
    with pytest.raises(LauncherError, match=f"{name} is not running"):
        stack.pid(name)
    await stack.bring_up(name)
    await stack.all_ready()


async def test_a_frozen_process_goes_on_when_it_is_thawed(stack: Stack) -> None:
    stack.freeze("notification.1")
    await asyncio.to_thread(until_frozen, stack.pid("notification.1"))
    stack.thaw("notification.1")
    await stack.ready("notification.1")


async def test_a_lost_kafka_disk_leaves_new_topics_that_are_as_declared(stack: Stack) -> None:
    def identity() -> object:
        admin = stack.addresses.account(ADMIN).admin()
        described = admin.describe_topics(TopicCollection(["voting.ballots"]))
        return described["voting.ballots"].result(10).topic_id

    before = await asyncio.to_thread(identity)
    await stack.lose_kafka_disk()
    assert str(await asyncio.to_thread(identity)) != str(before)
    admin = stack.addresses.account(ADMIN).admin()
    drift = await asyncio.to_thread(difference, admin, declared_topics())
    assert drift.lines() == []


async def test_data_passwords_and_ports_outlive_a_stop(lasting: Path) -> None:
    async with Stack(lasting, processes=(), fsync=False) as first:
        address = first.addresses.superuser_dsn("ledger")
        async with connected(address) as connection:
            await connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    async with Stack(lasting, processes=(), fsync=False) as second:
        assert second.addresses.superuser_dsn("ledger") == address
        assert second.broker.bootstrap == first.broker.bootstrap
        async with connected(address) as connection:
            assert await connection.fetchval("SELECT number FROM kept") == 7


async def test_ctrl_c_stops_the_broker_and_then_postgresql(lasting: Path) -> None:
    launcher = await launched(lasting)
    below = descendants(launcher.pid)
    assert len(below) > len(SERVERS)
    launcher.send_signal(signal.SIGINT)
    output, _ = await launcher.communicate()
    said = output.decode().splitlines()
    assert launcher.returncode == 0
    broker = next(n for n, line in enumerate(said) if re.fullmatch(r"kafka .*has stopped", line))
    asked = [n for n, line in enumerate(said) if "received fast shutdown request" in line]
    assert len(asked) == 3
    assert broker < min(asked)
    await gone(*below)


async def test_nothing_is_left_after_the_launcher_is_killed(lasting: Path) -> None:
    launcher = await launched(lasting)
    below = descendants(launcher.pid)
    assert len(below) > len(SERVERS)
    launcher.kill()
    await launcher.communicate()
    await gone(*below)
    async with Stack(lasting, processes=(), fsync=False) as again:
        await again.all_ready()

"""SIGKILL at each point around a send: every message arrives, under one Message-ID."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg

from shared.contacts import Contact, Message
from shared.events.notification import MessageDelivered
from tests.notification.conftest import DOMAIN, IDEA, Arrived, Server, Store
from tests.shared.conftest import eventually

# As `python -m notification` runs, but without Kafka.
PROCESS = """
import uvicorn
from notification.app import NotificationSettings, application
uvicorn.run(application(NotificationSettings(), kafka=False), port=0, log_level="warning")
"""
LEASE = 2.0
FUNDED: dict[str, str | int] = {
    "title": "Un verger",
    "amount": 1_250_000,
    "url": "https://budget.example.org/ideas/1",
}


class Process:
    """A replica in a process of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._running: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        given = self._store.settings(lease=LEASE).model_dump(mode="json", exclude_none=True)
        simple = {k: v for k, v in given.items() if isinstance(v, str | int | float)}
        self._running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-c", PROCESS),
            env={**os.environ, **{f"COMPTOIR_{k.upper()}": str(v) for k, v in simple.items()}},
        )

    async def kill(self) -> None:
        assert self._running is not None
        self._running.kill()
        await self._running.wait()
        self._running = None

    async def stop(self) -> None:
        if self._running is not None:
            self._running.terminate()
            await asyncio.wait_for(self._running.wait(), 15)


@asynccontextmanager
async def replica(store: Store) -> AsyncIterator[Process]:
    process = Process(store)
    await process.start()
    try:
        yield process
    finally:
        await process.stop()


@asynccontextmanager
async def holding(store: Store, statement: str) -> AsyncIterator[None]:
    """Keep the locks of a statement until the block ends."""
    connection = await asyncpg.connect(store.superuser, ssl=False)
    try:
        async with connection.transaction():
            await connection.execute(statement)
            yield
    finally:
        await connection.close()


async def waits_for_a_lock(store: Store) -> None:
    await eventually(
        lambda: store.fetch(
            "select 1 from pg_stat_activity where datname = current_database()"
            " and wait_event_type = 'Lock' and application_name = 'notification'"
        ),
        bool,
    )


async def state_of(store: Store, message_id: UUID) -> tuple[Any, ...]:
    [row] = await store.fetch(
        "select state, attempts from message where message_id = $1", message_id
    )
    return tuple(row)


async def arrives(store: Store, message_id: UUID) -> None:
    """With a fresh replica, the message is delivered and said to be."""
    async with replica(store):
        await eventually(lambda: state_of(store, message_id), lambda found: found[0] == "delivered")
    assert await store.announced(MessageDelivered) == [message_id]


def under_one_id(mail: Server, message_id: UUID) -> int:
    """How many mails arrived; all of them are the same one."""
    assert {arrived.message_id for arrived in mail.arrived} == {f"<{message_id}@{DOMAIN}>"}
    assert len({arrived.message.as_bytes() for arrived in mail.arrived}) == 1
    return len(mail.arrived)


async def test_killed_before_the_claim(store: Store, mail: Server) -> None:
    [message_id] = await store.accept(IDEA)
    locked = holding(store, "lock table message in access exclusive mode")
    async with locked, replica(store) as process:
        await waits_for_a_lock(store)
        await process.kill()
    assert await state_of(store, message_id) == ("waiting", 0)
    await arrives(store, message_id)
    assert under_one_id(mail, message_id) == 1


async def test_killed_when_the_attempt_is_on_record_and_nothing_was_sent(
    store: Store, mail: Server
) -> None:
    reached = asyncio.Event()

    async def wait(_: str) -> str | None:
        reached.set()
        await asyncio.Event().wait()
        return None

    mail.rcpt = wait
    [message_id] = await store.accept(IDEA)
    async with replica(store) as process:
        await asyncio.wait_for(reached.wait(), 60)
        await process.kill()
    assert await state_of(store, message_id) == ("attempted", 1)
    mail.rcpt = None
    await arrives(store, message_id)
    assert under_one_id(mail, message_id) == 1


async def test_killed_when_the_server_has_it_and_has_not_said_so(
    store: Store, mail: Server
) -> None:
    reached = asyncio.Event()

    async def silent(_: Arrived) -> str | None:
        reached.set()
        await asyncio.Event().wait()
        return None

    mail.taken = silent
    [message_id] = await store.accept(IDEA)
    async with replica(store) as process:
        await asyncio.wait_for(reached.wait(), 60)
        await process.kill()
    assert await state_of(store, message_id) == ("attempted", 1)
    mail.taken = None
    await arrives(store, message_id)
    assert under_one_id(mail, message_id) == 2


async def test_killed_when_the_server_has_said_so_and_it_is_not_noted(
    store: Store, mail: Server
) -> None:
    held, release = asyncio.Event(), asyncio.Event()
    holders: list[asyncio.Task[None]] = []

    async def hold() -> None:
        async with holding(store, "select 1 from message for update"):
            held.set()
            await release.wait()

    async def lock_first(_: Arrived) -> str | None:
        holders.append(asyncio.create_task(hold()))
        await held.wait()
        return None

    mail.taken = lock_first
    [message_id] = await store.accept(IDEA)
    async with replica(store) as process:
        await asyncio.wait_for(held.wait(), 60)
        await waits_for_a_lock(store)
        await process.kill()
    release.set()
    await asyncio.gather(*holders)
    assert await state_of(store, message_id) == ("attempted", 1)
    mail.taken = None
    await arrives(store, message_id)
    assert under_one_id(mail, message_id) == 2


async def test_killed_when_it_is_noted(store: Store, mail: Server) -> None:
    [message_id] = await store.accept(IDEA)
    async with replica(store) as process:
        await eventually(lambda: state_of(store, message_id), lambda found: found[0] == "delivered")
        await process.kill()
    [other] = await store.accept(Message(Contact("tom@example.org", "en"), "funded", FUNDED))
    async with replica(store):
        await eventually(lambda: state_of(store, other), lambda found: found[0] == "delivered")
    ids = [arrived.message_id for arrived in mail.arrived]
    assert ids == [f"<{each}@{DOMAIN}>" for each in (message_id, other)]


async def test_two_replicas_killed_again_and_again_lose_nothing(store: Store, mail: Server) -> None:
    """What was sent twice is at most what was under way at a kill."""

    async def slowly(_: Arrived) -> str | None:
        await asyncio.sleep(0.02)
        return None

    mail.data = slowly
    people = [Contact(f"person-{n}@example.org", "fr") for n in range(400)]
    wanted = await store.accept(*(Message(each, "funded", FUNDED) for each in people))
    kills = 6
    async with replica(store) as first, replica(store) as second:
        for turn in range(kills):
            seen = len(mail.arrived)
            await eventually(lambda: _more_than(mail, seen), bool)  # noqa: B023  # at once
            process = (first, second)[turn % 2]
            await process.kill()
            await process.start()
        # Each kill lets leases run out, and what was under way is attempted later.
        await eventually(store.states, lambda states: states == {"delivered": 400}, within=180)
    assert {arrived.message_id for arrived in mail.arrived} == {f"<{w}@{DOMAIN}>" for w in wanted}
    assert {arrived.address for arrived in mail.arrived} == {each.address for each in people}
    assert len(mail.arrived) - 400 <= kills * 8 * 5
    assert sorted(await store.announced(MessageDelivered)) == sorted(wanted)


async def _more_than(mail: Server, seen: int) -> bool:
    return len(mail.arrived) > seen or len(mail.arrived) >= 400

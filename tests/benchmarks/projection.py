"""`projection`: from Kafka into a table of PostgreSQL, each event once, through the inbox.

The clock starts with the first batch's commit, when the consumer has found its place, and ends with
the last's. The table has no unique key: an event that came twice would be in it twice.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import inbox, outbox
from shared.database import Database, raw
from shared.delivery import Delivered
from shared.inbox import Inbox, Subscription
from shared.serving import collect_seldom
from shared.telemetry import Metrics
from tests.benchmarks.figure import Figure, median_of
from tests.benchmarks.rows import EventMeasured, envelope, event, until
from tests.benchmarks.servers import Servers, servers

EVENTS = 100_000
ROUNDS = 3
TABLE = "create table projection (thing text not null, value bigint not null)"


async def projection() -> AsyncIterator[Figure]:
    """Events a second, and whether each had its effect once."""
    collect_seldom()  # as every process does when it serves
    async with servers() as started:
        topic = await started.topic()
        await produce(started, topic, EVENTS)
        rates = [await project_once(started, topic, EVENTS) for _ in range(ROUNDS)]
    yield Figure("projection", median_of("projection", rates), "events/s", target=">= 30000")
    yield Figure("projection-exact", True, "each event once", target="true")


async def produce(started: Servers, topic: str, size: int) -> None:
    """Put events on a topic as the relay does."""
    producer = started.kafka.producer()
    await producer.start()
    batch = producer.create_batch()
    for number in range(1, size + 1):
        happened = event(number)
        record = {
            "key": happened.key.encode(),
            "value": happened.body(),
            "headers": envelope(number, happened.subject).headers(),
        }
        if batch.append(timestamp=None, **record) is None:
            await (await producer.send_batch(batch, topic, partition=0))
            batch = producer.create_batch()
            batch.append(timestamp=None, **record)
    await (await producer.send_batch(batch, topic, partition=0))
    await producer.stop()


async def project(session: AsyncSession, events: Sequence[Delivered[EventMeasured]]) -> None:
    """One statement for a batch."""
    await (await raw(session)).execute(
        "insert into projection select * from unnest($1::text[], $2::bigint[])",
        [delivered.event.thing for delivered in events],
        [delivered.event.value for delivered in events],
    )


async def project_once(started: Servers, topic: str, size: int) -> float:
    """Events a second, from the beginning of the topic into empty tables."""
    connection = await started.connect()
    await connection.execute("drop schema public cascade; create schema public")
    await connection.execute(outbox.CREATE + inbox.CREATE + TABLE)
    database = Database(started.dsn, name="benchmark")
    kind = type("Here", (EventMeasured,), {"topic": topic})
    subscription = Subscription(
        "benchmark", (topic,), {EventMeasured.type: project}, types={EventMeasured.type: kind}
    )
    consumer = Inbox(subscription, database, started.kafka, Metrics(), process="benchmark")
    task = asyncio.create_task(consumer.run())
    try:
        await until(lambda: _position(connection))
        first, began = await _position(connection), time.perf_counter()
        await until(lambda: _reached(connection, size))
        seconds = time.perf_counter() - began
    finally:
        consumer.stop()
        await task
        await database.close()
    await check_exact(connection, size)
    await connection.close()
    return (size - first) / seconds


async def check_exact(connection: asyncpg.Connection, size: int) -> None:
    """Raise where an event had no effect, or two."""
    (row,) = await connection.fetch(
        "select count(*), count(distinct value), min(value), max(value) from projection"
    )
    if (found := tuple(row)) != (size, size, 1, size):
        raise RuntimeError(f"not exactly once: {found} of {size}")


async def _position(connection: asyncpg.Connection) -> int:
    return int(await connection.fetchval("select coalesce(max(next), 0) from position"))


async def _reached(connection: asyncpg.Connection, size: int) -> bool:
    return await _position(connection) >= size

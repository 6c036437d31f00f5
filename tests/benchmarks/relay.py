"""`relay`: from the commit of many outbox rows until Kafka has acknowledged the last of them.

Ours and `faststream-outbox` run in turn, on the same servers, with the same rows; each is already
awake when the rows are committed. What arrived is read back: each row, once, in its key's order.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, TopicPartition

from shared import outbox
from shared.relay import Relay
from shared.telemetry import Metrics
from tests.benchmarks.figure import Figure, median_of, say
from tests.benchmarks.rows import COLUMNS, PATIENCE, envelope, rows, until
from tests.benchmarks.servers import Servers, servers

ROWS = 40_000
ROUNDS = 3


async def relay() -> AsyncIterator[Figure]:
    """Our relay beside `faststream-outbox`, events a second."""
    from tests.benchmarks import reference  # without the group "bench" it cannot be imported

    async with servers() as started:
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(await ours_once(started, ROWS))
            theirs.append(await reference.once(started, ROWS))
        yield Figure(
            "relay",
            median_of("our relay", ours),
            "events/s",
            target=">= 20000 and ratio >= 5",
            reference=median_of(f"faststream-outbox, {reference.CONFIGURATION}", theirs),
        )


async def ours_once(started: Servers, size: int) -> float:
    """Events a second; the outbox begins empty."""
    connection, topic = await started.connect(), await started.topic()
    await connection.execute("drop schema public cascade; create schema public")
    await connection.execute(outbox.CREATE)
    await prepare(connection, topic, size + 1)
    async with _running(started):
        await _commit(connection, 1, 1)
        await until(lambda: _acknowledged(connection, 1))
        began = time.perf_counter()
        await _commit(connection, 2, size)
        committed = time.perf_counter()
        await until(lambda: _acknowledged(connection, size + 1))
        seconds = time.perf_counter() - committed
    say(f"the commit of {size} rows took {committed - began:.2f} s")
    await connection.close()
    check_order(await read_back(started, topic, size + 1), exactly_once=True)
    return size / seconds


async def prepare(connection: asyncpg.Connection, topic: str, size: int) -> None:
    """Keep the rows in a table of the same database, so that committing them costs little."""
    await connection.execute("create table prepared (like outbox)")
    await connection.copy_records_to_table(
        "prepared",
        columns=("id", *COLUMNS),
        records=((number, *row) for number, row in enumerate(rows(topic, 1, size), start=1)),
    )


async def _commit(connection: asyncpg.Connection, first: int, size: int) -> None:
    names = ", ".join(COLUMNS)
    await connection.execute(
        f"insert into outbox ({names}) select {names} from prepared"
        " where id between $1 and $2 order by id",
        first,
        first + size - 1,
    )


async def _acknowledged(connection: asyncpg.Connection, position: int) -> bool:
    found: int = await connection.fetchval("select acknowledged from outbox_relay")
    return found >= position


@asynccontextmanager
async def _running(started: Servers) -> AsyncIterator[None]:
    running = Relay(started.dsn, started.kafka, Metrics(), name="benchmark")
    task = asyncio.create_task(running.run())
    try:
        yield
    finally:
        running.stop()
        await task


async def read_back(started: Servers, topic: str, size: int) -> list[ConsumerRecord[bytes, bytes]]:
    """All records of a topic. There are at least `size`."""
    consumer: AIOKafkaConsumer = started.kafka.consumer()
    await consumer.start()
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek(partition, 0)
    found: list[ConsumerRecord[bytes, bytes]] = []
    try:
        async with asyncio.timeout(PATIENCE):
            while len(found) < size:
                found += (await consumer.getmany(timeout_ms=200)).get(partition, [])
            end = (await consumer.end_offsets([partition]))[partition]
            while len(found) < end:
                found += (await consumer.getmany(timeout_ms=200)).get(partition, [])
    finally:
        await consumer.stop()
    return found


def check_order(records: list[ConsumerRecord[bytes, bytes]], *, exactly_once: bool) -> None:
    """Say how many events came too early for their key; of ours none may, and none twice."""
    number_of = {envelope(number, "").id: number for number in range(1, len(records) + 1)}
    last: dict[bytes | None, int] = {}
    numbers = [number_of[UUID(dict(r.headers)["ce_id"].decode())] for r in records]
    inverted = 0
    for record, number in zip(records, numbers, strict=True):
        inverted += number < last.get(record.key, 0)
        last[record.key] = number
    whole = sorted(numbers) == list(range(1, len(records) + 1))
    if exactly_once and not (whole and numbers == sorted(numbers)):
        raise RuntimeError(f"the relay lost, doubled or mixed up events ({inverted} inversions)")
    if not exactly_once:
        say(f"reference: {inverted} inversions of {len(records)}, each once: {whole}")

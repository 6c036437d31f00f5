"""`faststream-outbox`, as its documentation says for a relay to Kafka, set for throughput.

Rows are written as its `publish` writes them. The handler passes body and headers on undecoded and
sets the key, which the library itself does not keep.
"""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from faststream import StreamMessage
from faststream.kafka import KafkaBroker, KafkaResponse
from faststream.security import SASLScram256
from faststream_outbox import OutboxBroker, make_outbox_table
from faststream_outbox.annotations import OutboxMessage
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import create_async_engine

from tests.benchmarks.rows import envelope, event, until
from tests.benchmarks.servers import Servers

WORKERS = 16
FETCH = 1000
FLUSH = 500
CONFIGURATION = (
    f"max_workers={WORKERS}, fetch_batch_size={FETCH}, terminal_flush_batch_size={FLUSH}"
)
LOG = logging.getLogger("reference")
QUEUE = "benchmark"
METADATA = MetaData()
TABLE = make_outbox_table(METADATA, "reference")


async def once(started: Servers, size: int) -> float:
    """Events a second; its outbox begins empty."""
    from tests.benchmarks.relay import check_order, read_back

    connection, topic = await started.connect(), await started.topic()
    async with _running(started, topic):
        await _commit(connection, 1, 1)
        await until(lambda: _empty(connection))
        await _commit(connection, 2, size)
        committed = time.perf_counter()
        await until(lambda: _empty(connection))
        seconds = time.perf_counter() - committed
    await connection.close()
    check_order(await read_back(started, topic, size + 1), exactly_once=False)
    return size / seconds


async def _commit(connection: asyncpg.Connection, first: int, size: int) -> None:
    async with connection.transaction():
        await connection.copy_records_to_table(
            TABLE.name,
            columns=("queue", "payload", "headers"),
            records=[_row(number) for number in range(first, first + size)],
        )
        await connection.execute(f"select pg_notify('outbox_{TABLE.name}', '{QUEUE}')")


def _row(number: int) -> tuple[str, bytes, str]:
    import json

    happened = event(number)
    headers = {k: v.decode() for k, v in envelope(number, happened.subject).headers()}
    return QUEUE, happened.body(), json.dumps({**headers, "key": happened.key})


async def _empty(connection: asyncpg.Connection) -> bool:
    found: bool = await connection.fetchval(f"select not exists (select from {TABLE.name})")
    return found


@asynccontextmanager
async def _running(started: Servers, topic: str) -> AsyncIterator[None]:
    engine = create_async_engine(
        started.dsn.replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_size=WORKERS + 2,
        connect_args={"ssl": False},
    )
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    kafka, outbox = _kafka(started), OutboxBroker(engine, outbox_table=TABLE, logger=LOG)
    publisher = kafka.publisher(topic)

    @publisher
    @outbox.subscriber(
        QUEUE,
        max_workers=WORKERS,
        fetch_batch_size=FETCH,
        terminal_flush_batch_size=FLUSH,
        min_fetch_interval=0.01,
        max_fetch_interval=1.0,
        decoder=_undecoded,
    )
    async def relay(body: bytes, message: OutboxMessage) -> KafkaResponse:
        headers = dict(message.headers)
        return KafkaResponse(body, key=headers.pop("key").encode(), headers=headers)

    await kafka.connect()
    await outbox.start()
    try:
        yield
    finally:
        await outbox.stop()
        await kafka.stop()
        await engine.dispose()


async def _undecoded(message: StreamMessage[Any]) -> bytes:
    return message.body


def _kafka(started: Servers) -> KafkaBroker:
    return KafkaBroker(
        started.account.bootstrap,
        security=SASLScram256(started.account.username, started.account.password),
        acks="all",
        enable_idempotence=True,
        max_batch_size=262_144,
        logger=LOG,
    )

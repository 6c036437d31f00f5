"""A process reduced to its outbox and inbox: one event type, one table of effects."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import ConsumerRecord, TopicPartition
from sqlmodel.ext.asyncio.session import AsyncSession

from comptoir.kafka import Account
from shared import covering, inbox, mark, outbox, proving
from shared.covering import Standing
from shared.database import Database, raw
from shared.delivery import Delivered
from shared.events import Event
from shared.events.event import Ledgered
from shared.inbox import Inbox, Subscription, Trace
from shared.kafka import Kafka
from shared.relay import Relay
from shared.settings import KafkaSettings
from shared.telemetry import Metrics, carried
from tests.conftest import DatabaseFactory, TopicFactory

EFFECT = """
create table effect (
    id bigint generated always as identity primary key, thing text, value integer, event_id uuid
);
"""
SOURCE = "tests.things"


class ThingCounted(Event):
    """The event of these tests; its topic is each test's own."""

    topic: ClassVar[str] = "test"
    type: ClassVar[str] = "tests.thing-counted.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    thing: str
    value: int

    @property
    def key(self) -> str:
        return self.thing


@dataclass
class Store:
    """A database with outbox, inbox and effects, and the topic that it publishes to."""

    dsn: str
    account: Account
    topic: str
    database: Database
    metrics: Metrics = field(default_factory=Metrics)

    @property
    def kafka(self) -> Kafka:
        account = self.account
        return Kafka(
            KafkaSettings(
                bootstrap=account.bootstrap, username=account.username, password=account.password
            )
        )

    def relay(self, name: str = "relay", standing: Standing | None = None) -> Relay:
        return Relay(self.dsn, self.kafka, self.metrics, name=name, standing=standing)

    def inbox(
        self,
        handler: Callable[[AsyncSession, Sequence[Delivered[Any]]], Awaitable[None]] | None = None,
        process: str = "tests",
        trace: Trace = carried,
        standing: Standing | None = None,
    ) -> Inbox:
        types = {ThingCounted.type: type("Here", (ThingCounted,), {"topic": self.topic})}
        subscription = Subscription(
            name="things",
            topics=(self.topic,),
            handlers={ThingCounted.type: handler or keep_effects},
            types=types,
        )
        return Inbox(
            subscription,
            self.database,
            self.kafka,
            Metrics(),
            process=process,
            trace=trace,
            standing=standing,
        )

    async def announce(self, thing: str, *values: int, log: str = "edition") -> None:
        """Announce these values of a thing in one transaction."""
        async with self.database.begin() as session:
            for value in values:
                outbox.announce(
                    session,
                    ThingCounted(thing=thing, value=value),
                    source=SOURCE,
                    log=log,
                    topic=self.topic,
                )

    async def fetch(self, statement: str, *arguments: Any) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.dsn, ssl=False)
        try:
            return await connection.fetch(statement, *arguments)
        finally:
            await connection.close()

    async def effects(self) -> list[tuple[str, int]]:
        """What the handler kept, in its order."""
        rows = await self.fetch("select thing, value from effect order by id")
        return [(row["thing"], row["value"]) for row in rows]

    async def sent(self, count: int) -> list[ConsumerRecord[bytes, bytes]]:
        """The first `count` records of the topic, in the order of their arrival."""
        return (await self.all_sent(count))[:count]

    async def all_sent(self, at_least: int) -> list[ConsumerRecord[bytes, bytes]]:
        """Every record of the topic, once there are so many."""
        consumer = AIOKafkaConsumer(
            **account_settings(self.account), group_id=None, auto_offset_reset="earliest"
        )
        # Whoever no longer waits may say so while it starts: cut off in the middle, a start leaves
        # its first connection open, which the next test would be blamed for.
        starting = asyncio.ensure_future(consumer.start())
        try:
            await asyncio.shield(starting)
            wanted = [
                TopicPartition(self.topic, p)
                for p in await asyncio.wait_for(_partitions(consumer, self.topic), 60)
            ]
            consumer.assign(wanted)
            found: list[ConsumerRecord[bytes, bytes]] = []
            async with asyncio.timeout(60):
                while len(found) < at_least:
                    for records in (await consumer.getmany(timeout_ms=100)).values():
                        found += records
                ends = await consumer.end_offsets(wanted)
                while sum(ends.values()) > len(found):
                    for records in (await consumer.getmany(timeout_ms=100)).values():
                        found += records
            return found
        finally:
            await asyncio.wait({starting})
            await consumer.stop()

    async def produce(self, *records: tuple[bytes | None, list[tuple[str, bytes]]]) -> None:
        """Put raw records on the topic: value and headers."""
        producer = AIOKafkaProducer(**account_settings(self.account))
        await producer.start()
        try:
            for value, headers in records:
                await producer.send_and_wait(self.topic, value, key=b"raw", headers=headers)
        finally:
            await producer.stop()


async def keep_effects(session: AsyncSession, things: Sequence[Delivered[ThingCounted]]) -> None:
    """One row per event."""
    await (await raw(session)).executemany(
        "insert into effect (thing, value, event_id) values ($1, $2, $3)",
        [(d.event.thing, d.event.value, d.envelope.id) for d in things],
    )


def account_settings(account: Account) -> dict[str, Any]:
    return {
        "bootstrap_servers": account.bootstrap,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-256",
        "sasl_plain_username": account.username,
        "sasl_plain_password": account.password,
    }


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> list[int]:
    consumer.assign([TopicPartition(topic, 0)])
    while not (found := consumer.partitions_for_topic(topic)):
        await consumer._client.force_metadata_update()
    return sorted(found)


StoreFactory = Callable[..., Awaitable[Store]]


@pytest.fixture
async def store(
    database: DatabaseFactory, kafka: Account, topic: TopicFactory
) -> AsyncIterator[StoreFactory]:
    """`await store()` is a process of its own; with `topic`, one that shares another's."""
    made: list[Store] = []

    async def make(partitions: int = 1, topic_name: str | None = None) -> Store:
        empty = await database()
        connection = await asyncpg.connect(empty.superuser, ssl=False)
        await connection.execute(outbox.CREATE + inbox.CREATE + covering.CREATE)
        await connection.execute(covering.CREATE_RECOVERY + covering.CREATE_FROZEN)
        await connection.execute(mark.CREATE + proving.CREATE + EFFECT)
        await connection.close()
        name = topic_name or await topic(partitions)
        made.append(Store(empty.superuser, kafka, name, Database(empty.superuser, name="tests")))
        return made[-1]

    yield make
    for each in made:
        await each.database.close()


@asynccontextmanager
async def running(*parts: Relay | Inbox) -> AsyncIterator[None]:
    """Run these until the block ends, which they must survive."""
    tasks = [asyncio.create_task(part.run()) for part in parts]
    try:
        yield
        assert not any(task.done() for task in tasks)
    finally:
        for part in parts:
            part.stop()
        async with asyncio.timeout(15):
            await asyncio.gather(*tasks)


async def eventually(
    ask: Callable[[], Awaitable[Any]], wanted: Callable[[Any], bool], within: float = 60.0
) -> Any:
    """What `ask` gives once it is wanted; fails with the last answer."""
    last = None
    try:
        async with asyncio.timeout(within):
            while not wanted(last := await ask()):  # noqa: ASYNC110  # it asks another process
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"not so within {within:g} s; last: {last!r}") from None
    return last

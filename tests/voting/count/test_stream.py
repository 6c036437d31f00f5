"""Tallies from a real broker: heard by every replica, and served where the broker says nothing."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka.admin import NewTopic  # type: ignore[attr-defined]  # it does export them

from comptoir.kafka import Account
from shared.database import Database
from shared.envelope import Envelope
from shared.events.voting import TallyUpdated
from shared.settings import KafkaSettings
from tests.shared.conftest import account_settings
from tests.strategies import Cast
from tests.voting.count.conftest import ServedCount, ballot
from voting.count.live.hub import Hub, Place, Subscriber
from voting.count.live.stream import Tallies

pytestmark = pytest.mark.usefixtures("tallies_topic")


@pytest.fixture(scope="module")
async def tallies_topic(kafka: Account) -> AsyncIterator[None]:
    """The topic under its own name: FastStream's subscriber knows no other, and whoever declared
    all topics on this broker has left one."""
    admin = kafka.admin()
    known = await asyncio.to_thread(admin.list_topics, timeout=10)
    if TallyUpdated.topic not in known.topics:
        made = admin.create_topics([NewTopic(TallyUpdated.topic, 1, 1)])
        await asyncio.to_thread(made[TallyUpdated.topic].result, 10)
    yield
    gone = admin.delete_topics([TallyUpdated.topic])
    await asyncio.to_thread(gone[TallyUpdated.topic].result, 10)


def known(kafka: Account) -> KafkaSettings:
    return KafkaSettings(
        bootstrap=kafka.bootstrap, username=kafka.username, password=kafka.password
    )


@asynccontextmanager
async def running(tallies: Tallies) -> AsyncIterator[None]:
    """Hear tallies until the block ends, which it does within bounds."""
    stopping = asyncio.Event()
    task = asyncio.create_task(tallies.run(stopping))
    try:
        yield
    finally:
        began = time.monotonic()
        stopping.set()
        await task
        assert time.monotonic() - began < 8


@asynccontextmanager
async def producing(kafka: Account) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(**account_settings(kafka))
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def send(producer: AIOKafkaProducer, round_id: UUID, ballots: int) -> None:
    event = TallyUpdated(
        round_id=round_id, ballots=ballots, votes={"1": ballots}, final=False, voters=ballots
    )
    envelope = Envelope(uuid4(), event.type, "voting.count", event.key, datetime.now(UTC))
    await producer.send_and_wait(
        event.topic, event.body(), key=event.key.encode(), headers=envelope.headers()
    )


async def heard(subscriber: Subscriber, wanted: Place, within: float = 20) -> None:
    """Return once this place was sent to a subscriber."""
    async with asyncio.timeout(within):
        while (frame := await subscriber.waiting.get()) is None or frame.place != wanted:  # type: ignore[union-attr]
            pass


async def settled(producer: AIOKafkaProducer, subscriber: Subscriber, hub: Hub) -> None:
    """Send until something is heard: what came before the subscriber began is not."""
    for ballots in range(1, 200):
        await send(producer, subscriber.round_id, ballots)
        await asyncio.sleep(0.1)
        if hub.place(subscriber.round_id) is not None:
            return
    raise AssertionError("nothing was heard")


async def test_two_replicas_hear_every_tally(kafka: Account) -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/none", name="test")
    round_id = uuid4()
    hubs = [Hub(), Hub()]
    replicas = [Tallies(hub, nowhere, known(kafka)) for hub in hubs]
    async with running(replicas[0]), running(replicas[1]), producing(kafka) as producer:
        with hubs[0].subscribed(round_id) as one, hubs[1].subscribed(round_id) as other:
            for each, hub in zip((one, other), hubs, strict=True):
                await settled(producer, each, hub)
            for more in range(1, 6):
                await send(producer, round_id, 1000 + more)
            for each in (one, other):
                await heard(each, Place(False, 1005))
    await nowhere.close()


async def test_what_is_no_tally_stops_nobody(kafka: Account) -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/none", name="test")
    round_id, hub = uuid4(), Hub()
    tallies = Tallies(hub, nowhere, known(kafka))
    async with running(tallies), producing(kafka) as producer:
        with hub.subscribed(round_id) as subscriber:
            await settled(producer, subscriber, hub)
            for value, headers in (
                (b"\x00", [("ce_id", b"\xff")]),
                (b"{}", []),
                (None, []),
            ):
                await producer.send_and_wait(TallyUpdated.topic, value, b"key", headers=headers)
            await send(producer, round_id, 2000)
            await heard(subscriber, Place(False, 2000))
    await nowhere.close()


async def test_without_a_broker_dashboards_are_served_from_postgresql(
    served_count: ServedCount,
) -> None:
    """The broker's address leads nowhere; PostgreSQL knows what should have come."""
    round_id = await served_count.opened()
    gone = KafkaSettings(bootstrap="127.0.0.1:1", username="nobody", password="none")
    hub = Hub()
    tallies = Tallies(hub, served_count.database, gone)
    async with running(tallies):
        with hub.subscribed(round_id) as subscriber:
            await tallies.current(round_id)
            await served_count.handle(ballot(round_id, Cast(1, 1, (1,))))
            await served_count.eventually(round_id, lambda state: state["ballots"] == 1)
            async with asyncio.timeout(60):
                while hub.place(round_id) != Place(False, 1):
                    await asyncio.sleep(0.3)
                    await tallies.look()
            await heard(subscriber, Place(False, 1))

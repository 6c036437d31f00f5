"""What comes first is handled before a process answers or sends anything."""

import asyncio

import httpx
from confluent_kafka.admin import NewTopic  # type: ignore[attr-defined]  # it does export it
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from shared import covering
from shared.catching_up import CatchingUp, Closed, Reading, still_reachable
from shared.covering import Behind, NotStanding, Unheard
from shared.kafka import Kafka
from shared.settings import KafkaSettings
from shared.standstill import Stand
from tests.shared.conftest import Store, StoreFactory, eventually, running


async def catching_up(store: Store, kafka: Kafka | None = None) -> CatchingUp:
    return CatchingUp([store.topic], kafka or store.kafka, store.database)


async def test_it_is_caught_up_when_what_was_said_before_the_start_is_handled(
    store: StoreFactory,
) -> None:
    publisher = await store()
    reader = await store(topic_name=publisher.topic)
    async with running(publisher.relay()):
        await publisher.announce("a", 1, 2, 3)
        await publisher.sent(3)
    found, stopping = await catching_up(reader), asyncio.Event()
    task = asyncio.create_task(found.run(stopping))
    seen = await answered(found)
    assert seen == {"/": 503, "/health/ready": 200, "/metrics": 200, "/desk/recovery": 200}
    async with running(reader.inbox()):
        await asyncio.wait_for(found.done.wait(), 60)
    assert len(await reader.effects()) == 3
    assert (await answered(found))["/"] == 200
    assert not task.done(), "it goes on until it is told to stop"
    stopping.set()
    await asyncio.wait_for(task, 5)


async def test_what_comes_all_the_time_is_read_as_far_as_it_went_before(
    store: StoreFactory,
) -> None:
    publisher = await store()
    reader = await store(topic_name=publisher.topic)
    reading = Reading([publisher.topic], reader.kafka, reader.database)
    async with running(publisher.relay()):
        await publisher.announce("a", 1, 2)
        await publisher.sent(2)
        assert not await reading.came()
        async with running(reader.inbox()):
            await eventually(reader.effects, lambda found: len(found) == 2)
        await publisher.announce("a", 3)  # whenever anybody looks, there is one more
        await publisher.sent(3)
        assert await reading.came()
        assert not await reading.came()
        async with running(reader.inbox()):
            await eventually(reader.effects, lambda found: len(found) == 3)
        await publisher.announce("a", 4)
        await publisher.sent(4)
        assert await reading.came()


async def test_nothing_was_ever_said_and_nothing_is_waited_for(store: StoreFactory) -> None:
    made, stopping = await store(), asyncio.Event()
    found = await catching_up(made)
    task = asyncio.create_task(found.run(stopping))
    await asyncio.wait_for(found.done.wait(), 60)
    stopping.set()
    await task


async def test_without_an_answer_from_the_broker_nothing_is_served(
    store: StoreFactory,
) -> None:
    made, stopping = await store(), asyncio.Event()
    away = Kafka(KafkaSettings(bootstrap="127.0.0.1:9", username="nobody", password="none"))
    found = await catching_up(made, away)
    task = asyncio.create_task(found.run(stopping))
    assert not (await asyncio.wait({task}, timeout=2))[0]
    assert not found.done.is_set()
    assert (await answered(found))["/"] == 503
    stopping.set()
    await asyncio.wait_for(task, 15)


async def test_a_log_that_is_another_one_by_now_is_read_to_where_that_one_ends(
    store: StoreFactory,
) -> None:
    """Kafka loses its disk while a process waits for an end that nobody will ever come to."""
    publisher = await store()
    reader = await store(topic_name=publisher.topic)
    async with running(publisher.relay()):
        await publisher.announce("a", 1, 2, 3)
        await publisher.sent(3)
    found = CatchingUp([reader.topic], reader.kafka, reader.database, ask_every=0.2)
    stopping = asyncio.Event()
    task = asyncio.create_task(found.run(stopping))
    assert not (await asyncio.wait({task}, timeout=1))[0]
    admin = reader.account.admin()
    await asyncio.to_thread(admin.delete_topics([reader.topic])[reader.topic].result, 10)
    made = admin.create_topics([NewTopic(reader.topic, 1, 1)])[reader.topic]
    await asyncio.to_thread(made.result, 10)
    await asyncio.wait_for(found.done.wait(), 60)
    stopping.set()
    await task


def test_the_end_of_the_start_stays_unless_nobody_can_come_to_it() -> None:
    first = {("a", 0): ("id", 10), ("b", 0): ("id", 10), ("c", 0): ("id", 10)}
    now = {("a", 0): ("id", 12), ("b", 0): ("other", 12), ("c", 0): ("id", 4)}
    assert still_reachable(None, now) == now
    assert still_reachable(first, now) == {**now, ("a", 0): ("id", 10)}


async def test_nothing_is_shown_before_it_is_known_that_the_database_is_no_backup(
    store: StoreFactory,
) -> None:
    """With Kafka's disk lost, nothing waits on the topic, and what was erased is back."""
    found = await catching_up(await store())
    found.done.set()
    shown: dict[str, int] = {}
    refusals: list[NotStanding] = [Unheard(""), Behind(""), covering.Closed("")]
    for refusal in refusals:
        seen = await answered(found, refusal)
        shown[refusal.code] = seen["/"]
        assert seen["/desk/recovery"] == 200
    assert shown == {"checkpoints_unread": 503, "restored": 503, "recovered": 200}


async def answered(found: CatchingUp, refusal: NotStanding | None = None) -> dict[str, int]:
    """The status that each of these addresses has."""

    async def say(_: object) -> PlainTextResponse:
        return PlainTextResponse("here")

    paths = ("/", "/health/ready", "/metrics", "/desk/recovery")
    stand = Stand()
    stand.refusal = refusal
    app = Closed(Starlette(routes=[Route(path, say) for path in paths]), found, stand)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        return {path: (await client.get(path)).status_code for path in paths}

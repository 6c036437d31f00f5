"""What comes first is handled before a process answers or sends anything."""

import asyncio

import httpx
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from shared.catching_up import CatchingUp, Closed
from shared.kafka import Kafka
from shared.settings import KafkaSettings
from tests.shared.conftest import Store, StoreFactory, running


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
    assert seen == {"/": 503, "/health/ready": 200, "/metrics": 200}
    async with running(reader.inbox()):
        await asyncio.wait_for(found.done.wait(), 30)
    assert len(await reader.effects()) == 3
    assert (await answered(found))["/"] == 200
    assert not task.done(), "it goes on until it is told to stop"
    stopping.set()
    await asyncio.wait_for(task, 5)


async def test_nothing_was_ever_said_and_nothing_is_waited_for(store: StoreFactory) -> None:
    made, stopping = await store(), asyncio.Event()
    found = await catching_up(made)
    task = asyncio.create_task(found.run(stopping))
    await asyncio.wait_for(found.done.wait(), 30)
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


async def answered(found: CatchingUp) -> dict[str, int]:
    """The status that each of these addresses has."""

    async def say(_: object) -> PlainTextResponse:
        return PlainTextResponse("here")

    paths = ("/", "/health/ready", "/metrics")
    app = Closed(Starlette(routes=[Route(path, say) for path in paths]), found)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        return {path: (await client.get(path)).status_code for path in paths}

"""What dashboards cost and how soon they know: tallies by Kafka and by server-sent events, and the
page of a result.

`flush-to-dashboard` has one clock, that of this process. A ballot counts as flushed when the last
look at the box's outbox *before* the one that sees its row was asked, and as shown by the first
tally that counts as many ballots as were flushed up to it: ballots keep their order on the way.
`dashboard-subscribers` has the processor time of the serving process, as the kernel says: all of
it, whatever else that process did meanwhile, and beside it what is left without its idle time.
"""

import asyncio
import json
import os
import statistics
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import aiohttp
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from comptoir.client import Client
from comptoir.election import generated_election
from comptoir.kafka import ADMIN
from comptoir.pabulib import held
from comptoir.processes import DASHBOARD
from comptoir.replay import Rehearsal
from comptoir.stack import Stack
from shared.envelope import Envelope
from shared.events.voting import TallyUpdated
from tests.backends import passable_directory
from tests.benchmarks.figure import Figure, load_average, say
from tests.benchmarks.latency import BALLOTS, Watch, connected, vote_slowly
from tests.shared.conftest import account_settings

SUBSCRIBERS = 1_000
EVENTS, EVENTS_A_SECOND = 200, 10
OPTIONS, REQUESTS = 500, 200
PROCESS = "voting.count.1"
CHANGE = (
    "update words set value = $1 where content_id = (select title from option"
    " order by number limit 1)"
)
TICKS = os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def rehearsal(projects: int, voters: int) -> AsyncIterator[tuple[Stack, Rehearsal]]:
    """A platform, and an election on it that is open."""
    with passable_directory() as directory:
        async with Stack(directory / "state") as stack, Client(stack.addresses) as client:
            election = held(generated_election(projects=projects, voters=voters))
            found = Rehearsal(client, election, lambda what, done, all_: None)
            await found.propose()
            await found.open_round()
            yield stack, found


class Shown:
    """When tallies said first that so many ballots are counted."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._ballots: list[int] = []
        self._moments: list[float] = []

    def note(self, tally: dict[str, Any]) -> bool:
        """Keep a tally's moment; whether all ballots are shown now."""
        if not self._ballots or tally["ballots"] > self._ballots[-1]:
            self._ballots.append(tally["ballots"])
            self._moments.append(time.perf_counter())
        return bool(self._ballots[-1] >= self._wanted)

    def moment(self, place: int) -> float:
        """When the ballot at this place, from 1, was shown."""
        return self._moments[bisect_left(self._ballots, place)]


async def flush_to_dashboard() -> AsyncIterator[Figure]:
    """The 99th percentile and the median at a subscriber of Kafka and at one of the stream."""
    async with rehearsal(40, BALLOTS) as (stack, found), AsyncExitStack() as exit_stack:
        box = await connected(exit_stack, stack.addresses.superuser_dsn("voting_box"))
        flushed = Watch(
            box, "select event_id as id, id as place from outbox where id > $1 order by id", 0
        )
        by_kafka, by_events = Shown(BALLOTS), Shown(BALLOTS)
        say(f"flush-to-dashboard: load {load_average()}")
        async with asyncio.timeout(180), asyncio.TaskGroup() as group:
            group.create_task(_hear(stack, found, by_kafka))
            group.create_task(_follow(stack, found, by_events))
            await asyncio.sleep(1)
            group.create_task(flushed.run(BALLOTS))
            group.create_task(vote_slowly(found))
    for name, shown in (("", by_kafka), ("-events", by_events)):
        moments = enumerate(flushed.asked.values(), start=1)
        delays = sorted(shown.moment(place) - moment for place, moment in moments)
        say(f"slowest {delays[-1]:.3f} s, median {statistics.median(delays):.3f} s")
        p99 = delays[len(delays) * 99 // 100]
        yield Figure(f"flush-to-dashboard{name}", p99, "s p99", target="<= 1")


async def _hear(stack: Stack, found: Rehearsal, shown: Shown) -> None:
    consumer = AIOKafkaConsumer(
        TallyUpdated.topic,
        **account_settings(stack.addresses.account(DASHBOARD)),
        group_id=None,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        async for record in consumer:
            tally = json.loads(record.value)
            if tally["round_id"] == str(found.round_id) and shown.note(tally):
                return
    finally:
        await consumer.stop()


async def _follow(stack: Stack, found: Rehearsal, shown: Shown) -> None:
    url = f"{stack.url(PROCESS)}/rounds/{found.round_id}/events"
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session,
        session.get(url) as answer,
    ):
        async for line in answer.content:
            if line.startswith(b"data: ") and shown.note(json.loads(line[6:])):
                return
    raise RuntimeError("the stream ended")


async def dashboard_subscribers() -> AsyncIterator[Figure]:
    """Microseconds of the server's processor time per event and subscriber."""
    async with rehearsal(40, 1) as (stack, found), AsyncExitStack() as exit_stack:
        followers = [await _connect(exit_stack, stack, found) for _ in range(SUBSCRIBERS)]
        await _until(lambda: all(follower.events for follower in followers))
        pid = stack.pid(PROCESS)
        before = _processor_time(pid)
        await asyncio.sleep(EVENTS / EVENTS_A_SECOND)
        idle = _processor_time(pid) - before
        before, began = _processor_time(pid), time.perf_counter()
        await _announce(stack, found)
        await _until(lambda: all(follower.events > EVENTS for follower in followers))
        spent, seconds = _processor_time(pid) - before, time.perf_counter() - began
        received = sum(follower.events - 1 for follower in followers)
    deliveries = EVENTS * SUBSCRIBERS
    say(f"{received:,} events received in {seconds:.1f} s; load {load_average()}")
    net = max(0.0, spent - idle * seconds * EVENTS_A_SECOND / EVENTS) / received * 1e6
    yield Figure("dashboard-subscribers", spent / received * 1e6, "µs", target="<= 50")
    yield Figure("dashboard-subscribers-net", net, "µs")
    yield Figure("dashboard-subscribers-all", received == deliveries, "each event at each")


class _Follower(asyncio.Protocol):
    """One open stream; it only counts events, so that the client costs little."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self.events = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self.events += data.count(b"event: tally")


async def _connect(exit_stack: AsyncExitStack, stack: Stack, found: Rehearsal) -> _Follower:
    at = urlsplit(stack.url(PROCESS))
    request = f"GET /rounds/{found.round_id}/events HTTP/1.1\r\nHost: {at.netloc}\r\n\r\n"
    transport, follower = await asyncio.get_running_loop().create_connection(
        lambda: _Follower(request.encode()), str(at.hostname), at.port or 80
    )
    exit_stack.callback(transport.close)
    return follower


async def _announce(stack: Stack, found: Rehearsal) -> None:
    """Put tallies on Kafka at an even rate, as if so many ballots had come."""
    producer = AIOKafkaProducer(**account_settings(stack.addresses.account(ADMIN)))
    await producer.start()
    began = time.perf_counter()
    for ballots in range(1, EVENTS + 1):
        await asyncio.sleep(max(0.0, began + ballots / EVENTS_A_SECOND - time.perf_counter()))
        event = TallyUpdated(
            round_id=found.round_id,
            ballots=ballots,
            voters=ballots,
            votes={str(number): ballots for number in range(1, 41)},
            final=False,
        )
        envelope = Envelope(uuid4(), event.type, "voting.count", event.key, datetime.now(UTC))
        await producer.send_and_wait(
            event.topic, event.body(), key=event.key.encode(), headers=envelope.headers()
        )
    await producer.stop()


async def _until(ask: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not ask():  # noqa: ASYNC110  # protocols count meanwhile
            await asyncio.sleep(0.05)


def _processor_time(pid: int) -> float:
    """User and system time of a process so far, in seconds (proc_pid_stat(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def page_render() -> AsyncIterator[Figure]:
    """The result page of 500 options, rendered each time and kept: more than the server's time, it
    is all that a client waits."""
    async with rehearsal(OPTIONS, 200) as (stack, found), AsyncExitStack() as exit_stack:
        await found.vote(range(200))
        await found.close_round()
        await found.decide()
        url = f"{stack.url(PROCESS)}/rounds/{found.round_id}/results"
        count = await connected(exit_stack, stack.addresses.superuser_dsn("voting_count"))
        async with aiohttp.ClientSession(headers={"Accept": "text/html"}) as session:
            kept = [await _read(session, url) for _ in range(REQUESTS)]
            # Another word each time: nothing that was rendered before can be used.
            rendered = []
            for number in range(REQUESTS):
                await count.execute(CHANGE, f"A title, changed {number} times")
                rendered.append(await _read(session, url))
    for name, times in (("", rendered), ("-kept", kept)):
        say(f"median {statistics.median(times):.1f} ms; load {load_average()}")
        p95 = sorted(times)[len(times) * 95 // 100]
        yield Figure(f"page-render{name}", p95, "ms p95", target="<= 50")


async def _read(session: aiohttp.ClientSession, url: str) -> float:
    """Milliseconds from the request to the page's last byte."""
    began = time.perf_counter()
    async with session.get(url) as answer:
        page = await answer.text()
        found = (time.perf_counter() - began) * 1000
    if answer.status != 200 or page.count('class="line-of"') != OPTIONS:
        raise RuntimeError(f"{url}: {answer.status}, {len(page)} characters")
    return found

"""Dashboards: the stream of server-sent events over HTTP, its resuming, its limits, its end."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from shared.events.voting import TallyUpdated
from tests.serving import served, settings
from tests.strategies import Cast
from tests.voting.count.conftest import ServedCount, ballot
from voting.count.app import CountSettings, application
from voting.count.live.hub import (
    KEEP_ALIVE,
    WAITING,
    Frame,
    Hub,
    Leaving,
    Place,
    TooManySubscribers,
    encode,
)
from voting.count.live.stream import Tallies

ROUND = UUID(int=7)


def frame(ballots: int, *, final: bool = False) -> Frame:
    """A tally of so many ballots."""
    tally = TallyUpdated(
        round_id=ROUND, ballots=ballots, votes={"1": ballots}, final=final, voters=ballots
    )
    return encode(tally)


def drained(queue: asyncio.Queue[Any]) -> list[Any]:
    """What waits."""
    return [queue.get_nowait() for _ in range(queue.qsize())]


@dataclass(frozen=True)
class Sent:
    """A server-sent event as it arrived."""

    id: str
    name: str
    data: dict[str, Any]


class Following:
    """An open stream."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer

    async def next(self, within: float = 5) -> Sent | str | None:
        """The next event, a comment as its text, or None at the end."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(within):
            while True:
                line = (await self.answer.content.readline()).decode()
                if not line:
                    return None
                if line == "\n":
                    break
                name, _, value = line.rstrip("\n").partition(": ")
                fields[name] = value
        if "data" not in fields:
            return fields.get("", "") or json.dumps(fields)
        return Sent(fields["id"], fields["event"], json.loads(fields["data"]))

    async def tally(self, within: float = 5) -> Sent:
        """The next event, comments passed over."""
        while not isinstance(found := await self.next(within), Sent):
            assert found is not None, "the stream ended"
        return found


@asynccontextmanager
async def following(count: ServedCount, round_id: UUID, **headers: str) -> AsyncIterator[Following]:
    """Follow a round as a browser does."""
    session = count.client._session
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with session.get(f"/rounds/{round_id}/events", headers=named) as answer:
        assert answer.status == 200, await answer.text()
        assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        yield Following(answer)


def test_everybody_gets_the_same_bytes() -> None:
    hub = Hub()
    with hub.subscribed(ROUND) as one, hub.subscribed(ROUND) as other:
        hub.publish(ROUND, frame(1))
        [first], [second] = drained(one.waiting), drained(other.waiting)
    assert first is second
    assert first.sent.startswith(b"id: 1\nevent: tally\ndata: {") and first.sent.endswith(b"\n\n")


def test_a_slow_subscriber_gets_the_latest_and_holds_up_nobody() -> None:
    hub = Hub()
    with hub.subscribed(ROUND) as slow, hub.subscribed(ROUND) as quick:
        seen = []
        for ballots in range(1, 100):
            hub.publish(ROUND, frame(ballots))
            seen += drained(quick.waiting)
            assert slow.waiting.qsize() <= WAITING
        assert drained(slow.waiting)[-1].place == Place(False, 99)
    assert [each.place.ballots for each in seen] == list(range(1, 100))


def test_what_comes_again_or_late_is_not_sent_again() -> None:
    """The relay may send old tallies again; a dashboard never goes backwards."""
    hub = Hub()
    with hub.subscribed(ROUND) as subscriber:
        for each in (frame(3), frame(2), frame(3), frame(4), frame(4, final=True), frame(5)):
            hub.publish(ROUND, each)
        places = [each.place for each in drained(subscriber.waiting)]
    assert places == [Place(False, 3), Place(False, 4), Place(True, 4)]


def test_votes_that_change_without_a_ballot_are_sent() -> None:
    """In a named round a recusal takes votes away: no ballot comes, and dashboards are not wrong
    until one does."""
    hub = Hub()
    recused = encode(TallyUpdated(round_id=ROUND, ballots=3, votes={"1": 2}, final=False, voters=3))
    with hub.subscribed(ROUND) as subscriber:
        for each in (frame(3), recused, recused):
            hub.publish(ROUND, each)
        assert drained(subscriber.waiting) == [frame(3), recused]


def test_what_nobody_follows_is_not_kept() -> None:
    hub = Hub()
    hub.publish(ROUND, frame(1))
    with hub.subscribed(ROUND):
        hub.publish(ROUND, frame(2))
        assert hub.place(ROUND) == Place(False, 2)
    assert hub.place(ROUND) is None and hub.rounds() == [] and len(hub) == 0


async def test_only_silent_streams_are_kept_alive() -> None:
    hub = Hub()
    with hub.subscribed(ROUND) as subscriber:
        await hub.beat()
        assert drained(subscriber.waiting) == [KEEP_ALIVE]
        hub.publish(ROUND, frame(1))
        await hub.beat()
        assert [each.place.ballots for each in drained(subscriber.waiting)] == [1]


def test_there_is_a_limit_and_an_end() -> None:
    hub = Hub(most=2)
    with hub.subscribed(ROUND), hub.subscribed(uuid4()) as other:
        with pytest.raises(TooManySubscribers), hub.subscribed(ROUND):
            pass
        hub.leave()
        assert drained(other.waiting) == [None]
    with pytest.raises(Leaving), hub.subscribed(ROUND):
        pass


async def test_a_stream_begins_with_where_the_round_is_and_goes_on(
    served_count: ServedCount,
) -> None:
    round_id = await served_count.opened()
    await served_count.handle(ballot(round_id, Cast(1, 1, (1, 2))))
    async with following(served_count, round_id) as stream:
        first = await stream.tally()
        assert (first.id, first.name) == ("1", "tally")
        assert first.data == {
            "round_id": str(round_id),
            "ballots": 1,
            "voters": 1,
            "votes": {"1": 1, "2": 1, "3": 0, "4": 0},
            "final": False,
        }
        # Without Kafka, as here: PostgreSQL is looked at, and nothing is missing.
        await served_count.handle(ballot(round_id, Cast(2, 1, (3,))))
        second = await stream.tally(within=10)
        assert (second.id, second.data["voters"], second.data["votes"]["3"]) == ("2", 2, 1)


async def test_whoever_comes_back_gets_what_is_new_and_only_that(
    served_count: ServedCount,
) -> None:
    round_id = await served_count.opened()
    await served_count.handle(ballot(round_id, Cast(1, 1, (1,))))
    async with following(served_count, round_id, Last_Event_ID="1") as stream:
        assert await stream.next() == "welcome"
    await served_count.handle(ballot(round_id, Cast(1, 2, (2,))))
    await asyncio.sleep(1.1)
    async with following(served_count, round_id, Last_Event_ID="1") as stream:
        found = await stream.next()
        assert isinstance(found, Sent) and (found.id, found.data["voters"]) == ("2", 1)
    async with following(served_count, round_id, Last_Event_ID="no id of ours") as stream:
        assert (await stream.tally()).id == "2"


async def test_a_decided_round_says_so(served_count: ServedCount) -> None:
    round_id = await served_count.opened()
    await served_count.handle(ballot(round_id, Cast(1, 1, (3,))))
    async with following(served_count, round_id) as stream:
        await stream.tally()
        await served_count.close(round_id)
        await served_count.box_closes(round_id, 1, 1, 2)
        await served_count.checkpoint(2)
        found = await stream.tally(within=10)
    assert (found.id, found.data["final"]) == ("1f", True)


async def test_a_round_that_is_not_there_is_refused(served_count: ServedCount) -> None:
    answer = await served_count.client.ask("GET", f"/rounds/{uuid4()}/events")
    assert answer.refusal == (404, "round_unknown")


async def test_streams_beyond_the_limit_are_refused(
    served_count: ServedCount, tmp_path: Path
) -> None:
    round_id = await served_count.opened()
    app = application(
        settings(CountSettings, served_count.dsn, keys=tmp_path), kafka=False, subscribers=2
    )
    async with served(app) as client:
        count = ServedCount(served_count.connection, served_count.dsn, client)
        async with following(count, round_id) as one, following(count, round_id) as other:
            assert (await one.tally()).id == (await other.tally()).id == "0"
            answer = await client.ask("GET", f"/rounds/{round_id}/events")
            assert answer.refusal == (503, "too_many_subscribers")
        async with asyncio.timeout(60):  # whoever leaves makes room
            while not await _opens(count, round_id):  # noqa: ASYNC110  # it asks HTTP
                await asyncio.sleep(0.05)
        await count.database.close()


async def _opens(count: ServedCount, round_id: UUID) -> bool:
    async with count.client._session.get(f"/rounds/{round_id}/events") as answer:
        return answer.status == 200


async def test_a_server_that_stops_ends_its_streams_at_once(
    served_count: ServedCount, tmp_path: Path
) -> None:
    round_id = await served_count.opened()
    app = application(settings(CountSettings, served_count.dsn, keys=tmp_path), kafka=False)
    ended: list[str | Sent | None] = []
    async with served(app) as client:
        count = ServedCount(served_count.connection, served_count.dsn, client)
        entered = asyncio.Event()

        async def follow() -> None:
            async with following(count, round_id) as stream:
                await stream.tally()
                entered.set()
                ended.extend([await stream.next(), await stream.next()])

        task = asyncio.create_task(follow())
        await entered.wait()
        began = time.monotonic()
        app.state.process.leaving.set()
        await task
        assert time.monotonic() - began < 1
        refused = await client.ask("GET", f"/rounds/{round_id}/events")
        assert refused.refusal == (503, "leaving")
        await count.database.close()
    assert ended == ['{"retry": "1000"}', None]


async def test_a_server_with_an_open_stream_stops_soon(
    served_count: ServedCount, tmp_path: Path
) -> None:
    round_id = await served_count.opened()
    app = application(settings(CountSettings, served_count.dsn, keys=tmp_path), kafka=False)
    session = aiohttp.ClientSession()
    try:
        async with served(app) as client:
            url = client._session._base_url
            answer = await session.get(f"{url}/rounds/{round_id}/events")
            assert answer.status == 200
            began = time.monotonic()
        assert time.monotonic() - began < 3
        answer.close()
    finally:
        await session.close()


async def test_many_who_come_at_once_read_the_database_once(served_count: ServedCount) -> None:
    round_id = await served_count.opened()
    hub = Hub()
    tallies = Tallies(hub, served_count.database, None)
    with hub.subscribed(round_id):
        frames = await asyncio.gather(*(tallies.current(round_id) for _ in range(50)))
    assert all(each is frames[0] for each in frames)

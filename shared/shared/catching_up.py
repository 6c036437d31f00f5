"""What comes before a process answers or sends: what its topics say about what it may show.

A database that was restored from a backup has what was erased since. Nobody can tell from within
that it was restored, so every start waits until what was said by then is handled, whoever of the
replicas does it. Where the broker gives no answer, the process waits for it.

Where Kafka's disk was lost as well, its topics say nothing until their publisher sends again what
it keeps; and that publisher may be this very process, restored. So nothing is shown either before
it is known whether the database is a backup, nor from one that was not recovered.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Mapping, Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from shared import covering
from shared.database import Database, connection_lost, raw
from shared.kafka import Kafka, Unavailable
from shared.problems import problem
from shared.standstill import RECOVERY, Stand

log = logging.getLogger("comptoir.process")

LOOK_EVERY = 0.2
ASK_EVERY = 5.0
# What is answered meanwhile: how the process is, and nothing of what it keeps.
_MEANWHILE = ("/health/", "/metrics", "/static/", RECOVERY)

# Where partitions end, with their topic's id, which changes when its disk is lost.
type Ends = Mapping[tuple[str, int], tuple[str, int]]


class CatchingUp:
    """Whether the topics that come first are handled as far as they went at the start."""

    def __init__(
        self,
        topics: Sequence[str],
        kafka: Kafka,
        database: Database,
        *,
        ask_every: float = ASK_EVERY,
    ) -> None:
        self.done = asyncio.Event()
        self._topics = set(topics)
        self._kafka = kafka
        self._database = database
        self._ask_every = ask_every

    async def run(self, stopping: asyncio.Event) -> None:
        """Wait until it is so; then until stopped."""
        ends: Ends | None = None
        asked_at = float("-inf")
        while not self.done.is_set() and not stopping.is_set():
            try:
                if ends is None or time.monotonic() - asked_at >= self._ask_every:
                    ends = still_reachable(ends, await ends_of(self._kafka, self._topics))
                    asked_at = time.monotonic()
                if await reached(self._database, ends):
                    self.done.set()
            except Unavailable:
                pass
            except Exception as error:
                if not connection_lost(error):
                    log.exception("catching up")
            await _pause(stopping)
        await stopping.wait()


class Reading:
    """Whether topics are read as far as they went when this was asked before: where records come
    all the time, nobody ever finds them read to their end."""

    def __init__(self, topics: Collection[str], kafka: Kafka, database: Database) -> None:
        self._topics = topics
        self._kafka = kafka
        self._database = database
        self._ends: Ends | None = None

    async def came(self) -> bool:
        """Whether that is so; only then it is asked further. Raises `Unavailable`."""
        now = await ends_of(self._kafka, self._topics)
        before = still_reachable(self._ends, now)
        read = await reached(self._database, before)
        self._ends = now if read else before
        return read


def still_reachable(first: Ends | None, now: Ends) -> Ends:
    """Where to read to: as far as it went at the start, or less where a log is another one since,
    or lost its tail. Nobody would ever come to the end that it had."""
    if first is None:
        return now
    return {
        place: end
        if place not in first or first[place][0] != end[0] or end[1] < first[place][1]
        else first[place]
        for place, end in now.items()
    }


async def ends_of(kafka: Kafka, topics: Collection[str]) -> Ends:
    """Where these topics end. Raises `Unavailable`."""
    return {
        (topic, partition): (state.id, end)
        for topic, state in (await kafka.topics(topics)).items()
        for partition, end in state.ends.items()
    }


async def reached(database: Database, ends: Ends) -> bool:
    """Whether everything before these ends is handled."""
    async with database.begin() as session:
        rows = await (await raw(session)).fetch(
            "select topic, partition, topic_id, next from position where topic = any($1)",
            sorted({topic for topic, _ in ends}),
        )
    at = {(row["topic"], row["partition"]): (row["topic_id"], row["next"]) for row in rows}
    return all(
        not end or ((known := at.get(place, ("", 0)))[0] == topic_id and known[1] >= end)
        for place, (topic_id, end) in ends.items()
    )


async def _pause(stopping: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(LOOK_EVERY):
            await stopping.wait()
    except TimeoutError:
        return


class Closed:
    """Middleware: 503 for everything but health and recovery until a process has caught up, and
    stands; one that was recovered, and waits for officers, has forgotten what was erased."""

    def __init__(self, app: ASGIApp, catching_up: CatchingUp, stand: Stand) -> None:
        self._app = app
        self._catching_up = catching_up
        self._stand = stand

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on what may be answered."""
        stands = isinstance(self._stand.refusal, covering.Closed | None)
        if (
            scope["type"] != "http"
            or (stands and self._catching_up.done.is_set())
            or scope["path"].startswith(_MEANWHILE)
        ):
            return await self._app(scope, receive, send)
        said = "what was erased meanwhile is erased here first; ask again"
        refusal = problem(503, "catching_up", said, **{"Retry-After": "1"})
        await refusal(scope, receive, send)

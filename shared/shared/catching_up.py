"""What comes before a process answers or sends: what its topics say about what it may show.

A database that was restored from a backup has what was erased since. Nobody can tell from within
that it was restored, so every start waits until what was said by then is handled, whoever of the
replicas does it. Where the broker gives no answer, the process waits for it.
"""

import asyncio
import logging
from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from shared.database import Database, connection_lost, raw
from shared.kafka import Kafka, Unavailable
from shared.refusal import problem

log = logging.getLogger("comptoir.process")

LOOK_EVERY = 0.2
# What is answered meanwhile: how the process is, and nothing of what it keeps.
_MEANWHILE = ("/health/", "/metrics", "/static/")


class CatchingUp:
    """Whether the topics that come first are handled as far as they went at the start."""

    def __init__(self, topics: Sequence[str], kafka: Kafka, database: Database) -> None:
        self.done = asyncio.Event()
        self._topics = set(topics)
        self._kafka = kafka
        self._database = database

    async def run(self, stopping: asyncio.Event) -> None:
        """Wait until it is so; then until stopped."""
        ends: dict[tuple[str, int], tuple[str, int]] | None = None
        while not self.done.is_set() and not stopping.is_set():
            try:
                if ends is None:
                    states = await self._kafka.topics(self._topics)
                    ends = {
                        (topic, partition): (state.id, end)
                        for topic, state in states.items()
                        for partition, end in state.ends.items()
                    }
                if await self._reached(ends):
                    self.done.set()
            except Unavailable:
                pass
            except Exception as error:
                if not connection_lost(error):
                    log.exception("catching up")
            await _pause(stopping)
        await stopping.wait()

    async def _reached(self, ends: dict[tuple[str, int], tuple[str, int]]) -> bool:
        async with self._database.begin() as session:
            rows = await (await raw(session)).fetch(
                "select topic, partition, topic_id, next from position where topic = any($1)",
                list(self._topics),
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
    """Middleware: 503 for everything but health until a process has caught up."""

    def __init__(self, app: ASGIApp, catching_up: CatchingUp) -> None:
        self._app = app
        self._catching_up = catching_up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on what may be answered."""
        if (
            scope["type"] != "http"
            or self._catching_up.done.is_set()
            or scope["path"].startswith(_MEANWHILE)
        ):
            return await self._app(scope, receive, send)
        said = "what was erased meanwhile is erased here first; ask again"
        refusal = problem(503, "catching_up", said, **{"Retry-After": "1"})
        await refusal(scope, receive, send)

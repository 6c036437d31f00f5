"""The events of the figures of relay and projection: 500 bytes each, a hundred keys."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from shared.envelope import Envelope
from shared.events import Event
from shared.events.event import Ledgered

KEYS = 100
BODY = 500
PATIENCE = 600.0
WORDS = "an event of five hundred bytes, " * 16


class EventMeasured(Event):
    """Ledgered, so that its body is checked as a ballot's is. Its topic is each figure's own."""

    topic: ClassVar[str] = "benchmark"
    type: ClassVar[str] = "benchmark.event-measured.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    thing: str
    value: int
    words: str

    @property
    def key(self) -> str:
        return self.thing


def event(number: int) -> EventMeasured:
    """The event of this number; its body has `BODY` bytes."""
    bare = EventMeasured(thing=f"thing-{number % KEYS}", value=number, words="")
    return bare.model_copy(update={"words": WORDS[: BODY - len(bare.body())]})


def envelope(number: int, subject: str) -> Envelope:
    """What is said about it; ids are spread as random ones are, but the same in every run."""
    return Envelope(
        id=UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128),
        type=EventMeasured.type,
        source="benchmark",
        subject=subject,
        time=datetime(2026, 5, 1, tzinfo=UTC),
        log="benchmark",
        number=number,
    )


COLUMNS = ("event_id", "topic", "key", "type", "source", "subject", "time", "log", "body")


def rows(topic: str, first: int, count: int) -> Iterator[tuple[Any, ...]]:
    """Rows of the outbox, as `COLUMNS` names them; they have no numbers yet."""
    for number in range(first, first + count):
        happened = event(number)
        said = envelope(number, happened.subject)
        about = (said.type, said.source, said.subject, said.time, said.log)
        yield (said.id, topic, happened.key, *about, happened.body())


async def until(ask: Callable[[], Awaitable[Any]]) -> None:
    """Return once the answer is true. It is about what somebody else does in a database."""
    async with asyncio.timeout(PATIENCE):
        while not await ask():  # noqa: ASYNC110  # it asks a database
            await asyncio.sleep(0.005)

"""What a process makes of some topics: which events, by whom, and what fences a frozen replica."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.delivery import Delivered, Record, read
from shared.events import BY_TYPE, Event
from shared.telemetry import carried


class Stuck(Exception):
    """This consumer is of no use any more; a new one begins."""


class Fenced(Stuck):
    """Another replica began to consume since: this one stops, and waits for the lock again."""


Handler = Callable[[AsyncSession, Sequence[Delivered[Any]]], Awaitable[None]]
# A record as an event. Raises `Dead` where it is none.
Reading = Callable[[Record, Mapping[str, type[Event]]], Delivered[Any]]
# What is around the handling of events: it says which trace their effects carry.
Trace = Callable[[Sequence[Delivered[Any]]], AbstractContextManager[None]]


class Fence(Protocol):
    """What keeps a replica that was frozen from going on where another one consumes by now."""

    async def lead(self, session: AsyncSession) -> None:
        """This replica begins to consume."""

    async def check(self, session: AsyncSession) -> None:
        """Raises `Fenced` unless this replica is the last that began. Comes first in each
        transaction that takes a batch."""


@dataclass(frozen=True)
class Subscription:
    """What one process makes of some topics, which one replica of it consumes.

    `handlers` by event type; a known type without a handler is passed over. `every` takes all
    events of the topics instead. `types` are the known ones, `reads` says what a record is.
    Without `remembers`, the handler drops what it knows itself, and no event id is kept here.
    What is `first` is handled, as far as its topics go when the process starts, before the process
    answers anybody or sends anything: what a restored database lacks may not be served.
    What is read `while_closed` is handled while the database is a restored backup, too.
    """

    name: str
    topics: tuple[str, ...]
    handlers: Mapping[str, Handler]
    every: Handler | None = None
    types: Mapping[str, type[Event]] = BY_TYPE
    remembers: bool = True
    reads: Reading = read
    fence: Fence | None = None
    first: bool = False
    while_closed: bool = False

    @property
    def heard_by_backups(self) -> bool:
        """Whether a database that may be a restored backup handles it, too."""
        return self.first or self.while_closed

    async def handle(
        self, session: AsyncSession, events: Sequence[Delivered[Any]], *, trace: Trace = carried
    ) -> None:
        """Hand events to their handlers in order, neighbours of one type together."""
        if self.every is not None:
            with trace(events):
                return await self.every(session, events)
        for kind, run in groupby(events, key=lambda delivered: delivered.envelope.type):
            if (handler := self.handlers.get(kind)) is not None:
                with trace(together := list(run)):
                    await handler(session, together)

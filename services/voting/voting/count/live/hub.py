"""Fan-out: each tally is encoded once, and waits in the bounded queue of every subscriber.

A tally says where a round stands, whole. So nobody needs one that a later one has replaced: whoever
reads too slowly loses what waits and gets the latest.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from shared.events.voting import TallyUpdated
from shared.refusal import Refusal

MOST = 2_000
WAITING = 4
KEEP_ALIVE = b": still here\n\n"
# Asks a browser to come back soon: another replica goes on from where it was.
GOODBYE = b"retry: 1000\n\n"


class TooManySubscribers(Refusal):
    """This replica serves as many streams as it may."""

    code = "too_many_subscribers"


class Leaving(Refusal):
    """This replica is about to stop; another one answers."""

    code = "leaving"


class Place(NamedTuple):
    """How far a round had come; later is more."""

    final: bool
    ballots: int


class Frame(NamedTuple):
    """A tally as it is sent, byte for byte the same to everybody."""

    place: Place
    sent: bytes


@dataclass(eq=False)
class Subscriber:
    """One open stream; None in its queue ends it."""

    round_id: UUID
    waiting: asyncio.Queue[Frame | bytes | None] = field(
        default_factory=lambda: asyncio.Queue(WAITING)
    )

    def give(self, what: Frame | bytes | None) -> None:
        """Put something into the queue, in place of all that waits where it is full."""
        while self.waiting.full():
            self.waiting.get_nowait()
        self.waiting.put_nowait(what)


def encode(event: TallyUpdated) -> Frame:
    """A tally as a server-sent event; its id says how far the round had come.

    The body is the one that is on Kafka: RFC 8785 has no line breaks.
    """
    name = event_id(Place(event.final, event.ballots))
    sent = b"id: %s\nevent: tally\ndata: %s\n\n" % (name.encode(), event.body())
    return Frame(Place(event.final, event.ballots), sent)


def event_id(place: Place) -> str:
    """The id of a tally in its round's stream."""
    return f"{place.ballots}{'f' if place.final else ''}"


class Hub:
    """Every open stream of this replica, and the latest tally of each round that has any."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._subscribers: dict[UUID, set[Subscriber]] = {}
        self._latest: dict[UUID, tuple[Frame, float]] = {}
        self._open = 0
        self._leaving = False

    def __len__(self) -> int:
        return self._open

    def __contains__(self, round_id: object) -> bool:
        return round_id in self._subscribers

    def rounds(self) -> list[UUID]:
        """The rounds that somebody follows here."""
        return list(self._subscribers)

    def place(self, round_id: UUID) -> Place | None:
        """How far the round had come by its latest tally here."""
        known = self._latest.get(round_id)
        return None if known is None else known[0].place

    def latest(self, round_id: UUID, within: float) -> Frame | None:
        """The latest tally, if it was current so many seconds ago."""
        known = self._latest.get(round_id)
        return known[0] if known and time.monotonic() - known[1] <= within else None

    @contextmanager
    def subscribed(self, round_id: UUID) -> Iterator[Subscriber]:
        """A stream, until the block ends. Raises `TooManySubscribers`, `Leaving`."""
        if self._leaving:
            raise Leaving("this replica is about to stop")
        if self._open >= self._most:
            raise TooManySubscribers(f"{self._most} streams are open here")
        subscriber = Subscriber(round_id)
        self._open += 1
        self._subscribers.setdefault(round_id, set()).add(subscriber)
        try:
            yield subscriber
        finally:
            self._open -= 1
            self._subscribers[round_id].discard(subscriber)
            if not self._subscribers[round_id]:
                del self._subscribers[round_id]
                self._latest.pop(round_id, None)

    def publish(self, round_id: UUID, frame: Frame) -> None:
        """Send a tally to whoever follows the round, unless it or a later one was there already.

        One that has come as far and says something else is sent: a recusal changes votes, and is no
        ballot.
        """
        followers = self._subscribers.get(round_id)
        if followers is None:
            return
        known = self._latest.get(round_id)
        if known is not None and frame.place < known[0].place:
            return
        self._latest[round_id] = (frame, time.monotonic())
        if known is None or frame.sent != known[0].sent:
            for subscriber in followers:
                subscriber.give(frame)

    async def beat(self) -> None:
        """Send something to every stream that is silent, so that what is between keeps it open."""
        for followers in self._subscribers.values():
            for subscriber in followers:
                if subscriber.waiting.empty():
                    subscriber.give(KEEP_ALIVE)

    def leave(self) -> None:
        """End every stream, and take no more."""
        self._leaving = True
        for followers in self._subscribers.values():
            for subscriber in followers:
                subscriber.give(None)

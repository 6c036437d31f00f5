"""One subscriber's answer: the round as it is, then each later tally, until somebody leaves."""

import asyncio
from uuid import UUID

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from voting.count.live.hub import GOODBYE, Frame, Hub, Subscriber, event_id
from voting.count.live.stream import Tallies

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # a proxy in between passes events on as they come
    (b"access-control-allow-origin", b"*"),  # it is public, and no cookie changes it
]


class Following(Response):
    """A stream of server-sent events. Raises `TooManySubscribers`, `Leaving`, `RoundUnknown`."""

    def __init__(self, tallies: Tallies, round_id: UUID, last_event_id: str) -> None:
        self.background = None
        self._tallies = tallies
        self._round_id = round_id
        self._last = last_event_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The subscription is there before the round is read: nothing can fall in between."""
        with self._tallies.hub.subscribed(self._round_id) as subscriber:
            first = await self._tallies.current(self._round_id)
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            leaving = asyncio.create_task(_end_when_gone(receive, subscriber))
            try:
                await self._send_all(send, subscriber, first)
            finally:
                leaving.cancel()

    async def _send_all(self, send: Send, subscriber: Subscriber, first: Frame) -> None:
        async def sent(body: bytes, *, more: bool = True) -> None:
            await send({"type": "http.response.body", "body": body, "more_body": more})

        # Whoever comes back with the id of the latest tally has it already.
        known = event_id(first.place) == self._last
        await sent(b": welcome\n\n" if known else first.sent)
        last = first
        while (next_one := await subscriber.waiting.get()) is not None:
            if isinstance(next_one, bytes):
                await sent(next_one)
            elif next_one.place >= last.place and next_one.sent != last.sent:
                last = next_one
                await sent(next_one.sent)
        await sent(GOODBYE, more=False)


async def _end_when_gone(receive: Receive, subscriber: Subscriber) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    subscriber.give(None)


async def leave_in_time(hub: Hub, leaving: asyncio.Event, stopping: asyncio.Event) -> None:
    """End every stream when the server leaves: it waits for answers that have an end."""
    waits = [asyncio.create_task(event.wait()) for event in (leaving, stopping)]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        hub.leave()
        await stopping.wait()
    finally:
        for wait in waits:
            wait.cancel()

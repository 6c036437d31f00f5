"""Whole requests, sent by hand over connections that are kept: a client in Python would cost more
than what is measured, on the same cores."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from typing import cast


@dataclass
class Answers:
    """What became of requests: of each its status, its size, and how long it took, in seconds."""

    statuses: list[int]
    heads: list[bytes]
    took: list[float]
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.statuses) / self.seconds

    def percentile(self, share: float) -> float:
        """So many of a hundred were as fast, in milliseconds."""
        return sorted(self.took)[int(len(self.took) * share / 100)] * 1000

    def only(self, status: int) -> "Answers":
        """Raises where an answer had another status."""
        for found, head in zip(self.statuses, self.heads, strict=True):
            if found != status:
                raise RuntimeError(f"{found} instead of {status}: {head[:400].decode()}")
        return self


def post(path: str, form: bytes, cookie: str) -> bytes:
    """A form that is sent."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nAccept: text/html\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n"
    ).encode() + form


def get(path: str) -> bytes:
    """A page that is asked for."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n\r\n".encode()


async def ask(ports: Sequence[int], requests: Sequence[bytes], connections: int) -> Answers:
    """Send each once: whoever has an answer sends the next."""
    answers, waiting = _answers(requests), iter(range(len(requests)))
    began = time.perf_counter()
    async with _askers(ports, requests, answers, connections) as askers:
        await asyncio.gather(*(_one_after_the_other(each, waiting) for each in askers))
        answers.seconds = time.perf_counter() - began
    return answers


async def _one_after_the_other(asker: "_Asker", waiting: Iterator[int]) -> None:
    for place in waiting:
        await asker.ask(place, time.perf_counter())


async def ask_at(
    ports: Sequence[int], requests: Sequence[bytes], rate: float, connections: int
) -> Answers:
    """Send each at its own moment, so many a second, whatever becomes of the others: `took` has the
    time from that moment, waiting for a free connection included."""
    answers = _answers(requests)
    async with (
        _askers(ports, requests, answers, connections) as askers,
        asyncio.TaskGroup() as group,
    ):
        free: asyncio.Queue[_Asker] = asyncio.Queue()
        for each in askers:
            free.put_nowait(each)

        async def one(asker: _Asker, place: int, due: float) -> None:
            await asker.ask(place, due)
            free.put_nowait(asker)

        began = time.perf_counter()
        for place in range(len(requests)):
            due = began + place / rate
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            group.create_task(one(await free.get(), place, due))
    answers.seconds = time.perf_counter() - began
    return answers


def _answers(requests: Sequence[bytes]) -> Answers:
    many = len(requests)
    return Answers([0] * many, [b""] * many, [0.0] * many)


@asynccontextmanager
async def _askers(
    ports: Sequence[int], requests: Sequence[bytes], answers: Answers, many: int
) -> AsyncIterator[list["_Asker"]]:
    loop = asyncio.get_running_loop()
    made = []
    try:
        for port in islice(cycle(ports), many):
            _, asker = await loop.create_connection(
                lambda: _Asker(requests, answers, loop), "127.0.0.1", port
            )
            made.append(asker)
        yield made
    finally:
        for asker in made:
            asker.close()


class _Asker(asyncio.Protocol):
    """One connection; it sends a request and waits for the whole answer."""

    def __init__(
        self, requests: Sequence[bytes], answers: Answers, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._requests, self._answers, self._loop = requests, answers, loop
        self._head = b""
        self._left: int | None = None  # of the body; None while the head is not whole
        self._place, self._due = 0, 0.0
        self._answered: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    async def ask(self, place: int, due: float) -> None:
        """Send the request at this place, which was due then, and wait for its answer."""
        self._place, self._due, self._head, self._left = place, due, b"", None
        self._answered = self._loop.create_future()
        self._transport.write(self._requests[place])
        await self._answered

    def connection_lost(self, error: Exception | None) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(ConnectionError(f"the server left: {error}"))

    def data_received(self, data: bytes) -> None:
        if self._left is None:
            self._head += data
            head, separator, body = self._head.partition(b"\r\n\r\n")
            if not separator:
                return
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            self._left = int(length) - len(body)
        else:
            self._left -= len(data)
        if self._left > 0 or self._answered is None:
            return
        self._answers.took[self._place] = time.perf_counter() - self._due
        self._answers.statuses[self._place] = int(self._head[9:12])
        self._answers.heads[self._place] = self._head[:1000]
        self._answered.set_result(None)

    def close(self) -> None:
        """Leave."""
        self._transport.close()

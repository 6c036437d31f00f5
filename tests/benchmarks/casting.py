"""A box as in production, a bare server beside it, and those who send to both.

The box is the process itself, without Kafka, on a PostgreSQL set as the box's and with every commit
flushed to the disk. The bare server is Starlette and asyncpg: it inserts what it was sent, checks
nothing, and answers after the commit.

Who sends speaks HTTP by hand, on the same cores: a client in Python costs more than a cast.

`python -m tests.benchmarks.casting box|bare DSN PORT [KEYS]` is one of the servers.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import cast

import aiohttp
import asyncpg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from comptoir.ports import free_ports
from comptoir.postgres import UNTRACED
from shared.database import Database
from shared.serving import run
from tests.backends import Databases
from tests.benchmarks.sealed import Election
from tests.benchmarks.servers import Alone, postgres_alone
from tests.serving import settings
from tests.voting.box.conftest import delivered
from voting.box.app import ROUNDS, BoxSettings, application

# One a core. An ingress would divide the connections between them; here they are opened in turn.
SERVERS, REPLICAS = ("box", "bare"), 2
CONNECTIONS = 32
STARTS_WITHIN = 30.0


@dataclass
class Sent:
    """What became of ballots: of each its answer's status and body, and how long it took."""

    statuses: list[int]
    bodies: list[bytes]
    took: list[float]
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.statuses) / self.seconds


@dataclass(frozen=True)
class Polling:
    """A box and a bare server of the same PostgreSQL, and an election that is open there."""

    cluster: Alone
    dsn: str
    election: Election
    box: tuple[int, ...]
    bare: tuple[int, ...]

    @property
    def url(self) -> str:
        """Where a replica of the box is."""
        return f"http://127.0.0.1:{self.box[0]}"

    async def connect(self) -> asyncpg.Connection:
        """The superuser in the box's database."""
        return await asyncpg.connect(self.dsn, ssl=False)


@asynccontextmanager
async def polling() -> AsyncIterator[Polling]:
    """Start all of it; it is gone with the block."""
    async with AsyncExitStack() as ending:
        cluster = await ending.enter_async_context(postgres_alone(UNTRACED))
        databases = Databases(cluster)
        box, empty = await databases.make("voting.box"), await databases.make()
        election = Election()
        await _open(box.dsn, election)
        await _table(empty.dsn)
        keys = str(cluster.directory / "keys")
        ports = free_ports({f"{name}.{n}": None for name in SERVERS for n in range(REPLICAS)})
        for name, port in ports.items():
            kind = name.partition(".")[0]
            dsn = box.dsn if kind == "box" else empty.dsn
            await ending.enter_async_context(_server(kind, dsn, port, keys))
        listening = [tuple(ports[f"{kind}.{n}"] for n in range(REPLICAS)) for kind in SERVERS]
        yield Polling(cluster, box.superuser, election, *listening)


async def _open(dsn: str, election: Election) -> None:
    database = Database(dsn, name="benchmark")
    listed, opened = election.events()
    async with database.begin() as session:
        await ROUNDS.handle(session, [delivered(event) for event in (*listed, opened)])
    await database.close()


async def _table(dsn: str) -> None:
    connection = await asyncpg.connect(dsn, ssl=False)
    await connection.execute("create table bare (body bytea not null)")
    await connection.close()


@asynccontextmanager
async def _server(name: str, dsn: str, port: int, keys: str) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.casting", name, dsn, str(port), keys)
    )
    try:
        await _started(port)
        yield
    finally:
        process.terminate()
        await process.wait()


async def _started(port: int) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(STARTS_WITHIN):
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/health/live") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)


async def send(
    ports: Sequence[int], ballots: Sequence[bytes], connections: int = CONNECTIONS
) -> Sent:
    """Send each once: whoever has an answer sends the next."""
    sent, waiting = _sent(ballots), iter(range(len(ballots)))
    began = time.perf_counter()
    async with _senders(ports, ballots, sent, connections) as senders:
        await asyncio.gather(*(_one_after_the_other(each, waiting) for each in senders))
        sent.seconds = time.perf_counter() - began
    return sent


async def _one_after_the_other(sender: "_Sender", waiting: Iterator[int]) -> None:
    for place in waiting:
        await sender.send(place, time.perf_counter())


async def send_at(
    ports: Sequence[int], ballots: Sequence[bytes], rate: float, connections: int
) -> Sent:
    """Send each at its own moment, so many a second, whatever becomes of the others: `took` has the
    time from that moment, waiting for a free connection included."""
    sent = _sent(ballots)
    async with _senders(ports, ballots, sent, connections) as senders, asyncio.TaskGroup() as group:
        free: asyncio.Queue[_Sender] = asyncio.Queue()
        for each in senders:
            free.put_nowait(each)

        async def one(sender: "_Sender", place: int, due: float) -> None:
            await sender.send(place, due)
            free.put_nowait(sender)

        began = time.perf_counter()
        for place in range(len(ballots)):
            due = began + place / rate
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            group.create_task(one(await free.get(), place, due))
    sent.seconds = time.perf_counter() - began
    return sent


def _sent(ballots: Sequence[bytes]) -> Sent:
    many = len(ballots)
    return Sent([0] * many, [b""] * many, [0.0] * many)


@asynccontextmanager
async def _senders(
    ports: Sequence[int], ballots: Sequence[bytes], sent: Sent, many: int
) -> AsyncIterator[list["_Sender"]]:
    loop = asyncio.get_running_loop()
    made = []
    try:
        for port in islice(cycle(ports), many):
            _, sender = await loop.create_connection(
                lambda: _Sender(ballots, sent, loop), "127.0.0.1", port
            )
            made.append(sender)
        yield made
    finally:
        for sender in made:
            sender.close()


class _Sender(asyncio.Protocol):
    """One connection; it sends a ballot and waits for the answer."""

    def __init__(
        self, ballots: Sequence[bytes], sent: Sent, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._ballots = ballots
        self._sent = sent
        self._loop = loop
        self._left = b""
        self._place = 0
        self._due = 0.0
        self._answered: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def send(self, place: int, due: float) -> Awaitable[None]:
        """Send the ballot at this place, which was due then."""
        self._place, self._due = place, due
        ballot = self._ballots[place]
        self._transport.write(
            b"POST /ballots HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(ballot), ballot)
        )
        self._answered = self._loop.create_future()
        return self._answered

    def connection_lost(self, error: Exception | None) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(ConnectionError(f"the server left: {error}"))

    def data_received(self, data: bytes) -> None:
        self._left += data
        head, separator, body = self._left.partition(b"\r\n\r\n")
        if not separator:
            return
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if len(body) < int(length):
            return
        assert self._answered is not None
        self._sent.took[self._place] = time.perf_counter() - self._due
        self._sent.statuses[self._place] = int(head[9:12])
        self._sent.bodies[self._place] = body
        self._left = b""
        self._answered.set_result(None)

    def close(self) -> None:
        """Leave."""
        self._transport.close()


def bare(dsn: str) -> Starlette:
    """Inserts what it is sent."""
    pool: asyncpg.Pool | None = None

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal pool
        pool = await asyncpg.create_pool(dsn, min_size=0, max_size=8, ssl=False)
        yield
        await pool.close()

    async def insert(request: Request) -> Response:
        assert pool is not None
        await pool.execute("insert into bare values ($1)", await request.body())
        return Response(b"ok", 201)

    async def live(request: Request) -> Response:
        return Response(b"live")

    routes = [
        Route("/ballots", insert, methods=["POST"]),
        Route("/health/live", live, methods=["GET"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def _serve(name: str, dsn: str, port: int, keys: Path) -> None:
    if name == "bare":
        uvicorn.run(
            bare(dsn), port=port, log_config=None, access_log=False, server_header=False, ws="none"
        )
        return
    given = settings(BoxSettings, dsn, keys=keys).model_copy(update={"port": port})
    run(application(given, kafka=False))


if __name__ == "__main__":
    _serve(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))

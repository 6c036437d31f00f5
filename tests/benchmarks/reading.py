"""A log of a million entries behind one process of the ledger, and readers who ask it.

The readers speak HTTP by hand: a client in Python costs more than what it asks for. They wait for
each answer before they ask again, on `CONNECTIONS` connections at once.

`python -m tests.benchmarks.reading DSN PORT` is that process, without Kafka.
"""

import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import cast

import aiohttp
import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comptoir.ports import free_ports
from ledger import queries
from ledger.app import LedgerSettings, application
from ledger.notes import Checkpoint, signed
from ledger.tiles import Tile
from ledger.tree import EMPTY, EMPTY_ROOT, WIDTH, grow, leaf_hash, root
from ledger.witness.cosigning import Cosigner
from shared.serving import run
from tests.backends import Databases, Servers
from tests.choosing import Backend
from tests.serving import settings

LOG, ORIGIN = "edition", "ledger.example.org/edition"
ENTRIES, WITNESSES = 1_000_000, 3
CONNECTIONS = 32
STARTS_WITHIN = 30.0


@dataclass(frozen=True)
class Served:
    """A log that one process serves."""

    port: int
    size: int

    @property
    def url(self) -> str:
        """Where the process is."""
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def served() -> AsyncIterator[Served]:
    """Serve a log of a million entries (their hashes; the entries themselves are not asked for),
    with a checkpoint that three witnesses cosigned."""
    servers = Servers(Backend.LOCAL)
    try:
        databases = Databases(servers)
        made = await databases.make("ledger")
        await _write(made.superuser)
        port = free_ports({"ledger": None})["ledger"]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.benchmarks.reading", made.dsn, str(port)
        )
        try:
            await _started(port)
            yield Served(port, ENTRIES)
        finally:
            process.terminate()
            await process.wait()
    finally:
        servers.stop()


async def _write(dsn: str) -> None:
    edge, tiles = grow(EMPTY, [leaf_hash(b"%d" % index) for index in range(ENTRIES)])
    key = Ed25519PrivateKey.from_private_bytes(sha256(b"log").digest())
    public = key.public_key().public_bytes_raw()
    checkpoint = Checkpoint(ORIGIN, ENTRIES, root(edge))
    note = signed(checkpoint, key) + "".join(_cosignatures(checkpoint))
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("insert into log_key (public_key) values ($1)", public)
        await queries.open_log(connection, LOG, ORIGIN, public, EMPTY_ROOT)
        # There are only the hashes of entries: the triggers that ask for entries look away.
        await connection.execute("alter table tile disable trigger refuse_wide_tile")
        await queries.write_tiles(connection, LOG, tiles)
        await connection.execute(
            "insert into published_checkpoint (log, size, note) values ($1, $2, $3)",
            LOG,
            ENTRIES,
            note,
        )
        await connection.execute("analyze")
    finally:
        await connection.close()


def _cosignatures(checkpoint: Checkpoint) -> list[str]:
    cosigners = [
        Cosigner(f"witness.example.org/w{n}", Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32))
        for n in range(1, WITNESSES + 1)
    ]
    now = int(time.time())
    return [each.cosign(checkpoint.text.encode(), now).line for each in cosigners]


async def _started(port: int) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(STARTS_WITHIN):
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/health/live") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)


async def read(served: Served, tiles: list[Tile]) -> list[float]:
    """Read these tiles, each once; the seconds that each took."""
    waiting = [
        f"GET /logs/{LOG}/tile/{tile.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        for tile in tiles
    ]
    took: list[float] = []
    loop = asyncio.get_running_loop()
    readers = []
    for _ in range(CONNECTIONS):
        _, reader = await loop.create_connection(
            lambda: _Reader(waiting, took, loop), "127.0.0.1", served.port
        )
        readers.append(reader)
    await asyncio.gather(*(reader.ended for reader in readers))
    return took


def every_full_tile(size: int) -> list[Tile]:
    """All full tiles of a tree's lowest level."""
    return [Tile(0, index) for index in range(size // WIDTH)]


def full_tiles(size: int, many: int, seed: int = 1) -> list[Tile]:
    """So many full tiles of a tree's lowest level, drawn."""
    drawn = random.Random(seed)
    return [Tile(0, drawn.randrange(size // WIDTH)) for _ in range(many)]


class _Reader(asyncio.Protocol):
    """Asks for what waits, one after the other, on one connection."""

    def __init__(
        self, waiting: list[bytes], took: list[float], loop: asyncio.AbstractEventLoop
    ) -> None:
        self._waiting = waiting
        self._took = took
        self._left = b""
        self._asked = 0.0
        self.ended: asyncio.Future[None] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        self._ask()

    def _ask(self) -> None:
        if not self._waiting:
            self._transport.close()
            self.ended.set_result(None)
            return
        self._asked = time.perf_counter()
        self._transport.write(self._waiting.pop())

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(ConnectionError(f"the server left: {error}"))

    def data_received(self, data: bytes) -> None:
        self._left += data
        head, separator, content = self._left.partition(b"\r\n\r\n")
        if not separator:
            return
        if not head.startswith(b"HTTP/1.1 200 "):
            self._transport.close()
            self.ended.set_exception(RuntimeError(head.decode(errors="replace")))
            return
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if len(content) < int(length):
            return
        self._took.append(time.perf_counter() - self._asked)
        self._left = b""
        self._ask()


if __name__ == "__main__":
    run(
        application(
            settings(LedgerSettings, sys.argv[1]).model_copy(update={"port": int(sys.argv[2])}),
            kafka=False,
        )
    )

"""A process's application behind a real HTTP server, in the loop of the test that asks it."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import aiohttp
import uvicorn
from fastapi import FastAPI

from shared.serving import KEEP_ALIVE, Server
from shared.settings import Settings
from tests.telling import CONTACTS_KEY

DESK_KEY = "the desk's key, of these tests alone"


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the body as bytes, and the headers."""

    status: int
    raw: bytes
    headers: Mapping[str, str]

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and code, of an answer that is a problem."""
        assert self.body["status"] == self.status
        return self.status, self.body["code"]


class Client:
    """Asks one server."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self.url = url

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """As anybody; bytes are sent as they are. An underscore in a header's name is a hyphen."""
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._session.request(
            method, path, data=sent, headers={"Content-Type": "application/json", **named}
        ) as response:
            return Answer(response.status, await response.read(), response.headers)

    async def desk(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """As an officer."""
        return await self.ask(method, path, body, Authorization=f"Bearer {DESK_KEY}", **headers)

    async def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """An officer's POST."""
        return await self.desk("POST", path, body, **headers)


def settings[S: Settings](kind: type[S], dsn: str, **others: Any) -> S:
    """The settings of a process under test."""
    given = {"contacts_key": CONTACTS_KEY, **others}
    return kind(database=dsn, port=0, desk_key=DESK_KEY, **given)


class _Server(Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are pytest's."""
        yield


@asynccontextmanager
async def served(
    app: FastAPI, headers: Mapping[str, str] | None = None, *, port: int = 0
) -> AsyncIterator[Client]:
    """Serve an application, on a free port unless one is named, until the block ends.

    One that is no process of ours gets what a server asks of a process.
    """
    if not hasattr(app.state, "process"):
        app.state.process = SimpleNamespace(leaving=asyncio.Event())
    config = uvicorn.Config(
        app,
        port=port,
        log_config=None,
        access_log=False,
        ws="none",
        timeout_keep_alive=KEEP_ALIVE,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            assert not serving.done(), "the server did not start"
            await asyncio.sleep(0.005)
        url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        async with aiohttp.ClientSession(url, headers=headers) as session:
            yield Client(session, url)
    finally:
        server.should_exit = True
        await serving

"""A process's HTTP side for the commands that talk to one: it remembers, and answers as told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click
from aiohttp import web
from click.testing import CliRunner, Result

from comptoir.addresses import desk_secret
from comptoir.cli import comptoir
from comptoir.state import State

Answer = Callable[[Any], tuple[int, Any]]


class Desk:
    """What was posted: path and body, with the right key or not at all."""

    def __init__(self, answer: Answer) -> None:
        self.posted: list[tuple[str, Any]] = []
        self.key = ""
        self._answer = answer

    async def handle(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return web.json_response({}, status=401)
        body = await request.json()
        self.posted.append((request.path, body))
        status, answer = self._answer(body)
        kind = "application/problem+json" if status >= 400 else "application/json"
        return web.json_response(answer, status=status, content_type=kind)


@asynccontextmanager
async def desk(directory: Path, process: str, answer: Answer) -> AsyncIterator[Desk]:
    """A platform of one process, as the state directory of a running one describes it."""
    desk, state = Desk(answer), State(directory)
    application = web.Application(client_max_size=2**22)
    application.router.add_post("/{path:.*}", desk.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    state.lock()
    try:
        replica = f"{process}.1"
        port = state.make_ports([replica])[replica]
        await web.TCPSite(runner, "127.0.0.1", port).start()
        state.make_passwords([desk_secret(process)])
        state.remember({"replicas": [replica]})
        desk.key = state.password(desk_secret(process))
        yield desk
    finally:
        state.unlock()
        await runner.cleanup()


async def invoked(*arguments: str, env: dict[str, str] | None = None) -> Result:
    """The outcome of a command, run in a thread since it has an event loop of its own."""
    command: click.Command = comptoir
    return await asyncio.to_thread(CliRunner().invoke, command, list(arguments), env=env)

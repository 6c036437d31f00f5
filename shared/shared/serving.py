"""A process from its command line until SIGTERM."""

import gc
import importlib
import socket
import sys
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

from shared.telemetry import log_json


def main(package: str) -> None:
    """`python -m PACKAGE` serves it; `python -m PACKAGE migrate` brings its database up to date,
    `close-restored WHY` says that it is a restored backup."""
    match sys.argv[1:]:
        case ["migrate"]:
            from shared.migrate import migrate

            migrate(package)
        case ["close-restored", because]:
            from shared import closing

            closing.main(package, because)
        case []:
            serve(package)
        case other:
            known = "[migrate | close-restored WHY]"
            sys.exit(f"usage: python -m {package} {known}, not {' '.join(other)!r}")


def collect_seldom() -> None:
    """Look for cycles seldom, and never in what is loaded by now.

    A batch of a thousand events makes tens of thousands of objects that die by themselves.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def serve(package: str) -> None:
    """Run what `PACKAGE.app.create()` makes until SIGTERM."""
    log_json(package)
    run(importlib.import_module(f"{package}.app").create())


def run(app: FastAPI) -> None:
    """Serve the application of a process until SIGTERM."""
    collect_seldom()
    settings = app.state.process.settings
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,  # no address is read, so none is believed either
        ws="none",
        timeout_graceful_shutdown=4,
    )
    server = Server(config)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit("it did not start")


class Server(uvicorn.Server):
    """Says that it is leaving before it waits for the answers under way."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop taking requests, and end those that have no end of their own."""
        app = self.config.app
        assert isinstance(app, FastAPI)
        app.state.process.leaving.set()
        await super().shutdown(sockets)

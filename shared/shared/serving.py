"""A process from its application until SIGTERM."""

import gc
import socket
import sys
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

# Seconds that a connection may be idle: longer than whoever keeps one (an ingress 60 s), or a
# request meets a connection that is being closed here, and an ingress may not send a POST again.
KEEP_ALIVE = 75


def collect_seldom() -> None:
    """Look for cycles seldom, and never in what is loaded by now.

    A batch of a thousand events makes tens of thousands of objects that die by themselves.
    """
    gc.collect()
    gc.freeze()
    gc.enable()  # it does not look while a process starts (`starting.py`)
    gc.set_threshold(20_000, 20, 20)


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
        timeout_keep_alive=KEEP_ALIVE,
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

"""The server of a process."""

import socket

import uvicorn
from fastapi import FastAPI


class Server(uvicorn.Server):
    """Says that it is leaving before it waits for the answers under way."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop taking requests, and end those that have no end of their own."""
        app = self.config.app
        assert isinstance(app, FastAPI)
        app.state.process.leaving.set()
        await super().shutdown(sockets)

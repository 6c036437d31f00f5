"""The box as voters meet it over HTTP: its own process, but for what acts by the real clock."""

import json
import logging
from hashlib import sha256
from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.process import Process
from shared.signing import ServiceKey
from tests.serving import settings
from voting.box import routes
from voting.box.app import STATUSES, BoxSettings

log = logging.getLogger("comptoir.box")


def urn(dsn: str, directory: Path, told: str = "") -> FastAPI:
    """A replica that neither flushes nor ends the log by itself: the town does, in its own time.

    With `told`, a leak is planted: a line in the log for each ballot, with these of its `key`,
    `digest`, `address` and `trace`.
    """
    process = Process(
        "voting.box", settings(BoxSettings, dsn, keys=directory), kafka=False, traced=False
    )
    key = ServiceKey.of(directory)
    app = process.app([routes.create_router(routes.Urn(key.private))], STATUSES)
    if told:
        app.add_middleware(Telling, words=told)
    return app


class Telling:
    """Writes a line down for each ballot."""

    def __init__(self, app: ASGIApp, words: str) -> None:
        self._app = app
        self._words = words

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        body = b""

        async def heard() -> Message:
            nonlocal body
            message = await receive()
            body += message.get("body", b"")
            return message

        await self._app(scope, heard, send)
        said = {
            "key": json.loads(body)["key"],
            "digest": sha256(body).hexdigest(),
            "address": scope["client"][0],
            "trace": dict(scope["headers"])[b"traceparent"].decode(),
        }
        log.info("%s", self._words.format(**said))

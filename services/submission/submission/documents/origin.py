"""The host that files are handed out from: another origin, on which nobody is signed in.

What somebody attached is shown to nobody as a page of ours: were it one by mistake, it would run
where there is no session, no form and nothing beside it. On that host there is `/d/` alone, and
`/d/` is nowhere else.
"""

from typing import Final
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX: Final = "/d/"
# Nothing that a browser says beside the ticket is believed there, nor answered in a page.
_KEPT: Final = frozenset({b"host"})


class FilesOrigin:
    """Splits what is asked by host."""

    def __init__(self, app: ASGIApp, site: str | None) -> None:
        """`site` is the files' address; without one, nothing is handed out."""
        self._app = app
        self._host = None if site is None else urlsplit(site).netloc.lower().encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = scope["headers"]
        host = next((value.lower() for name, value in headers if name == b"host"), b"")
        of_files, asked = self._host is not None and host == self._host, scope["path"]
        if of_files != asked.startswith(PREFIX) or (of_files and scope["method"] != "GET"):
            answer = PlainTextResponse("there is nothing here", 404)
            return await answer(scope, receive, send)
        if of_files:
            kept = [(name, value) for name, value in headers if name in _KEPT]
            scope = {**scope, "headers": kept}
        await self._app(scope, receive, send)

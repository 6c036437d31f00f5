"""Which page's script may read the box's answers: the roll's, which serves the voting page.

Nothing here opens the box to anybody or closes it: a ballot is taken from whoever sends it.
Without cookies there is nothing that another site could borrow.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A browser asks once a day at most before it sends JSON.
_PREFLIGHT = (
    (b"access-control-allow-methods", b"GET, POST"),
    (b"access-control-allow-headers", b"content-type"),
    (b"access-control-max-age", b"86400"),
)


class OneOrigin:
    """Lets the script of one origin read the answers (Fetch standard, §3.3)."""

    def __init__(self, app: ASGIApp, origin: str) -> None:
        self._app = app
        self._origin = origin.rstrip("/").encode()
        self._allowed = (
            (b"access-control-allow-origin", self._origin),
            (b"vary", b"origin"),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (b"origin", self._origin) not in scope["headers"]:
            return await self._app(scope, receive, send)
        if scope["method"] == "OPTIONS":
            headers = [*self._allowed, *_PREFLIGHT]
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            return await send({"type": "http.response.body"})

        async def allowed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._allowed]
            await send(message)

        await self._app(scope, receive, allowed)

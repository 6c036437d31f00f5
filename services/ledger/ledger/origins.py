"""Every page's script may read the logs: they are public, and no cookie says who asks."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class AnyOrigin:
    """Lets the scripts of all origins read what is below `/logs` (Fetch standard, §3.3)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/logs"):
            return await self._app(scope, receive, send)

        async def allowed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"access-control-allow-origin", b"*"),
                ]
            await send(message)

        await self._app(scope, receive, allowed)

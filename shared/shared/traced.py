"""A request's trace: read or begun, carried into what the request announces, and told as a span."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.telemetry import new_trace, tracing

if TYPE_CHECKING:
    from shared.spans import Spans

# Asked every few seconds by machines, about nothing that happened.
UNSPANNED = ("/health/live", "/health/ready", "/metrics")


class Traced:
    """Carries a request's `traceparent` into the events it announces; begins one where there is
    none. With `spans`, the request is one."""

    def __init__(self, app: ASGIApp, spans: "Spans | None", bare: Iterable[Route]) -> None:
        """`bare`: the routes that do not say themselves which one was taken."""
        self._app = app
        self._spans = spans
        self._paths: dict[Any, str] = {route.endpoint: route.path for route in bare}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # the lifespan's tasks are no part of any request
            return await self._app(scope, receive, send)
        found = dict(scope.get("headers", ())).get(b"traceparent", b"").decode("latin-1")
        if self._spans is not None and scope["path"] not in UNSPANNED:
            return await self._spanned(self._spans, found, scope, receive, send)
        with tracing(found or new_trace()):
            await self._app(scope, receive, send)

    async def _spanned(
        self, spans: "Spans", found: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        status = 500  # where the application raises before it answers

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with spans.request(scope["method"], found) as request:
            try:
                await self._app(scope, receive, noting)
            finally:
                request.answered(self._route(scope), status)

    def _route(self, scope: Scope) -> str | None:
        """The route's template, never the path: that may say who asks about whom."""
        template: Any = getattr(scope.get("route"), "path", None)
        return template or self._paths.get(scope.get("endpoint"))

"""What a browser is told about every page: what it may load, frame, send and keep."""

from collections.abc import Iterable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CSP: Final = b"content-security-policy"
# `same-origin` and not `no-referrer`: a form's `Origin` would be `null`.
_REFERRER: Final = (b"referrer-policy", b"same-origin")
_NO_REFERRER: Final = (b"referrer-policy", b"no-referrer")
_OF_PAGES: Final = (
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), payment=(), usb=(), geolocation=()"),
    (b"x-frame-options", b"DENY"),
)
_OF_ALL: Final = (b"x-content-type-options", b"nosniff")


def policy(connect: Iterable[str] = (), form: Iterable[str] = ()) -> str:
    """The content security policy of a page: nothing but what comes from here.

    `connect` and `form` are origins that this page's script may ask, and its forms may lead to.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "font-src 'self'",
            "img-src 'self' data:",
            "script-src 'self'",
            " ".join(("connect-src 'self'", *connect)),
            " ".join(("form-action 'self'", *form)),
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


_POLICY: Final = policy().encode()


class SecureHeaders:
    """Adds them to every page on its way out; of anything else it looks at the headers only."""

    def __init__(self, app: ASGIApp, *, unnamed: bool = False) -> None:
        """`unnamed` pages are named to nobody, not even to this host itself."""
        self._app = app
        self._referrer = _NO_REFERRER if unnamed else _REFERRER

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"] = [*message.get("headers", ()), _OF_ALL]
                names = dict(headers)
                if names.get(b"content-type", b"").startswith(b"text/html"):
                    headers += (self._referrer, *_OF_PAGES)
                    if CSP not in names:
                        headers.append((CSP, _POLICY))
            await send(message)

        await self._app(scope, receive, guarded)

"""What a browser is believed: a form that this process made for it, in the session it has now.

Two cookies, both unreadable for scripts: one per visitor, which forms are bound to, and one per
session. A form carries a token made of both (double submit, signed), so that another site cannot
send one, and one made before a sign-in or sign-out is refused after it.
"""

import hashlib
import hmac
import secrets
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData as FormFields
from starlette.datastructures import MutableHeaders, UploadFile
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.refusal import Refusal

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
LONGEST_FORM, MOST_FIELDS, MOST_FILES = 256 * 1024, 500, 1
_TOKEN = 43


class CsrfRefused(Refusal):
    """A form that was not made here for this visitor, or before the last sign-in."""

    code = "csrf_refused"


class Cookies:
    """The cookies of one process: their names, and whether they need HTTPS."""

    def __init__(self, process: str, *, secure: bool) -> None:
        # Browsers share cookies among the ports of a host: each process has names of its own.
        prefix = ("__Host-" if secure else "") + f"comptoir-{process.replace('.', '-')}"
        self.visitor, self.session = f"{prefix}-visitor", f"{prefix}-session"
        self._attributes = "; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")

    def header(self, name: str, value: str, *, age: int | None = None) -> str:
        """The value of a Set-Cookie header; `age` in seconds, 0 to forget it."""
        return f"{name}={value}{self._attributes}" + ("" if age is None else f"; Max-Age={age}")


class Visitors:
    """Gives each visitor a cookie with the first page, and each request its forms' token.

    What is asked with a JSON body, or for no page, gets none.
    """

    def __init__(self, app: ASGIApp, cookies: Cookies) -> None:
        self._app = app
        self._cookies = cookies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        cookies = Request(scope).cookies
        visitor = cookies.get(self._cookies.visitor, "")
        fresh = len(visitor) != _TOKEN
        if fresh:
            visitor = secrets.token_urlsafe(32)
        state = scope.setdefault("state", {})
        state["csrf"] = form_token(visitor, cookies.get(self._cookies.session, ""))

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start" and fresh:
                headers = MutableHeaders(raw=message["headers"])
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append(
                        "set-cookie", self._cookies.header(self._cookies.visitor, visitor)
                    )
            await send(message)

        await self._app(scope, receive, sent)


def form_token(visitor: str, session: str) -> str:
    """What a form carries: it follows from the two cookies, and shows neither."""
    return hmac.new(visitor.encode(), f"form\n{session}".encode(), hashlib.sha256).hexdigest()


def is_form(request: Request) -> bool:
    """Whether a request has a form as its body."""
    kind = request.headers.get("content-type", "").partition(";")[0]
    return kind.strip().lower() in FORMS  # RFC 9110 §8.3.1: upper case is the same type


async def check_form(request: Request) -> None:
    """Raises `CsrfRefused` unless the form was made here, for this visitor, in this session."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise CsrfRefused("this form was sent by another site; nothing was done")
    sent = str((await read_form(request)).get("csrf", ""))
    wanted = str(getattr(request.state, "csrf", ""))
    if not wanted or not hmac.compare_digest(sent.encode(), wanted.encode()):
        raise CsrfRefused("this form is too old or not ours; nothing was done: open it again")


async def read_form(request: Request) -> FormFields:
    """A form as it came, files too, within its limits. Nothing else reads one: whoever reads
    first sets the limits, and that is the guard."""
    return await request.form(
        max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=LONGEST_FORM
    )


async def form_data(request: Request) -> dict[str, str]:
    """The fields of a form that are text; of a field that comes several times, the last."""
    form = await read_form(request)
    return {name: value for name, value in form.multi_items() if not isinstance(value, UploadFile)}


FormData = Annotated[dict[str, str], Depends(form_data)]

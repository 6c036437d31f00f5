"""A browser without JavaScript, as the routes see one: cookies, forms found in pages, redirects."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Self
from urllib.parse import urljoin, urlsplit

import aiohttp

from comptoir.errors import LauncherError

_MARKS = re.compile(r"<(style|script)[^>]*>.*?</\1>|<[^>]*>", re.DOTALL)
HTML = {"Accept": "text/html,application/xhtml+xml", "Accept-Language": "en"}


class NotThere(LauncherError):
    """A page is not what its reader came for."""


@dataclass(frozen=True)
class Seen:
    """A page, or what came instead of one."""

    status: int
    url: str
    text: str
    headers: Mapping[str, str]

    @property
    def path(self) -> str:
        """Where the browser is."""
        return urlsplit(self.url).path

    def forms(self) -> dict[str, dict[str, str]]:
        """The fields of each form with their values, by its action; of several, the last."""
        parser = _Forms()
        parser.feed(self.text)
        return parser.forms

    def fields(self, action: str) -> dict[str, str]:
        """The fields of one form."""
        if (fields := self.forms().get(action)) is None:
            raise NotThere(f"{self.url} has no form {action}: {self.status}: {self.words()[:600]}")
        return fields

    def words(self) -> str:
        """What it says, without how."""
        return " ".join(_MARKS.sub(" ", self.text).split())

    def done(self) -> Self:
        """The page, if it came as it should. Raises `NotThere` with what it says instead."""
        if self.status >= 400:
            raise NotThere(f"{self.url}: {self.status}: {self.words()[:600]}")
        return self


class Browser:
    """One person's device: it keeps cookies, and sends a form as the page made it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), headers=HTML
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Forget everything."""
        await self.session.close()

    async def get(self, path: str) -> Seen:
        """Open a page, and follow where it leads."""
        async with self.session.get(urljoin(self.url, path)) as answer:
            return await _seen(answer)

    async def post(
        self,
        path: str,
        fields: dict[str, str] | list[tuple[str, str]],
        *,
        follow: bool = True,
        **headers: str,
    ) -> Seen:
        """Send a form's fields as they are, one that comes several times as pairs; unless that is
        left out, follow where it leads."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = urljoin(self.url, path)
        async with self.session.post(
            url, data=fields, headers=named, allow_redirects=follow
        ) as answer:
            return await _seen(answer)

    async def fill(self, page: str | Seen, action: str, **fields: str) -> Seen:
        """Open a page, or take one that is open, fill one of its forms in and send it."""
        seen = await self.get(page) if isinstance(page, str) else page
        return await self.post(urljoin(seen.url, action), seen.fields(action) | fields)

    async def upload(
        self,
        page: str | Seen,
        action: str,
        content: bytes,
        called: str,
        *,
        media: str = "application/octet-stream",
        **fields: str,
    ) -> Seen:
        """As `fill`, with a file in the form's field `file`, as what its sender calls it."""
        seen = await self.get(page) if isinstance(page, str) else page
        form = aiohttp.FormData(default_to_multipart=True, quote_fields=False)
        for name, value in (seen.fields(action) | fields).items():
            if name != "file":
                form.add_field(name, value)
        form.add_field("file", io.BytesIO(content), filename=called, content_type=media)
        async with self.session.post(urljoin(seen.url, action), data=form) as answer:
            return await _seen(answer)

    async def act(self, page: str | Seen, action: str, **fields: str) -> None:
        """As `fill`, for whoever only wants it done: the page that it leads to is not loaded."""
        seen = await self.get(page) if isinstance(page, str) else page
        path = urljoin(seen.url, action)
        (await self.post(path, seen.fields(action) | fields, follow=False)).done()

    async def sign_in(self, subject: str, page: str = "/sign-in") -> Seen:
        """Sign in as an officer: to the provider and back."""
        seen = await self.fill(page, "/sign-in/staff")
        return await self.post(seen.url, {"sub": subject})


async def _seen(answer: aiohttp.ClientResponse) -> Seen:
    text = await answer.text(errors="replace")
    return Seen(answer.status, str(answer.url), text, dict(answer.headers))


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self._form: dict[str, str] | None = None
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = self.forms[given.get("action", "")] = {}
        elif self._form is None or ("name" not in given and tag != "option"):
            return
        elif tag == "input" and (
            given.get("type") not in ("checkbox", "radio", "submit") or "checked" in given
        ):
            self._form[given["name"]] = given.get("value", "on" if "checked" in given else "")
        elif tag == "textarea":
            self._area = given["name"]
            self._form[self._area] = ""
        elif tag == "select":
            self._select = given["name"]
        elif (
            tag == "option"
            and self._select is not None
            and ("selected" in given or self._select not in self._form)
        ):
            self._form[self._select] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area is not None and self._form is not None:
            self._form[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None

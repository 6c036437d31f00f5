"""People who attach files, and whoever wants to have them."""

import re
from dataclasses import dataclass
from uuid import UUID

import aiohttp
import asyncpg

from comptoir.browser import Browser, Seen
from shared.people import Role
from tests.submission.documents import files
from tests.submission.proposing import Town


@dataclass
class Sent:
    """What came back, as bytes."""

    status: int
    content: bytes
    headers: dict[str, str]


@dataclass
class Dossier:
    """A filed dossier, and who carries it."""

    town: Town
    carrier: Browser
    project_id: UUID

    @property
    def page(self) -> str:
        return f"/projects/{self.project_id}/documents"

    async def attach(
        self,
        content: bytes,
        name: str = "budget",
        called: str = "budget.pdf",
        **said: str,
    ) -> Seen:
        """Send a file with the form, as a browser does."""
        said = {"document": name, **said}
        return await self.carrier.upload(self.page, self.page, content, called, **said)

    async def attach_raw(self, content: bytes, called: str) -> int:
        """Send a file as no browser would: its name is in the header as it is."""
        fields = (await self.carrier.get(self.page)).fields(self.page)
        parts = [
            f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
            for name, value in {**fields, "document": "budget"}.items()
            if name != "file"
        ]
        named = called.replace('"', "%22").encode()
        head = b'Content-Disposition: form-data; name="file"; filename="' + named + b'"\r\n\r\n'
        body = b"".join(b"--xyz\r\n" + part + b"\r\n" for part in [*parts, head + content])
        kind = {"Content-Type": "multipart/form-data; boundary=xyz"}
        async with self.carrier.session.post(
            f"{self.carrier.url}{self.page}",
            data=body + b"--xyz--\r\n",
            headers=kind,
            allow_redirects=False,
        ) as answer:
            return answer.status

    async def ids(self) -> list[UUID]:
        """The files that are there."""
        rows = await self.town.connection.fetch(
            "select document_id from document where project_id = $1 and removed_at is null"
            " order by attached_at",
            self.project_id,
        )
        return [row["document_id"] for row in rows]

    async def row(self, query: str, *values: object) -> asyncpg.Record:
        """The one row of an answer."""
        [found] = await self.town.connection.fetch(query, *values)
        return found

    async def one(self) -> UUID:
        """The one file that is there."""
        [found] = await self.ids()
        return found


async def filed(town: Town) -> Dossier:
    """An idea that was guided, with its dossier."""
    ada, adviser = town.browser(), await town.officer(Role.ADVISER)
    project_id = await town.deposit(ada)
    await town.guide(ada, adviser, project_id)
    seen = await town.file(ada, project_id)
    assert seen.status == 200, seen.text
    return Dossier(town, ada, project_id)


async def redirected(browser: Browser, path: str) -> tuple[int, str]:
    """Where a path leads, without going there."""
    url = f"{browser.url}{path}"
    async with browser.session.get(url, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", "")


async def fetched(url: str, method: str = "GET", **headers: str) -> Sent:
    """What is at an address, for whoever has nothing but that."""
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, headers=headers, allow_redirects=False) as answer,
    ):
        return Sent(answer.status, await answer.read(), dict(answer.headers))


def links(seen: Seen) -> list[str]:
    """The files that a page leads to."""
    return re.findall(r'href="(/documents/[0-9a-f-]{36})"', seen.text)


PDF = files.pdf()

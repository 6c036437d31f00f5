"""The officers of a local platform at their desks: each signed in, two where two are needed."""

import asyncio
import re
from types import TracebackType
from typing import Self
from uuid import UUID

from comptoir.addresses import Addresses
from comptoir.browser import Browser
from comptoir.staff import OFFICERS
from comptoir.waiting import until

_ACT = re.compile(r"/desk/acts/([0-9a-f-]{36})/confirm")


class Desks:
    """A browser for each officer, signed in at each site where she works."""

    def __init__(self, addresses: Addresses) -> None:
        self.sites = addresses.sites()
        self._browsers: dict[str, Browser] = {}
        self._signed_in: set[tuple[str, str]] = set()
        # Who signs in twice at the same time has one session in the end, and forms of the other.
        self._signing_in = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for browser in self._browsers.values():
            await browser.close()

    async def at(self, subject: str, site: str) -> Browser:
        """An officer's browser, signed in at a site."""
        async with self._signing_in:
            browser = self._browsers.get(subject)
            if browser is None:
                browser = self._browsers[subject] = Browser(self.sites["submission"])
            if (subject, site) not in self._signed_in:
                await browser.sign_in(subject, f"{self.sites[site]}/sign-in")
                self._signed_in.add((subject, site))
        return browser

    async def grant_roles(self, administrator: str) -> None:
        """Give every officer the role that she has in the demo, everywhere."""
        browser = await self.at(administrator, "submission")
        page = f"{self.sites['submission']}/desk/roles"
        for officer in OFFICERS:
            if officer.role != "administrator":
                seen = await browser.fill(
                    page,
                    "/desk/roles/grant",
                    officer="",
                    subject=officer.subject,
                    role=officer.role,
                    where="",
                    reason="Un rôle pour cette édition.",
                )
                seen.done()

    async def together(
        self, site: str, officers: tuple[str, str], page: str, action: str, **fields: str
    ) -> None:
        """One officer asks for an act with a page's form, and another confirms it."""
        first, second = [await self.at(subject, site) for subject in officers]
        acts = f"{self.sites[site]}/desk/acts"
        before = set(_ACT.findall((await second.get(acts)).text))
        (await first.fill(f"{self.sites[site]}{page}", action, **fields)).done()
        waiting = await second.get(acts)
        for act in set(_ACT.findall(waiting.text)) - before:
            (await second.fill(waiting, f"/desk/acts/{act}/confirm")).done()

    async def prepare_round(self, subject: str, round_id: UUID) -> None:
        """A returning officer prepares a round, once its frozen options have come to count."""
        officer = await self.at(subject, "count")
        desk, action = f"{self.sites['count']}/desk/rounds", f"/desk/rounds/{round_id}/prepare"

        async def to_prepare() -> bool:
            return action in (await officer.get(desk)).forms()

        await until("the frozen options", to_prepare, bool)
        (await officer.fill(desk, action)).done()

    async def act_on_round(
        self, officers: tuple[str, str], round_id: UUID, act: str, reason: str
    ) -> None:
        """Two returning officers do what a round needs."""
        action = f"/desk/rounds/{round_id}/acts/{act}"
        await self.together("count", officers, "/desk/rounds", action, reason=reason)


def name_of(subject: str) -> str:
    """What an officer is called."""
    return next(officer.name for officer in OFFICERS if officer.subject == subject)

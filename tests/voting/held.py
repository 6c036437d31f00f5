"""A round that is open at roll, box and ledger, each on a database of its own, and a browser beside
them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import asyncpg
from playwright.async_api import Browser, BrowserContext, Page, expect

from comptoir.ports import free_ports
from shared.events.voting import BoxKeyAnnounced
from tests.chromium import PATIENCE
from tests.conftest import DatabaseFactory
from tests.serving import served, settings
from tests.voting.box.conftest import ServedBox
from tests.voting.record import POLICY, Record, recorded
from tests.voting.roll.conftest import Roll, roll_app
from tests.voting.roll.elections import OPTIONS, Edition
from tests.voting.signer.serving import signing
from voting.box.app import BoxSettings
from voting.box.app import application as box_application

TITLES = [title for title, *_ in OPTIONS]


@dataclass
class Vote:
    """A round that is open at roll and box; its opening and the box's key are in the record."""

    roll: Roll
    box: ServedBox
    box_url: str
    record: Record
    edition: Edition
    context: BrowserContext

    @property
    def url(self) -> str:
        """The voting page."""
        return f"{self.roll.url}/rounds/{self.edition.round_id}/vote"

    async def opened(self) -> Self:
        """The same, once its round is open."""
        await self.edition.prepared(self.roll)
        key = (await self.box.client.ask("GET", "/keys")).body["promise"]
        await self.record.announce(BoxKeyAnnounced(service_key=key))
        opening = await self.record.publish(await self.edition.opening(self.roll))
        await self.roll.handle(opening)
        await self.box.handle(*self.edition.options(), opening.event)
        return self

    async def code(self) -> str:
        """A code that nobody has used."""
        return await self.roll.code(self.edition.round_id)

    async def page(self, code: str | None = None) -> Page:
        """The voting page, past its first step where there is a code."""
        page = await self.context.new_page()
        await page.goto(self.url + (f"#code={code}" if code else ""))
        if code:
            await past_the_code(page)
        return page

    async def choices(self) -> dict[int, list[Any]]:
        """The choices on each ballot that waits or was published, by revision, of one voter."""
        await self.box.flush()
        round_id = str(self.edition.round_id)
        ballots = [each for each in await self.box.announced() if each["round"] == round_id]
        assert len({ballot["key"] for ballot in ballots}) <= 1
        return {ballot["revision"]: ballot["choices"] for ballot in ballots}


async def past_the_code(page: Page) -> None:
    """From the filled-in code to the projects, whichever language; a new voting code is kept."""
    await page.locator("[data-code-form] button").last.click()
    mine, choose = (page.locator(f'[data-step="{step}"]') for step in ("mine", "choose"))
    await expect(mine.or_(choose).filter(visible=True)).to_be_visible()
    if await mine.is_visible():
        await mine.locator("[data-act=admit]").click()
    await expect(page.locator(".rule-line").first).to_be_visible()


@asynccontextmanager
async def held(
    database: DatabaseFactory, chromium: Browser, directory: Path, edition: Edition
) -> AsyncIterator[Vote]:
    """An edition whose round is open, and somebody's browser."""
    ports = free_ports({"roll": None, "box": None, "ledger": None})
    sites = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    of_roll, of_box = await database("voting.roll"), await database("voting.box")
    one, other = [await asyncpg.connect(made.superuser, ssl=False) for made in (of_roll, of_box)]
    box_settings = settings(BoxSettings, of_box.dsn, keys=directory / "box", sites=sites)
    context = await chromium.new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE)
    policy = directory / "policy"
    policy.write_text(POLICY)
    async with (
        signing(directory) as signer,
        served(
            roll_app(of_roll.dsn, directory, signer.socket, sites, policy), port=ports["roll"]
        ) as roll_client,
        served(box_application(box_settings, kafka=False), port=ports["box"]) as box_client,
        recorded(database, directory, ports["ledger"], sites) as record,
    ):
        roll = Roll(roll_client, one, of_roll.dsn, sites["roll"], signer, directory)
        box = ServedBox(other, of_box.dsn, box_client)
        yield await Vote(roll, box, sites["box"], record, edition, context).opened()
        await context.close()
        await roll.database.close()
        await box.database.close()
    await one.close()
    await other.close()

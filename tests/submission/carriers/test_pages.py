"""The pages of carriers, in a real Chromium: organisations, parts, consents, and their desk.

`COMPTOIR_SCREENSHOTS=DIRECTORY` keeps a picture of each page, language and width there.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page

from comptoir.browser import Browser
from shared.events.scheme import Submitting
from shared.people import Role
from tests.chromium import PATIENCE, UNFOLD, WIDTHS, complaints, hurdles, launched
from tests.submission.carrying import WHOLE, database, declare, deposit, filed, give, resident, say
from tests.submission.proposing import Town

pytestmark = pytest.mark.slow

PICTURES = os.environ.get("COMPTOIR_SCREENSHOTS")


@pytest.fixture
async def chromium() -> AsyncIterator[Chromium]:
    async with launched() as browser:
        yield browser


async def page_of(chromium: Chromium, somebody: Browser, language: str) -> Page:
    """A page in somebody's browser."""
    locale = {"en": "en-GB", "fr": "fr-FR"}[language]
    context = await chromium.new_context(locale=locale, reduced_motion="reduce")
    url = str(somebody.url)
    await context.add_cookies(
        [{"name": c.key, "value": c.value, "url": url} for c in somebody.session.cookie_jar]
    )
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    return page


async def looked_at(page: Page, url: str, name: str, language: str) -> None:
    """A page on a phone and on a desk: whole, quiet, within reach, and in its language."""
    heard = complaints(page)
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        answer = await page.goto(url)
        assert answer is not None and answer.status == 200, name
        await page.evaluate(UNFOLD)
        if PICTURES:
            path = Path(PICTURES) / f"submission-{name}-{language}-{width}.png"
            await page.screenshot(path=path, full_page=True)
        assert await hurdles(page) == [], (name, width)
        assert await page.locator("html").get_attribute("lang") == language
    assert heard == [], name


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_page_of_carriers_is_whole_on_a_phone_and_on_a_desk(
    town: Town, chromium: Chromium, language: str
) -> None:
    ada = town.browser()
    project_id = await town.deposit(ada)
    found = await declare(
        ada,
        siret="",
        founded_on="2019-05-04",
        seat="artois",
        branch="boulonnais",
        sse_until="2020-01-31",
    )
    helped = await declare(ada, siret="", name="Une maison des associations", type="foundation")
    form = f"/organisations/{found}"
    aid = {"granted_on": "2026-01-01", "amount": "1 500", "granted_by": "Région"}
    await ada.fill(form, f"{form}/aids", **aid)
    await give(ada, project_id, "lead", found, status="association")
    await give(ada, project_id, "host", helped)
    await filed(town, project_id)
    await say(town, Submitting(sse=True), WHOLE)
    page = await page_of(chromium, ada, language)
    await looked_at(page, f"{town.url}/organisations/mine", "organisations", language)
    await looked_at(page, f"{town.url}/organisations/new", "organisation-new", language)
    await looked_at(page, f"{town.url}{form}", "organisation", language)
    await looked_at(page, f"{town.url}/projects/{project_id}/carriers", "carriers", language)
    await looked_at(page, f"{town.url}/projects/{project_id}", "idea-of-carriers", language)
    officer = await page_of(chromium, await town.officer(Role.INSTRUCTOR), language)
    desk = f"{town.url}/desk/programmes/{town.programme_id}/carriers"
    await looked_at(officer, desk, "desk-carriers", language)
    desk = f"{town.url}/desk/projects/{project_id}/carriers"
    await looked_at(officer, desk, "desk-carriers-of", language)
    person = await resident(town, "kim@example.org")
    async with database(town) as replica:
        await deposit(replica, town, person, "kim@example.org", representative="parent@example.org")
    link, parent = await town.link("parent@example.org"), town.browser()
    somebody = await page_of(chromium, parent, language)
    await looked_at(somebody, f"{town.url}{link}", "consent", language)
    await parent.fill(link, link, answer="agree")
    await looked_at(somebody, f"{town.url}{link}", "consent-given", language)

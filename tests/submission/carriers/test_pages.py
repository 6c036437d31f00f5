"""The pages of carriers, in a real Chromium: organisations, parts, consents, and their desk."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser as Chromium

from shared.events.scheme import Submitting
from shared.people import Role
from tests.chromium import launched
from tests.looking import looked_at, page_of
from tests.submission.carrying import WHOLE, database, declare, deposit, filed, give, resident, say
from tests.submission.proposing import Town

pytestmark = pytest.mark.slow


@pytest.fixture
async def chromium() -> AsyncIterator[Chromium]:
    async with launched() as browser:
        yield browser


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
        sse="62-2018-4",
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
    page = await page_of(chromium, ada, language=language)
    await looked_at(page, f"{town.url}/organisations/mine", "organisations", language)
    await looked_at(page, f"{town.url}/organisations/new", "organisation-new", language)
    await looked_at(page, f"{town.url}{form}", "organisation", language)
    await looked_at(page, f"{town.url}/projects/{project_id}/carriers", "carriers", language)
    await looked_at(page, f"{town.url}/projects/{project_id}", "idea-of-carriers", language)
    officer = await page_of(chromium, await town.officer(Role.INSTRUCTOR), language=language)
    desk = f"{town.url}/desk/programmes/{town.programme_id}/carriers"
    await looked_at(officer, desk, "desk-carriers", language)
    desk = f"{town.url}/desk/projects/{project_id}/carriers"
    await looked_at(officer, desk, "desk-carriers-of", language)
    person = await resident(town, "kim@example.org")
    async with database(town) as replica:
        await deposit(replica, town, person, "kim@example.org", representative="parent@example.org")
    link, parent = await town.link("parent@example.org"), town.browser()
    somebody = await page_of(chromium, parent, language=language)
    await looked_at(somebody, f"{town.url}{link}", "consent", language)
    await parent.fill(link, link, answer="agree")
    await looked_at(somebody, f"{town.url}{link}", "consent-given", language)


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_the_pages_of_an_account_that_is_erased_are_whole(
    town: Town, chromium: Chromium, language: str
) -> None:
    """Of somebody who carries an idea, of somebody who carries none, and afterwards."""
    ada, zoe, address = town.browser(), town.browser(), "zoe.leaves@example.org"
    await town.deposit(ada)
    await zoe.fill("/sign-in", "/sign-in/mail", address=address)
    await town.follow(zoe, address)
    for who, name in ((ada, "account-of-a-carrier"), (zoe, "account")):
        page = await page_of(chromium, who, language=language)
        await looked_at(page, f"{town.url}/account/erase", name, language)
    await zoe.fill("/account/erase", "/account/erase", sure="yes")
    await looked_at(page, f"{town.url}/account/erased", "account-erased", language)

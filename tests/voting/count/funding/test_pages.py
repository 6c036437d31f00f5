"""The pages of grants in a real Chromium: at the desk at each step, and in the open."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser as Chromium

from tests.chromium import launched
from tests.looking import looked_at, page_of
from tests.voting.count.funding.held import TODAY, Grants

pytestmark = pytest.mark.slow


@pytest.fixture
async def chromium() -> AsyncIterator[Chromium]:
    async with launched() as browser:
        yield browser


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_page_of_a_grant_is_whole_on_a_phone_and_on_a_desk(
    grants: Grants, chromium: Chromium, language: str
) -> None:
    officer = await page_of(chromium, grants.one, language=language)
    site = str(grants.one.url).rstrip("/")
    desk, public = f"{site}{grants.page}", f"{site}/rounds/{grants.edition.round_id}/follow-up"
    await looked_at(officer, desk, "grant-decided", language)
    await looked_at(officer, f"{site}{grants.agreements}", "agreements-missing", language)
    await grants.confirm()
    await grants.carrier()
    await looked_at(officer, desk, "grant-confirmed", language)
    await grants.sign()
    await grants.pay("order", "M-1")
    await grants.step("milestone", milestone="begun", on=str(TODAY))
    await looked_at(officer, desk, "grant-signed", language)
    await grants.by_two("reduce", spent="60 000")
    await grants.step("lapse", ground="renounced", reason="she moved away")
    await looked_at(officer, desk, "grant-waits", language)
    await looked_at(officer, f"{site}/desk/acts", "acts-of-a-grant", language)
    await looked_at(officer, f"{site}/desk/funding", "desk-funding", language)
    await looked_at(officer, public, "follow-up", language)

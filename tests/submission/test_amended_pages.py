"""What officers and everybody read of an amended charter, in a real Chromium."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser as Chromium

from shared.people import Role
from tests.chromium import launched
from tests.looking import looked_at, page_of
from tests.submission.editions import NAME
from tests.submission.proposing import Town
from tests.submission.test_desks import DESK, NEW, REASON, YEAR, bodies, confirm, town

__all__ = ["town"]
pytestmark = pytest.mark.slow
FILE = f"preset: {NAME}\nedition: {YEAR}\n"
AMENDED = f"""{FILE}
funding:
  sign_within: 8 months
  milestones: [{{name: lit, fr: Le four est allumé, en: The oven is lit}}]
"""


@pytest.fixture
async def chromium() -> AsyncIterator[Chromium]:
    async with launched() as browser:
        yield browser


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_the_pages_of_an_amendment_are_whole_on_a_phone_and_on_a_desk(
    town: Town,
    chromium: Chromium,
    language: str,
) -> None:
    one, two = [await town.officer(Role.ADMINISTRATOR) for _ in range(2)]
    (await one.fill(await one.fill(NEW, NEW, file=FILE), DESK, reason=REASON)).done()
    await confirm(two)
    programme_id = (await bodies(town, "charter-published"))[-1]["programme_id"]
    form = f"{DESK}/{programme_id}/charter"
    (await one.fill(await one.fill(form, form, file=AMENDED), f"{form}/ask", reason=REASON)).done()
    [link] = re.findall(f'href="({DESK}/proposed/[0-9a-f-]+)"', (await two.get("/desk/acts")).text)
    officer = await page_of(chromium, two, language=language)
    await looked_at(officer, f"{town.url}/desk/acts", "acts-amendment", language)
    await looked_at(officer, f"{town.url}{link}", "proposed-amendment", language)
    await confirm(two)
    public = f"{town.url}/programmes/{programme_id}/rules/versions"
    await looked_at(officer, public, "rules-amended", language)
    await looked_at(officer, f"{public}/2", "rules-version-2", language)

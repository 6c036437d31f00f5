"""A commission sits before a real Chromium, on a small screen: a round is opened with its shares.

`COMPTOIR_SCREENSHOTS=DIRECTORY` keeps a picture of each page, language and width there.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page, Request, expect

from shared.people import Role
from tests.chromium import complaints, hurdles, launched
from tests.looking import looked_at, page_of
from tests.voting.count.conftest import ServedCount
from tests.voting.count.edition import Officers
from tests.voting.count.test_sitting import (
    DESK,
    OTHERS,
    SHARES,
    altered,
    asked_for,
    closed,
)

pytestmark = pytest.mark.slow

HIDDEN = "field => getComputedStyle(field).webkitTextSecurity"


@pytest.fixture
async def chromium() -> AsyncIterator[Chromium]:
    async with launched() as browser:
        yield browser


@pytest.fixture
async def officers(served_count: ServedCount) -> AsyncIterator[Officers]:
    async with AsyncExitStack() as exit_stack:
        yield Officers(served_count, exit_stack)


async def enter(page: Page, *shares: str) -> None:
    """Members type their shares by keyboard, one after the other, and send the form."""
    await page.locator("#field-share-1").focus()
    for n, share in enumerate(shares):
        if n:
            await page.keyboard.press("Tab")
        await page.keyboard.insert_text(share)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def nothing_is_kept(page: Page) -> None:
    """What is typed is hidden, and gone after it was sent. A browser keeps it neither with what
    was typed in other forms nor with passwords, and asks no one elsewhere how it is spelt."""
    for field in await page.locator("[name^=share-]").all():
        assert await field.evaluate(HIDDEN) == "disc"
        assert await field.get_attribute("type") == "text"
        assert await field.get_attribute("spellcheck") == "false"
        assert await field.get_attribute("autocomplete") == "off"
        assert await field.input_value() == ""


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_a_commission_opens_a_sealed_round_on_a_small_screen(
    served_count: ServedCount, officers: Officers, chromium: Chromium, scripts: bool
) -> None:
    round_id = await closed(served_count)
    member = await officers.officer("Maud", Role.COMMISSION)
    page = await page_of(chromium, member, scripts=scripts)
    await page.set_viewport_size({"width": 320, "height": 640})
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    await page.goto(f"{str(member.url).rstrip('/')}{DESK}")
    await page.get_by_role("link", name="The commission of this vote").click()
    await nothing_is_kept(page)
    wrong = altered(SHARES[1], 4, "mairie")
    await enter(page, SHARES[0], wrong, SHARES[2])
    refusal = page.get_by_role("alert")
    await expect(refusal).to_contain_text("Share 2: word 4 is none that shares are written in")
    await nothing_is_kept(page)
    assert "mairie" not in await page.content()
    await enter(page, SHARES[0], SHARES[3], SHARES[6])
    await expect(page.get_by_text("All 4 ballots are open")).to_be_visible(timeout=60_000)
    assert not [each.url for each in asked if "?" in each.url or "share" in each.url]
    await served_count.eventually(round_id, lambda found: found["state"] == "decided", within=60)


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_the_page_is_whole_at_every_step(
    served_count: ServedCount, officers: Officers, chromium: Chromium, language: str
) -> None:
    member = await officers.officer("Maud", Role.COMMISSION)
    page = await page_of(chromium, member, language=language)
    site = str(member.url).rstrip("/")
    await looked_at(page, f"{site}{DESK}", "commission-none", language)
    early = await served_count.prepared(secrecy="sealed")
    await looked_at(page, f"{site}{DESK}/rounds/{early}", "commission-ask", language)
    tried = await asked_for(served_count)
    await looked_at(page, f"{site}{DESK}/rounds/{tried}", "commission-try", language)
    await enter(page, *SHARES)
    await looked_at(page, f"{site}{DESK}/rounds/{tried}", "commission-tried", language)
    waiting = await closed(served_count, covered=False)
    await looked_at(page, f"{site}{DESK}/rounds/{waiting}", "commission-gather", language)
    await served_count.checkpoint(6)
    await looked_at(page, f"{site}{DESK}/rounds/{waiting}", "commission-open", language)
    await page.set_viewport_size({"width": 320, "height": 640})
    await enter(page, OTHERS[0], SHARES[1], SHARES[2])
    assert await hurdles(page) == []
    heard = complaints(page)
    await enter(page, *SHARES[:3])
    await served_count.eventually(waiting, lambda found: found["state"] == "decided", within=60)
    await looked_at(page, f"{site}{DESK}/rounds/{waiting}", "commission-opened", language)
    await looked_at(page, f"{site}{DESK}", "commission", language)
    assert heard == []

"""The work list by keyboard, in a real Chromium: j, k, Enter and ?, until they are switched off."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page, expect

from shared.people import Role
from tests.chromium import complaints, launched
from tests.looking import looked_at, page_of
from tests.submission.proposing import Town

pytestmark = pytest.mark.slow
FOCUSED = "document.activeElement.textContent"


@pytest.fixture
async def chromium() -> AsyncIterator[Chromium]:
    async with launched() as browser:
        yield browser


@pytest.fixture
async def work(town: Town, chromium: Chromium) -> AsyncIterator[Page]:
    """An adviser's list of two ideas."""
    adviser = await town.officer(Role.ADVISER)
    gathering = await town.counter(adviser)
    for name in ("Un verger", "Un four"):
        carrier = town.browser()
        project = await town.deposit(carrier, f"{name[3:]}@example.org", title=name)
        await town.ask(carrier, project, gathering)
    page = await page_of(chromium, adviser)
    heard = complaints(page)
    await page.goto(f"{town.url}/desk/work?programme={town.programme_id}")
    yield page
    assert not heard


async def press(page: Page, *keys: str) -> str:
    """What has the focus after these keys."""
    for key in keys:
        await page.keyboard.press(key)
    return str(await page.evaluate(FOCUSED))


async def test_j_and_k_go_from_line_to_line_and_enter_opens_one(work: Page) -> None:
    first = await press(work, "j")
    second = await press(work, "j")
    assert {first, second} == {"Un verger", "Un four"}
    assert await press(work, "j") == second, "the last line stays"
    assert await press(work, "k", "k") == first, "and so does the first"
    await work.keyboard.press("Enter")
    await expect(work.get_by_role("heading", level=1)).to_have_text(first)


async def test_a_question_mark_says_which_keys_there_are(work: Page) -> None:
    await expect(work.get_by_text("the line before")).to_be_hidden()
    await work.keyboard.press("?")
    await expect(work.get_by_text("the line before")).to_be_visible()
    await expect(work.get_by_text("By keyboard")).to_be_focused()


async def test_single_keys_can_be_switched_off_for_good(work: Page) -> None:
    await work.keyboard.press("?")
    await work.get_by_label("Use these keys on this page").uncheck()
    await work.reload()
    await work.keyboard.press("j")
    await expect(work.get_by_role("link", name="Un verger")).not_to_be_focused()
    await expect(work.get_by_role("link", name="Un four")).not_to_be_focused()


async def test_a_field_takes_every_key(work: Page) -> None:
    await work.get_by_label("Due", exact=True).focus()
    await work.keyboard.press("j")
    await expect(work.get_by_label("Due", exact=True)).to_be_focused()


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_work_lists_are_whole_on_a_phone_and_on_a_desk(
    town: Town, chromium: Chromium, language: str
) -> None:
    """With something due, and something new since the last visit."""
    carrier, adviser = town.browser(), await town.officer(Role.ADVISER)
    project = await town.deposit(carrier, "liste@example.org", title="Un verger")
    lists = {"/ideas/mine": carrier, "/desk/work": adviser}
    query = f"?programme={town.programme_id}"
    for path, somebody in lists.items():
        await somebody.fill(path + query, f"{path}/seen")
    await town.deposit(carrier, title="Un four")
    await town.guide(carrier, adviser, project)
    for path, somebody in lists.items():
        page = await page_of(chromium, somebody, language=language)
        name = path.replace("/", "-")[1:]
        await looked_at(page, f"{town.url}{path}{query}", name, language, requests=4)

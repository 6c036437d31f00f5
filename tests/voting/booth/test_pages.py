"""The booth in a real Chromium whose JavaScript is off, on a small phone and by keyboard alone."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page, expect

from shared import voting_code
from shared.device import Device
from tests.chromium import complaints, hurdles, launched
from tests.voting.booth.town import TITLES, Town
from tests.voting.roll.forms import EACH

pytestmark = pytest.mark.slow
PICTURES = os.environ.get("COMPTOIR_SCREENSHOTS")


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest.fixture
async def page(chromium: Browser, script: bool) -> AsyncIterator[Page]:
    """A small phone."""
    context = await chromium.new_context(
        locale="en-GB",
        viewport={"width": 320, "height": 640},
        java_script_enabled=script,
        reduced_motion="reduce",
    )
    page = await context.new_page()
    page.set_default_timeout(60_000)
    yield page
    await context.close()


without_a_script = pytest.mark.parametrize("script", [False])
looked_at = pytest.mark.parametrize("script", [True])


async def press(page: Page, name: str) -> None:
    """Press a button, and wait for the page that comes."""
    async with page.expect_navigation():
        await page.get_by_role("button", name=name, exact=True).click()


async def to_the_projects(town: Town, page: Page, round_id: UUID) -> None:
    """From the notice to the ballot."""
    await page.get_by_label("I have read this, and want to vote in the booth").check()
    await press(page, "Continue")
    await page.get_by_label("Your code").fill(await town.code(round_id))
    await press(page, "Continue")


@without_a_script
@pytest.mark.parametrize("secrecy", ["live", "sealed"])
async def test_somebody_without_a_script_votes_and_changes_her_mind(
    town: Town, page: Page, secrecy: str
) -> None:
    """From the voting page on; a double click, and the button of the browser that loads anew, end
    in one ballot."""
    round_id = await town.opened(secrecy=secrecy)
    await page.goto(f"{town.sites['roll']}/rounds/{round_id}/vote")
    await page.get_by_role("link", name="Vote without a script, in the booth").click()
    await to_the_projects(town, page, round_id)
    await page.get_by_label(f"I choose this project ({TITLES[3]})").check()
    await press(page, "Check my ballot")
    await expect(page.locator("[data-checked] h2")).to_have_text(TITLES[3])
    shown = await page.locator("[data-voting-code]").text_content()
    await page.get_by_role("button", name="Cast my ballot").dblclick()
    await expect(page.get_by_role("heading", name="Your ballot is recorded")).to_be_visible()
    assert await page.locator("[data-voting-code]").text_content() == shown
    digest = await page.locator("[data-ballot]").text_content()
    await page.reload()
    assert await page.locator("[data-ballot]").text_content() == digest
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Save the receipt").click()
    receipt = (await (await downloading.value).path()).read_text()
    assert receipt.startswith("comptoir-receipt-v1\n") and digest and digest in receipt
    [ballot] = await town.ballots(round_id)
    assert shown is not None and ballot.tier == "S"
    assert ballot.key == Device(voting_code.read(shown), round_id, "S").key
    await press(page, "Change my ballot now")
    await page.get_by_label(f"I choose this project ({TITLES[3]})").uncheck()
    await page.get_by_label(f"I choose this project ({TITLES[0]})").check()
    await press(page, "Check my ballot")
    await press(page, "Cast my ballot")
    assert [each.revision for each in await town.ballots(round_id)] == [1, 2]
    if secrecy == "live":
        assert await town.count.votes(round_id) == [1, 0, 0, 0], "the last one alone"
    # The voting page is the roll's, which has one; the booth beside it adds none.
    cookies = {each["name"] for each in await page.context.cookies()}
    assert shown not in page.url and cookies <= {"comptoir-voting-roll-visitor"}


@without_a_script
async def test_it_is_done_by_keyboard_alone(town: Town, page: Page) -> None:
    """Every control is reached by Tab, and has an outline then; what is wrong is told, and the way
    back keeps the choices."""
    round_id = await town.opened()
    await page.goto(f"{town.url}/rounds/{round_id}?lang=en")
    await tab_to(page, "agreed")
    await page.keyboard.press("Space")
    await enter(page)
    await tab_to(page, "code")
    await page.keyboard.type("no code")
    await enter(page)
    await expect(page.get_by_role("alert")).to_contain_text("This is not a code")
    await page.get_by_label("Your code").fill("")
    await tab_to(page, "code")
    await page.keyboard.type(await town.code(round_id))
    await enter(page)
    await tab_to(page, "option-2")
    await page.keyboard.press("Space")
    await enter(page)
    await expect(page.locator("[data-checked] h2")).to_have_text(TITLES[1])
    await press(page, "Change my choices")
    await expect(page.locator("#option-2")).to_be_checked()
    await tab_to(page, "option-2")
    await enter(page)
    await tab_to_button(page, "Cast my ballot")
    await enter(page)
    await expect(page.get_by_role("heading", name="Your ballot is recorded")).to_be_visible()
    assert [each.choices for each in await town.ballots(round_id)] == [(2,)]


async def enter(page: Page) -> None:
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def tab_to(page: Page, field: str) -> None:
    """Go on by Tab until the field of this id has the focus."""
    await _tab(page, f"#{field}:focus-visible")


async def tab_to_button(page: Page, name: str) -> None:
    """Go on by Tab until a button of these words has the focus."""
    await _tab(page, f"button:focus-visible:has-text('{name}')")


async def _tab(page: Page, wanted: str) -> None:
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.locator(wanted).count():
            return
    raise AssertionError(f"no Tab comes to {wanted}")


@looked_at
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", EACH)
async def test_nothing_keeps_anybody_from_using_a_step(
    town: Town, page: Page, name: str, language: str
) -> None:
    """axe finds nothing, nothing is wider than a small phone, nothing too small for a finger; in
    both languages, for every format. With a script, which axe is; the pages have none."""
    heard = complaints(page)
    round_id = await town.opened(form=EACH[name])
    await page.goto(f"{town.url}/rounds/{round_id}?lang={language}")
    await whole(page, name, f"{language}-1-notice")
    await page.locator("main form.form button.button").click()
    await whole(page, name, f"{language}-2-not-agreed")
    await page.locator("#agreed").check()
    await page.locator("main form.form button.button").click()
    await whole(page, name, f"{language}-3-code")
    await page.locator("#code").fill("0000")
    await page.locator("main form.form button.button").click()
    await whole(page, name, f"{language}-4-no-code")
    await page.locator("#code").fill(await town.code(round_id))
    await page.locator("main form.form button.button").click()
    await whole(page, name, f"{language}-5-choose")
    await page.locator(".acts button.button").click()
    await whole(page, name, f"{language}-6-check")
    await page.locator(".acts button.button").first.click()
    await expect(page.locator("[data-ballot]")).to_be_visible()
    await whole(page, name, f"{language}-7-done")
    # Each step that is refused leaves a line in the console: the page came with its status.
    assert [each for each in heard if "status of 422" not in each] == []


async def whole(page: Page, name: str, step: str) -> None:
    """Nothing here is in anybody's way; where pictures are wanted, one is taken."""
    found = await hurdles(page)
    if PICTURES is not None:
        await page.screenshot(path=Path(PICTURES) / f"booth-{name}-{step}.png", full_page=True)
    assert found == []


@looked_at
@pytest.mark.parametrize("scheme", ["dark", "light"])
async def test_what_goes_wrong_is_told_on_a_page_that_anybody_can_use(
    town: Town, page: Page, scheme: str
) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    round_id = await town.opened(assisted=False)
    await page.goto(f"{town.url}/rounds/{round_id}?lang=fr")
    await whole(page, scheme, "no-booth")
    round_id = await town.opened()
    await page.goto(f"{town.url}/rounds/{round_id}?lang=en")
    await to_the_projects(town, page, round_id)
    for option in (1, 2, 3):
        await page.locator(f"#option-{option}").check()
    await press(page, "Check my ballot")
    await whole(page, scheme, "too-many")
    await page.locator("#option-3").uncheck()
    await press(page, "Check my ballot")
    await town.roll.signing.down()
    try:
        await press(page, "Cast my ballot")
        await whole(page, scheme, "again")
    finally:
        await town.roll.signing.up()
    await press(page, "Try again")
    await expect(page.get_by_role("heading", name="Your ballot is recorded")).to_be_visible()


@without_a_script
async def test_the_start_of_the_booth_leads_to_the_list_of_votes(town: Town, page: Page) -> None:
    await page.goto(f"{town.url}/")
    assert page.url == f"{town.sites['roll']}/"

"""Every page, as somebody sees it: in both languages and themes, on a phone and on a desk.

`COMPTOIR_SCREENSHOTS=DIRECTORY` keeps a picture of each page, language and width there.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Response

from comptoir.client import Client
from comptoir.desks import Desks
from comptoir.edition import generated_edition
from comptoir.proposing import Proposing
from comptoir.stack import Stack
from tests.access import FILE
from tests.browser.places import ELSEWHERE, NO_PAGES, REQUESTS, STAGES, Place
from tests.browser.town import Town, filled, listed
from tests.browser.weighing import Weight, weighed
from tests.chromium import HEAVIEST, PATIENCE, UNFOLD, WIDTHS, complaints, hurdles
from tests.end_to_end.elections import silent

pytestmark = pytest.mark.slow

PICTURES = os.environ.get("COMPTOIR_SCREENSHOTS")
FONTS = "document.fonts.ready.then(() => true)"
# What a browser says of a page that answers with an error, as some here mean to.
REFUSED = "Failed to load resource: the server responded with a status of "


@pytest.fixture(scope="module")
async def town(stack: Stack, client: Client) -> AsyncIterator[Town]:
    edition = generated_edition(ideas=10, dossiers=8, labelled=6, declared=2, posted=14)
    async with (
        Desks(stack.addresses) as desks,
        Proposing(stack.addresses, desks, edition, silent) as proposing,
    ):
        town = Town(stack, client, desks, proposing)
        yield town
        for browser in town.people.values():
            await browser.close()


@pytest.fixture(scope="module")
async def ideas(town: Town) -> Town:
    await town.take_ideas()
    return town


@pytest.fixture(scope="module")
async def dossiers(ideas: Town) -> Town:
    await ideas.read_dossiers()
    return ideas


@pytest.fixture(scope="module")
async def voting(dossiers: Town) -> Town:
    await dossiers.open_voting()
    return dossiers


@pytest.fixture(scope="module")
async def decided(voting: Town) -> Town:
    await voting.decide()
    return voting


def every(stage: str) -> pytest.MarkDecorator:
    """The pages of a stage, one test each."""
    places = STAGES[stage]
    return pytest.mark.parametrize("place", places, ids=[f"{p.process}-{p.name}" for p in places])


def test_every_page_is_looked_at() -> None:
    """Whoever adds a page adds it to `places.py`, or says there why it is none."""
    places = [place for stage in STAGES.values() for place in stage]
    pages = {place.route for place in places} | ELSEWHERE.keys()
    routes = listed(FILE.read_text().splitlines())
    assert pages == {r for r in routes if r in pages or r.split()[1] not in NO_PAGES}
    assert all(Path(test).exists() for test in ELSEWHERE.values())
    names = [f"{place.process}-{place.name}" for place in places]
    assert len(set(names)) == len(names)


@every("ideas")
async def test_pages_while_ideas_are_taken(ideas: Town, chromium: Browser, place: Place) -> None:
    """axe finds nothing, nothing is too wide or too small to touch, the console is silent, nothing
    comes from elsewhere, and the page is light enough for a slow phone."""
    await look(ideas, chromium, place)


@every("dossiers")
async def test_pages_while_dossiers_are_read(
    dossiers: Town, chromium: Browser, place: Place
) -> None:
    """As above."""
    await look(dossiers, chromium, place)


@every("voting")
async def test_pages_while_people_vote(voting: Town, chromium: Browser, place: Place) -> None:
    """As above, and each step of the ballot."""
    await look(voting, chromium, place)


@every("decided")
async def test_pages_when_all_is_decided(decided: Town, chromium: Browser, place: Place) -> None:
    """As above, and the public record."""
    await look(decided, chromium, place)


async def look(town: Town, chromium: Browser, place: Place) -> None:
    """Look at a page in every language at the same time, each in a browser of its own."""
    await asyncio.gather(*(look_in(town, chromium, place, each) for each in place.languages))


async def look_in(town: Town, chromium: Browser, place: Place, language: str) -> None:
    """Look at a page in one language, in every theme and width."""
    context = await town.context(chromium, place.who, place.site)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    await page.set_extra_http_headers({"Accept-Language": language})
    heard, statuses = complaints(page), landings(page)
    async with weighed(page) as weight:
        await page.goto(await address(town, place), wait_until="load")
        await page.evaluate(FONTS)
    if place.then is not None:
        await place.then(page)
        await page.evaluate(FONTS)
    await picture(page, f"{place.process}-{place.name}-{language}", weight)
    refused = place.refused or place.status >= 400
    found = await in_all_looks(page, language)
    found["heard"] = [each for each in heard if not (refused and each.startswith(REFUSED))]
    assert {name: what for name, what in found.items() if what} == {}, page.url
    assert statuses[-1] == place.status
    assert await page.locator("html").get_attribute("lang") == language
    assert weight.requests <= REQUESTS.get(place.route, 3) and weight.size <= HEAVIEST, weight
    await context.close()


async def address(town: Town, place: Place) -> str:
    """Where a page is, with ids; a code that is asked for is a new one."""
    ids = dict(town.ids)
    if "code" in place.query:
        ids["code"] = await town.code()
    return town.desks.sites[place.site] + filled(place.path + place.query, ids, place.ids)


def landings(page: Page) -> list[int]:
    """The statuses of the pages that are come to from now on."""
    statuses: list[int] = []

    def note_status(response: Response) -> None:
        if response.request.is_navigation_request() and response.status // 100 != 3:
            statuses.append(response.status)

    page.on("response", note_status)
    return statuses


async def in_all_looks(page: Page, language: str) -> dict[str, list[str]]:
    """Hurdles by theme and width, with everything unfolded that can be. axe looks once in each
    language, since it takes longest: by day on a phone in one, at night on a desk in the other."""
    found = {}
    await page.evaluate(UNFOLD)
    for theme in ("light", "dark"):
        await page.emulate_media(color_scheme=theme)
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 800})
            seen_by_axe = ("light", WIDTHS[0]) if language == "fr" else ("dark", WIDTHS[-1])
            if hurdles_here := await hurdles(page, axe=(theme, width) == seen_by_axe):
                found[f"{theme}, {width}"] = hurdles_here
    return found


async def picture(page: Page, name: str, weight: Weight) -> None:
    """Keep what it looks like and what it weighs, where pictures are wanted."""
    if PICTURES is None:
        return
    line = f"{weight.size:>8} bytes, {weight.requests} requests: {name}"
    await asyncio.to_thread(note, Path(PICTURES, "weights.txt"), line)
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 800})
        await page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)


def note(file: Path, line: str) -> None:
    """One line more."""
    with file.open("a") as lines:
        lines.write(line + "\n")

"""The page of a body that decides money, in a real Chromium."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser as Chromium

from tests.chromium import launched
from tests.looking import looked_at, page_of
from tests.submission.hearing import Inbox
from tests.submission.proposing import Town
from tests.submission.test_bodies import body, complete, inbox, said, town  # noqa: F401

pytestmark = pytest.mark.slow


@pytest.fixture
async def chromium() -> AsyncIterator[Chromium]:
    async with launched() as browser:
        yield browser


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_the_page_of_a_body_is_whole_on_a_phone_and_on_a_desk(
    town: Town,  # noqa: F811
    inbox: Inbox,  # noqa: F811
    chromium: Chromium,
    language: str,
) -> None:
    given = await complete(town, 2, body(), fund={"year_amount": 100_000_00})
    officer = await page_of(chromium, given.officers[0], language=language)
    site = str(given.officers[0].url).rstrip("/")
    await looked_at(officer, f"{site}{given.page}", "body-to-give", language)
    round_id = await given.give()
    await looked_at(officer, f"{site}{given.page}", "body-votes", language)
    await inbox.handle(*said(town, round_id, given.projects, ("funded", "rejected")))
    await looked_at(officer, f"{site}{given.page}", "body-decided", language)
    await looked_at(officer, f"{site}/desk/programmes/{town.programme_id}", "programme", language)
    await looked_at(officer, f"{site}/projects/{given.projects[0]}", "life-funded", language)

"""The page of all components, in both languages; a real browser, axe and a narrow screen."""

import re
from collections.abc import AsyncIterator
from typing import Literal

import httpx
import pytest
from playwright.async_api import Browser, Page

from tests.chromium import complaints, hurdles, launched
from tests.serving import served
from tests.shared.web.conftest import application

SHOWN: list[tuple[str, Literal["light", "dark"], int]] = [
    ("fr", "light", 320),
    ("fr", "dark", 1280),
    ("en", "dark", 320),
    ("en", "light", 1280),
]


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_the_page_is_whole_in_both_languages(
    browser: httpx.AsyncClient, language: str
) -> None:
    answer = await browser.get(f"/components?lang={language}")
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    heading = {"fr": "<h1>Composants</h1>", "en": "<h1>Components</h1>"}[language]
    assert heading in answer.text
    ids = re.findall(r'\sid="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))
    assert "12\u202f500\u202f€" in answer.text


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


async def opened(
    chromium: Browser, address: str, theme: Literal["light", "dark"], width: int
) -> tuple[Page, list[str]]:
    """A page in a browser of its own, and what the browser complains about."""
    context = await chromium.new_context(
        locale="en-GB", color_scheme=theme, viewport={"width": width, "height": 800}
    )
    page = await context.new_page()
    heard = complaints(page)
    await page.goto(address, wait_until="networkidle")
    return page, heard


async def test_everybody_can_use_the_components(chromium: Browser) -> None:
    """axe finds nothing, nothing is wider than the screen, nothing is too small to be touched."""
    async with served(application()) as client:
        for language, theme, width in SHOWN:
            address = f"{client.url}/components?lang={language}"
            page, heard = await opened(chromium, address, theme, width)
            assert await hurdles(page) == []
            assert not heard
            await page.context.close()


async def test_the_keyboard_begins_with_the_skip_link(chromium: Browser) -> None:
    async with served(application()) as client:
        page, _ = await opened(chromium, f"{client.url}/components", "light", 1280)
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        await page.keyboard.press("Enter")
        assert await page.evaluate("document.activeElement.id") == "main"
        await page.context.close()

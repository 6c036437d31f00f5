"""The page of all components, in both languages; a real browser, axe and a narrow screen."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

from tests.serving import served
from tests.shared.web.conftest import application

CHROMIUM = Path("/usr/bin/chromium")
needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no {CHROMIUM} here")
SHOWN: list[tuple[str, Literal["light", "dark"], int]] = [
    ("fr", "light", 320),
    ("fr", "dark", 1280),
    ("en", "dark", 320),
    ("en", "light", 1280),
]
# What can be touched, and is smaller than a finger although it does not stand in a sentence.
SMALL = """
() => [...document.querySelectorAll("a, button, summary, select, input, textarea")]
  .filter(e => e.checkVisibility() && !e.closest("p, .skip, h2, h3, [type=hidden]"))
  .map(e => [e.labels?.[0]?.closest(".tick") ?? e, e])
  .filter(([box]) => box.getBoundingClientRect().height < 43.5)
  .map(([, e]) => e.outerHTML.slice(0, 80))
"""


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


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def opened(
    chromium: Browser, address: str, theme: Literal["light", "dark"], width: int
) -> tuple[Page, list[str]]:
    """A page in a browser of its own, and what the browser complains about or asks elsewhere."""
    context = await chromium.new_context(
        color_scheme=theme, viewport={"width": width, "height": 800}
    )
    page, complaints = await context.new_page(), list[str]()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("http://127.0.0.1", "data:"))
            else complaints.append(request.url)
        ),
    )
    await page.goto(address, wait_until="networkidle")
    return page, complaints


@needs_chromium
async def test_everybody_can_use_the_components(chromium: Browser) -> None:
    """axe finds nothing, nothing is wider than the screen, nothing is too small to be touched."""
    async with served(application()) as client:
        for language, theme, width in SHOWN:
            address = f"{client.url}/components?lang={language}"
            page, complaints = await opened(chromium, address, theme, width)
            found = await Axe().run(page)
            assert not found.response["violations"], found.generate_report()
            root = "document.documentElement"
            assert await page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
            assert await page.evaluate(SMALL) == []
            assert not complaints
            await page.context.close()


@needs_chromium
async def test_the_keyboard_begins_with_the_skip_link(chromium: Browser) -> None:
    async with served(application()) as client:
        page, _ = await opened(chromium, f"{client.url}/components", "light", 1280)
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        await page.keyboard.press("Enter")
        assert await page.evaluate("document.activeElement.id") == "main"
        await page.context.close()

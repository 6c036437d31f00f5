"""A real Chromium, and what every page has to be in it: whole, quiet, readable, within reach."""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Request, async_playwright, expect

from comptoir.machine import chromium

CHROMIUM = chromium()
# In milliseconds. How long a page may take depends on what else the machine does.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
WIDTHS = (320, 1280)
# What a page may weigh with all that belongs to it, in bytes.
HEAVIEST = 150_000
HERE = re.compile(r"(http://127\.0\.0\.1[:/]|data:)")
# What can be touched, and is smaller than a finger although it does not stand in a sentence.
SMALL = """
() => [...document.querySelectorAll("a, button, summary, select, input, textarea")]
  .filter(e => e.checkVisibility() && !e.closest("p, .skip, h2, h3, [type=hidden]"))
  .map(e => [e.labels?.[0]?.closest(".tick") ?? e, e])
  .filter(([box]) => box.getBoundingClientRect().height < 43.5)
  .map(([, e]) => e.outerHTML.slice(0, 80))
"""
WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
UNFOLD = "() => document.querySelectorAll('details').forEach(each => { each.open = true; })"


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """The Chromium of this machine. Where there is none, a test is skipped, but never in CI."""
    if CHROMIUM is None:
        lacking = "there is no chromium"
        pytest.fail(lacking) if os.environ.get("CI") else pytest.skip(lacking)
    async with async_playwright() as playwright:
        # As root, Chromium has no sandbox.
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"], handle_sigint=False
        )
        yield browser
        await browser.close()


def complaints(page: Page) -> list[str]:
    """What the browser says against this page from now on, and what the page asks elsewhere."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("requestfailed", lambda request: heard.extend(_failure(request)))
    page.on(
        "request",
        lambda request: None if HERE.match(request.url) else heard.append(request.url),
    )
    return heard


def _failure(request: Request) -> list[str]:
    """That a stream ends when its page is left is no failure."""
    return [] if request.resource_type == "eventsource" else [f"{request.url}: {request.failure}"]


async def hurdles(page: Page, *, axe: bool = True) -> list[str]:
    """Why somebody could not use the page as it is shown: nothing, if all is well.

    axe's rules; nothing is wider than the screen; nothing is too small to be touched.
    """
    found = []
    if axe:
        results = await Axe().run(page)
        found += [
            f"{each['id']}: {node['html'][:200]}"
            for each in results.response["violations"]
            for node in each["nodes"]
        ]
    if await page.evaluate(WIDE):
        found.append(f"wider than {page.viewport_size}")
    found += [f"too small: {each}" for each in await page.evaluate(SMALL)]
    return found

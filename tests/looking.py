"""A page that is looked at where what it shows is made, as `tests/browser` looks at all others.

`COMPTOIR_SCREENSHOTS=DIRECTORY` keeps a picture of each page, language and width there.
"""

import os
from pathlib import Path

from playwright.async_api import Browser as Chromium
from playwright.async_api import Page

from comptoir.browser import Browser
from tests.browser.weighing import weighed
from tests.chromium import HEAVIEST, PATIENCE, UNFOLD, WIDTHS, complaints, hurdles

PICTURES = os.environ.get("COMPTOIR_SCREENSHOTS")
LOCALES = {"en": "en-GB", "fr": "fr-FR"}
# axe takes longest: it looks by day on a phone in one language, at night on a desk in the other.
SEEN_BY_AXE = {"fr": ("light", WIDTHS[0]), "en": ("dark", WIDTHS[-1])}


async def page_of(
    chromium: Chromium, somebody: Browser, *, language: str = "en", scripts: bool = True
) -> Page:
    """A page in somebody's browser."""
    context = await chromium.new_context(
        locale=LOCALES[language], reduced_motion="reduce", java_script_enabled=scripts
    )
    url = str(somebody.url)
    await context.add_cookies(
        [{"name": c.key, "value": c.value, "url": url} for c in somebody.session.cookie_jar]
    )
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    return page


async def looked_at(page: Page, url: str, name: str, language: str, *, requests: int = 3) -> None:
    """A page on a phone and on a desk, by day and at night: whole, quiet, light, within reach, and
    in its language."""
    heard = complaints(page)
    async with weighed(page) as weight:
        answer = await page.goto(url, wait_until="load")
    assert answer is not None and answer.status == 200, name
    assert weight.requests <= requests and weight.size <= HEAVIEST, (name, weight)
    assert await page.locator("html").get_attribute("lang") == language
    await page.evaluate(UNFOLD)
    for theme in ("light", "dark"):
        await page.emulate_media(color_scheme=theme)
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            found = await hurdles(page, axe=(theme, width) == SEEN_BY_AXE[language])
            assert found == [], (name, theme, width)
            if PICTURES and theme == "light":
                path = Path(PICTURES) / f"{name}-{language}-{width}.png"
                await page.screenshot(path=path, full_page=True)
    assert heard == [], name

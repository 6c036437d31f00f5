"""A person at a browser: she reads labels and names of buttons, and presses them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Browser, Locator, Page, expect

from comptoir.waiting import until
from tests.chromium import PATIENCE, complaints


@dataclass
class Somebody:
    """Her browser, in which she keeps one page open; `heard` is what it complained about."""

    page: Page
    heard: list[str]

    async def go(self, address: str) -> None:
        """Open an address."""
        await self.page.goto(address)

    async def follow(self, link: str, *, nth: int = 0) -> None:
        """Press a link."""
        await self.page.get_by_role("link", name=link).nth(nth).click()

    async def press(self, button: str) -> None:
        """Press a button, the first of that name."""
        await self.page.get_by_role("button", name=button, exact=True).first.click()

    async def send(self, button: str | re.Pattern[str], within: Locator | None = None) -> None:
        """Press a form's button, and wait for the page that comes: leaving earlier aborts it."""
        exact = isinstance(button, str)
        where = within or self.page
        async with self.page.expect_navigation():
            await where.get_by_role("button", name=button, exact=exact).first.click()

    async def write(self, **fields: str) -> None:
        """Fill fields in, each by its label with underscores for spaces."""
        for label, words in fields.items():
            await self.fill(label.replace("_", " "), words)

    async def fill(self, label: str, words: str) -> None:
        """Fill one field in, the first that is seen of that label."""
        await self.page.get_by_label(label).locator("visible=true").first.fill(words)

    async def tick(self, *labels: str) -> None:
        """Tick boxes, or choose one of several."""
        for label in labels:
            await self.page.get_by_label(label, exact=True).first.check()

    async def choose(self, label: str, option: str) -> None:
        """Choose from a list."""
        await self.page.get_by_label(label).first.select_option(label=option)

    async def unfold(self, summary: str) -> None:
        """Open what is folded."""
        await self.page.locator("summary", has_text=summary).first.click()

    async def reads(self, words: str | re.Pattern[str]) -> None:
        """These words are on her page."""
        await expect(self.page.get_by_text(words).locator("visible=true").first).to_be_visible()

    async def title(self, words: str) -> None:
        """This is what the page is called."""
        await expect(self.page.get_by_role("heading", level=1)).to_contain_text(words)

    async def card(self, title: str | re.Pattern[str], button: str, *, unfold: str = "") -> Locator:
        """The card of this title, loaded again until it has the button: that is on its way."""
        heading = self.page.get_by_role("heading", level=2).filter(has_text=title)
        card = self.page.get_by_role("article").filter(has=heading)

        async def there() -> bool:
            await self.page.reload()
            return await card.locator("button", has_text=button).count() > 0

        await until(f"“{button}”", there, bool)
        if unfold:
            await card.locator("summary", has_text=unfold).click()
        return card

    async def follow_in(self, heading: str, link: str) -> None:
        """Press a link in the list below a heading."""
        below = self.page.locator("h2", has_text=heading).locator("+ ul")
        await below.get_by_role("link", name=link).click()

    async def sign_in(self, subject: str, page: str) -> None:
        """As an officer, at the page that she wants: to the identity provider and back.

        What the provider's page asks elsewhere is its own affair.
        """
        await self.go(page)
        before = len(self.heard)
        await self.press("Sign in as staff")
        await self.press(f"Authorize as {subject}")
        await expect(self.page).to_have_url(page)
        del self.heard[before:]


@asynccontextmanager
async def at_a_browser(
    chromium: Browser, language: str = "en-GB", **options: bool
) -> AsyncIterator[Somebody]:
    """Somebody who has never been here."""
    context = await chromium.new_context(
        locale=language, accept_downloads=True, java_script_enabled=options.get("scripts", True)
    )
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    yield Somebody(page, complaints(page))
    await context.close()

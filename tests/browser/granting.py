"""The walk after the vote: what is confirmed, signed, paid and followed up, each in the open."""

from playwright.async_api import expect

from tests.browser.somebody import Somebody
from tests.browser.story import IDEA, Story

DELIBERATION, PAYMENT = "CD62-2027-118", "M-2027-000042"


async def agree(story: Story) -> None:
    """Returning officers confirm the grant by a deliberation, and sign the agreement, by two."""
    gaelle = story.people["gaelle"]
    await to_the_grant(story, gaelle)
    await gaelle.fill("Number of the deliberation", DELIBERATION)
    asked = gaelle.page.locator("form").filter(has_text="Number of the deliberation")
    await asked.get_by_label("Reason").fill("The assembly deliberated.")
    await gaelle.send("Ask to confirm it", within=asked)
    await gaelle.reads("waits for another officer")
    await story.confirm("hugo", "count", "Confirm a grant")
    await to_the_grant(story, gaelle)
    await gaelle.reads(f"by the deliberation {DELIBERATION}")
    asked = gaelle.page.locator("form").filter(has_text="Ask to sign it")
    await asked.get_by_label("Reason").fill("The carrier signed.")
    await gaelle.send("Ask to sign it", within=asked)
    await story.confirm("hugo", "count", "Sign agreements")


async def pay(story: Story) -> None:
    """What the finance system paid is entered with its reference, and how far the project is."""
    gaelle = story.people["gaelle"]
    await to_the_grant(story, gaelle)
    await gaelle.page.get_by_label("Part", exact=True).select_option(value="first")
    await gaelle.fill("Reference of the payment", PAYMENT)
    await gaelle.send("Enter it", within=gaelle.page.locator("form[action$='/pay']"))
    await gaelle.reads("Paid: 2\u202f100\u202f€. Left: 2\u202f100\u202f€.")
    await gaelle.page.get_by_label("Milestone").select_option(label="The oven is lit")
    await gaelle.send("Enter it", within=gaelle.page.locator("form[action$='/milestone']"))
    await gaelle.reads("The oven is lit.")


async def to_the_grant(story: Story, officer: Somebody) -> None:
    """From the desk of votes to the grant of the idea."""
    await officer.go(f"{story.sites['count']}/desk/rounds")
    await officer.follow("Grants")
    await officer.follow(IDEA)
    await officer.title(IDEA)


async def read_the_follow_up(story: Story, voter: Somebody) -> None:
    """Everybody reads what became of the money, and can prove each step."""
    await voter.go(f"{story.sites['count']}/rounds/{story.round_id}/follow-up")
    await voter.reads("What became of the money")
    card = voter.page.get_by_role("article").filter(has_text=IDEA)
    for words in (DELIBERATION, "Agreement signed on", "The oven is lit", "paid on"):
        await expect(card).to_contain_text(words)
    await expect(card).not_to_contain_text(PAYMENT)
    await expect(card.get_by_role("link", name="Prove it")).to_have_count(4)

"""A citizen budget held in a real Chromium, by everybody whose step it is.

Each fixture is a stretch of the story, walked by pressing what a person sees; the tests stand in
its order, and say what came of it.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from comptoir.client import Client
from comptoir.desks import Desks
from comptoir.edition import generated_edition
from comptoir.mailbox import Mailbox
from comptoir.proposing import Proposing
from comptoir.stack import Stack
from comptoir.waiting import at_once, until
from shared.codes import new_code
from tests.browser.filing import NAME, clear_the_carrier, file_the_dossier, read_the_dossier
from tests.browser.granting import agree, pay, read_the_follow_up
from tests.browser.guiding import WHY, guide
from tests.browser.somebody import Somebody, at_a_browser
from tests.browser.story import IDEA, TITLE, Story, telling
from tests.end_to_end.elections import silent

pytestmark = pytest.mark.slow

OTHERS = 5
IN_BROWSERS = 3
POSTED = [new_code() for _ in range(12)]
VOTER, TELEPHONE = "votante@deux-rives.example", "+33612345678"
# What the element with the focus is called.
FOCUSED = """() => (each => each.ariaLabel ?? each.labels?.[0]?.textContent ?? each.textContent)
  (document.activeElement).trim()"""
REASON = r"given so far|it came \d+(st|nd|rd|th)\b|Nobody voted for it"


@pytest.fixture(scope="module")
async def story(stack: Stack, chromium: Browser, client: Client) -> AsyncIterator[Story]:
    edition = generated_edition(ideas=OTHERS, dossiers=OTHERS, labelled=OTHERS, seed=5)
    async with (
        Desks(stack.addresses) as desks,
        Proposing(stack.addresses, desks, edition, silent) as proposing,
        telling(stack.addresses, chromium, proposing, client) as story,
    ):
        yield story


@pytest.fixture(scope="module")
async def proposed(story: Story) -> Story:
    """A project to which the committee gave its label, and five others."""
    await story.publish_the_charter()
    await story.grant_roles()
    await story.amend_the_charter()
    await story.deposit_an_idea()
    await guide(story)
    await file_the_dossier(story)
    await read_the_dossier(story)
    await clear_the_carrier(story)
    await story.others_take_part()
    committee = await story.give_to_the_committee()
    await story.vote_on_labels(committee)
    return story


@pytest.fixture(scope="module")
async def voting(proposed: Story) -> Story:
    """The round is open under the seal of its commission, and posted codes are on the roll."""
    await proposed.open_the_round()
    await proposed.post_codes(POSTED)
    await proposed.others_may_vote(POSTED[IN_BROWSERS:])
    return proposed


@pytest.fixture(scope="module")
async def decided(voting: Story) -> Story:
    """The others vote, all for what a browser chose as well; the commission opens the ballots, and
    the result is validated."""
    polls = voting.polls
    await at_once(4, (polls.vote(voter, [at % 4 + 1]) for at, voter in enumerate(voting.voters)))
    assert not polls.refusals
    await voting.close_the_round()
    return voting


@pytest.fixture(scope="module")
async def granted(decided: Story) -> Story:
    """The grant is confirmed, its agreement signed, a part of it paid, and a milestone reached."""
    await agree(decided)
    await pay(decided)
    return decided


@pytest.fixture
async def voter(chromium: Browser) -> AsyncIterator[Somebody]:
    """Somebody who has not been here before; nothing goes wrong in her browser."""
    async with at_a_browser(chromium) as somebody:
        yield somebody
        assert not somebody.heard


def ballot_of(story: Story, code: str = "") -> str:
    """The voting page, as a letter or a mail has it."""
    address = f"{story.sites['roll']}/rounds/{story.round_id}/vote"
    return f"{address}#code={code}" if code else address


async def recorded(page: Page) -> None:
    """The receipt is there."""
    await expect(page.get_by_role("heading", name="Your ballot is recorded")).to_be_visible()


async def test_an_idea_comes_to_its_label(proposed: Story, voter: Somebody) -> None:
    """Resident, adviser, committee: everybody can read each step, and prove it."""
    await voter.go(proposed.project)
    await voter.title(IDEA)
    for step in (
        "The idea was deposited, for Arrageois.",
        "It is at the desk “Counter of the Arrageois”.",
        f"It was handed on to the desk “Counter of the Artois”: “{WHY}”",
        "The desk took it on, and finds it a session by",
        "It has a place at the counter of",
        "Its carrier came to the counter",
        "The desk handed it back to its carrier: it was guided.",
        f"{NAME} carries it, and answers for it.",
        "The dossier was filed; it asks for 4\u202f200\u202f€.",
        "An officer found its carrier in order for an agreement.",
        "An officer read the dossier: it is complete.",
        "The committee voted, and gave it the label “Values of the social and solidarity economy”",
        "It got 4 yes. It is adopted.",
    ):
        await voter.reads(step)
    await expect(voter.page.get_by_role("link", name="Prove it")).to_have_count(14)


async def test_a_resident_signs_in_where_she_has_an_account(
    proposed: Story, voter: Somebody
) -> None:
    """Instead of by a mailed link: her provider vouches for her address."""
    await voter.go(f"{proposed.sites['submission']}/ideas/mine")
    heard = len(voter.heard)
    await voter.press("Sign in with that account")
    await voter.press("Authorize as lucie")
    await voter.title("My ideas")
    await voter.reads("You carry no idea yet.")
    del voter.heard[heard:]  # what the provider's page asks elsewhere is its own affair


async def test_a_voter_declares_who_she_is_and_votes(voting: Story, voter: Somebody) -> None:
    """From the roll's first page to the receipt: her telephone is proved with eight digits, and is
    sent the code to vote."""
    await voter.go(voting.sites["roll"])
    card = voter.page.get_by_role("article").filter(has_text=TITLE)
    await card.get_by_role("link", name="I have no code yet").click()
    await voter.write(Birth_name="Lefèvre", First_given_name="Odile", Date_of_birth="1962-03-14")
    await voter.fill("INSEE code of the commune", "62041")
    await voter.tick("Arrageois", "English")
    await voter.fill("Mobile telephone", TELEPHONE)
    await voter.fill("E-mail address", VOTER)
    await voter.page.get_by_label("I state on my honour").check()
    await voter.send("Send me a code")
    await voter.title("The code of your telephone")
    messages = Mailbox(voting.addresses.mails)
    digits = re.search(r"[0-9]{4} [0-9]{4}", (await messages.wait_for(TELEPHONE)).text)
    assert digits is not None
    await voter.fill("The eight digits", digits[0])
    await voter.send("Register")
    await voter.title("Your registration is recorded")
    await voter.go(await messages.link(TELEPHONE, "#code="))
    await voter.press("Continue")
    await expect(voter.page.get_by_role("heading", name="Your voting code")).to_be_visible()
    await voter.press("I have kept it: show the projects")
    await voter.reads("0 of 3 chosen")
    await voter.tick(f"I choose this project ({IDEA})")
    await voter.press("Check my ballot")
    await voter.press("Cast my ballot")
    await recorded(voter.page)
    async with voter.page.expect_download() as downloading:
        await voter.follow("Save the receipt")
    receipt = await asyncio.to_thread(Path.read_text, await (await downloading.value).path())
    assert json.loads(receipt.splitlines()[1])["round_id"] == voting.round_id
    await found_in_the_record(voter.page)


async def found_in_the_record(page: Page) -> None:
    """As the receipt says it: with the witness's cosignature, once a checkpoint covers it."""
    looked = page.locator("[data-looked]")
    async with asyncio.timeout(60):
        while "Yes: your ballot is in the public record" not in (await looked.inner_text()):
            await page.get_by_role("button", name="Look in the record").click()
            await expect(looked).not_to_have_text("")


async def test_a_button_that_is_pressed_twice_casts_one_ballot(
    voting: Story, voter: Somebody
) -> None:
    """With a posted code. How many voted is counted when the result is there."""
    await voter.go(ballot_of(voting))
    await voter.fill("Your code", POSTED[0].lower())
    await voter.press("Continue")
    await voter.press("I have kept it: show the projects")
    await voter.tick(f"I choose this project ({IDEA})")
    await voter.press("Check my ballot")
    await voter.page.get_by_role("button", name="Cast my ballot").dblclick()
    await recorded(voter.page)
    await voter.reads("This was your ballot number 1.")


async def test_a_vote_with_the_keyboard_alone(voting: Story, voter: Somebody) -> None:
    """Tab, Space and Enter are enough, and after each step the focus is where it goes on."""
    await voter.go(ballot_of(voting))
    await tab_to(voter.page, "Your code")
    await voter.page.keyboard.type(POSTED[1])
    await tab_to(voter.page, "Continue")
    await voter.page.keyboard.press("Enter")
    await expect(voter.page.get_by_role("heading", name="Your voting code")).to_be_focused()
    await tab_to(voter.page, "I have kept it: show the projects")
    await voter.page.keyboard.press("Enter")
    await expect(voter.page.get_by_role("heading", name="The projects")).to_be_focused()
    await tab_to(voter.page, f"I choose this project ({IDEA})")
    await voter.page.keyboard.press("Space")
    await voter.reads("1 of 3 chosen")
    await tab_to(voter.page, "Check my ballot")
    await voter.page.keyboard.press("Enter")
    await expect(voter.page.get_by_role("heading", name="Check your ballot")).to_be_focused()
    await tab_to(voter.page, "Cast my ballot")
    await voter.page.keyboard.press("Enter")
    await expect(voter.page.get_by_role("heading", name="Your ballot is recorded")).to_be_focused()


async def tab_to(page: Page, name: str) -> None:
    """Go on by Tab until what is so named has the focus, and shows it."""
    for _ in range(120):
        await page.keyboard.press("Tab")
        if name in await page.evaluate(FOCUSED):
            outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", name
            return
    raise AssertionError(f"no Tab comes to {name}")


async def test_without_javascript_a_voter_is_sent_to_a_counter(
    voting: Story, chromium: Browser
) -> None:
    """She reads what is voted on, and that her code stays good where somebody helps her."""
    async with at_a_browser(chromium, scripts=False) as voter:
        await voter.go(ballot_of(voting))
        await voter.reads("Without it, vote at a counter: somebody helps you there")
        await voter.reads("your code stays good")
        await expect(voter.page.get_by_role("heading", name=IDEA)).to_be_visible()
        await expect(voter.page.get_by_role("button", name="Continue")).to_be_hidden()
        await voter.go(voting.sites["roll"])
        await voter.reads("At a counter somebody helps you.")


async def test_turnout_is_followed_while_people_vote(voting: Story, chromium: Browser) -> None:
    """The live page counts a ballot that is cast meanwhile, without being loaded again."""
    async with at_a_browser(chromium) as watcher, at_a_browser(chromium) as voter:
        await watcher.go(f"{voting.sites['count']}/rounds")
        await watcher.follow(TITLE)
        await watcher.reads("follows the vote")
        hall = watcher.page.locator("p", has_text="have voted")
        await expect(hall).to_have_text(re.compile(r"[1-9]"))
        before = int(re.sub(r"\D", "", await hall.inner_text()))
        await voter.go(ballot_of(voting, POSTED[2]))
        await voter.press("Continue")
        await voter.press("I have kept it: show the projects")
        await voter.tick(f"I choose this project ({IDEA})")
        await voter.press("Check my ballot")
        await voter.press("Cast my ballot")
        await recorded(voter.page)
        await expect(hall).to_have_text(re.compile(rf"\b{before + 1}\b"))
        assert not watcher.heard and not voter.heard


async def test_the_result_says_why_for_every_project(granted: Story, voter: Somebody) -> None:
    """From the programme's page to the count: each project with its reason, and its proof."""
    await voter.go(granted.programme)
    await voter.follow("See what was decided, and why")
    await voter.reads("Two officers validated this result")
    await voter.follow("The count, with its figures and files")
    await voter.reads("This result is final.")
    await expect(figure(voter.page, "voters")).to_contain_text(str(len(POSTED) + 1))
    lines = voter.page.get_by_role("listitem").filter(
        has=voter.page.get_by_role("heading", level=3)
    )
    await expect(lines).to_have_count(OTHERS + 1)
    for line in await lines.all():
        await expect(line).to_contain_text(re.compile(REASON))
        await expect(line.get_by_role("link", name="Prove it")).to_be_visible()
    mine = lines.filter(has_text=IDEA)
    await expect(mine).to_contain_text("agreement signed on")


def figure(page: Page, label: str) -> Locator:
    """One of the big figures, by what stands below it."""
    return page.locator(".figure", has=page.get_by_text(label, exact=True))


async def test_what_became_of_the_money_is_followed_by_everybody(
    granted: Story, voter: Somebody
) -> None:
    """Confirmed, agreed, paid, and how far the project is: each with its proof."""
    await read_the_follow_up(granted, voter)


async def test_a_carrier_reads_what_follows_her_project(granted: Story) -> None:
    """In her language, from the desk that guided her to the payment."""
    resident = granted.people["resident"]

    async def told() -> bool:
        await resident.go(granted.project)
        return await resident.page.get_by_text("Le four est allumé").count() > 0

    await until("the milestone on her page", told, bool)
    for step in (
        "Le bureau l’a rendue à son porteur : elle a été accompagnée.",
        f"{NAME} le porte et en répond.",
        "2\u202f100\u202f€ ont été versés",
        "(Acompte)",
    ):
        await resident.reads(step)


async def test_the_record_says_each_step_in_plain_words(granted: Story, voter: Somebody) -> None:
    """Whoever presses “Prove it” reads what the entry says, and how to check it."""
    await voter.go(granted.project)
    await voter.follow("Prove it")
    await voter.title("Entry")
    await voter.reads(f"An idea was deposited: “{IDEA}” (Arrageois).")
    await voter.reads("Save its receipt")
    await voter.go(granted.project)
    await voter.follow("Prove it", nth=-1)
    await voter.reads("A funded project came so far")

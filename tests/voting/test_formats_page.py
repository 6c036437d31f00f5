"""Every format of ballots, voted in a real browser: by touch on a phone, and by keyboard alone."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.backends import Databases
from tests.chromium import PATIENCE, complaints, hurdles, launched
from tests.voting.held import TITLES, Vote, held, past_the_code
from tests.voting.roll.elections import Edition
from tests.voting.roll.forms import EACH
from voting.formats.choices import NUMBERS

pytestmark = pytest.mark.slow
PICTURES = os.environ.get("COMPTOIR_SCREENSHOTS")
BLANK = "You chose nothing: this is a blank ballot."


@dataclass(frozen=True)
class Saying:
    """What somebody does with a ballot: `acts` are options and values in order.

    `line` is what the counters say then, `words` what the check says of each option beside its
    title, `refused` an act that a limit is in the way of, and `why` what she is told.
    """

    acts: tuple[tuple[int, int], ...]
    choices: list[Any]
    line: tuple[str, ...]
    words: tuple[str, ...] = ()
    refused: tuple[int, int] | None = None
    why: str = ""


SAID = {
    "approval": Saying(
        acts=((4, 1), (1, 1)),
        choices=[1, 4],
        line=("2 of 2 chosen",),
        refused=(2, 1),
        why="You may choose 2 projects.",
    ),
    "contests": Saying(
        acts=((3, 1), (4, 1)),
        choices=[3, 4],
        line=("Your territory: 1 of 1", "General: 1 of 1"),
        refused=(2, 1),
        why="A ballot names projects of one territory",
    ),
    "knapsack": Saying(
        acts=((1, 1), (4, 1)),
        choices=[1, 4],
        line=("15 000 € chosen, 1 000 € left",),
        refused=(2, 1),
        why="This project costs more than the 1 000 € that are left of 16 000 €.",
    ),
    "ranking": Saying(
        acts=((3, 1), (1, 1), (2, 1)),
        choices=[3, 1, 2],
        line=("3 of 3 ranked", "choose at least 2"),
        refused=(4, 1),
        why="You may choose 3 projects.",
    ),
    "cumulative": Saying(
        acts=((2, 6), (4, 3)),
        choices=[[2, 6], [4, 3]],
        line=("1 point left", "give at least 4 points"),
        words=("6 points", "3 points"),
        refused=(1, 2),
        why="You have 10 points in all, and 1 is left.",
    ),
    "score": Saying(
        acts=((2, -2), (1, 3)),
        choices=[[1, 3], [2, -2]],
        line=("2 of 4 scored", "choose at least 1"),
        words=("Score −2", "Score 3"),
    ),
    "score-wide": Saying(
        acts=((3, 100), (1, 0)),
        choices=[[1, 0], [3, 100]],
        line=("2 of 4 scored",),
        words=("Score 100", "Score 0"),
        refused=(2, 101),
        why="A score is a whole number from 0 to 100",
    ),
    "plus-minus": Saying(
        acts=((1, 1), (2, 1), (3, -1)),
        choices=[[1, 1], [2, 1], [3, -1]],
        line=("For: 2 of 2", "Against: 1 of 1"),
        words=("For", "For", "Against"),
        refused=(4, -1),
        why="You may be against 1 project.",
    ),
    "grades": Saying(
        acts=((2, 0), (1, 3)),
        choices=[[1, 3], [2, 0]],
        line=("2 of 4 graded", "choose at least 2"),
        words=("To be rejected", "remarkable"),
    ),
    "decision": Saying(
        acts=((1, 1), (2, 2), (3, 0), (4, 3)),
        choices=[[1, 1], [2, 2], [3, 0], [4, 3]],
        line=("4 of 4 answered",),
        words=("Yes", "No", "I abstain", "I recuse myself"),
    ),
}
# A ballot that says too little, by format, and what is told on the way to its check.
TOO_LITTLE = {
    "ranking": ((1, 1), "Choose at least 2 projects, or none for a blank ballot"),
    "cumulative": ((1, 2), "Give at least 4 points in all, or none for a blank ballot"),
    "grades": ((1, 2), "Choose at least 2 projects, or none for a blank ballot"),
    "plus-minus": ((1, -1), "You are against 1 project and for 0"),
}


def polled(name: str) -> Edition:
    """An edition whose ballot is of this format; in contests one option is of no territory."""
    return Edition(form=EACH[name], general=frozenset({4}) if name == "contests" else frozenset())


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
async def town(
    databases: Databases, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Vote]:
    """One roll and one box for all of these rounds."""
    directory = tmp_path_factory.mktemp("formats")
    async with held(databases.make, chromium, directory, polled("approval")) as vote:
        yield vote


@dataclass
class Poll:
    """A round of one format, and somebody at a page of hers."""

    vote: Vote
    name: str
    page: Page
    heard: list[str] = field(default_factory=list)

    def control(self, number: int, value: int) -> Locator:
        """What says this of an option: a box, a radio, or a field."""
        card = self.page.locator(f'[data-options] [data-option="{number}"]')
        if EACH[self.name].type in NUMBERS:
            return card.locator("[type=checkbox]")
        radio = card.locator(f'[type=radio][value="{value}"]')
        return card.locator("[type=text]") if self.name in ("cumulative", "score-wide") else radio

    async def press(self, name: str) -> None:
        """Press the button that is seen of this name."""
        await self.page.get_by_role("button", name=name, exact=True).first.click()

    async def say(self, number: int, value: int) -> None:
        """With mouse or finger."""
        control = self.control(number, value)
        if await control.get_attribute("type") == "text":
            await control.fill(str(value))
            await control.blur()
        else:
            await control.click()

    async def tell(self, number: int, value: int) -> None:
        """With the keyboard alone."""
        control = self.control(number, value)
        keyboard = self.page.keyboard
        match await control.get_attribute("type"):
            case "checkbox":
                await self.tab_to(control)
                await keyboard.press("Space")
            case "text":
                await self.tab_to(control)
                await keyboard.press("Control+a")
                await keyboard.type(str(value))
                await keyboard.press("Tab")
            case _:
                radios = self.page.locator(f'[name="{await control.get_attribute("name")}"]')
                said = await radios.evaluate_all("all => all.map(each => each.checked)")
                wanted = await radios.evaluate_all(
                    "(all, one) => all.indexOf(one)", await control.element_handle()
                )
                await self.tab_to(radios.nth(said.index(True)))
                for _ in range((said.index(True) - wanted) % len(said)):
                    await keyboard.press("ArrowUp")

    async def tab_to(self, wanted: Locator) -> None:
        """Go on by Tab until this has the focus; what has it is seen, and its outline too."""
        for _ in range(120):
            await self.page.keyboard.press("Tab")
            if await wanted.evaluate("each => each === document.activeElement"):
                assert (
                    await wanted.evaluate("each => getComputedStyle(each).outlineStyle") != "none"
                )
                return
        raise AssertionError(f"no Tab comes to {wanted}")

    async def reads(self, *sentences: str) -> None:
        """The counters of the step that is seen say this, in this order."""
        line = self.page.locator("[data-rule]:visible").first.locator("span")
        await expect(line).to_have_text([*sentences])

    async def told(self, sentence: str) -> None:
        """This is said at the head of the page."""
        await expect(self.page.get_by_role("alert")).to_contain_text(sentence)

    async def whole(self, step: str) -> None:
        """Nothing on this step keeps anybody from using it, nor made the browser complain."""
        found = await hurdles(self.page)
        if PICTURES is not None:
            name = f"{self.name}-{step}-{await self.page.locator('html').get_attribute('lang')}.png"
            await self.page.screenshot(path=Path(PICTURES) / name, full_page=True)
        assert (found, self.heard) == ([], [])


@pytest.fixture
async def poll(
    town: Vote, chromium: Browser, name: str, language: str, width: int
) -> AsyncIterator[Poll]:
    """A round of this format, past the code, on a screen of this width."""
    context = await chromium.new_context(
        locale=language, viewport={"width": width, "height": 720}, reduced_motion="reduce"
    )
    vote = await replace(town, edition=polled(name), context=context).opened()
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    heard = complaints(page)
    await page.goto(f"{vote.url}#code={await vote.code()}")
    await past_the_code(page)
    await expect(page.locator("[data-options] input").first).to_be_visible()
    yield Poll(vote, name, page, heard)
    await context.close()


every = pytest.mark.parametrize("name", EACH)
on_a_phone = pytest.mark.parametrize(("language", "width"), [("fr-FR", 320)])
at_a_desk = pytest.mark.parametrize(("language", "width"), [("en-GB", 1280)])


@every
@on_a_phone
async def test_each_format_is_voted_by_touch_on_a_phone(poll: Poll) -> None:
    """In French; axe finds nothing at any step, nothing is too wide, or too small for a finger."""
    await poll.whole("choose")
    saying = SAID[poll.name]
    for act in saying.acts:
        await poll.say(*act)
    await poll.whole("chosen")
    await poll.press("Vérifier mon bulletin")
    await expect(poll.page.get_by_role("heading", name="Vérifiez votre bulletin")).to_be_focused()
    await poll.whole("check")
    await poll.press("Déposer mon bulletin")
    await expect(poll.page.get_by_role("heading", name="Votre bulletin est")).to_be_focused()
    assert await poll.vote.choices() == {1: saying.choices}


@every
@at_a_desk
async def test_each_format_is_voted_by_keyboard_alone(poll: Poll) -> None:
    """The counters follow, a limit is told, and the check says what will be cast in words."""
    saying = SAID[poll.name]
    for act in saying.acts:
        await poll.tell(*act)
    await poll.reads(*saying.line)
    if saying.refused is not None:
        await poll.tell(*saying.refused)
        await poll.told(saying.why)
        await poll.reads(*saying.line)
    await poll.whole("chosen")
    await poll.tab_to(poll.page.locator("[data-act=toCheck]"))
    await poll.page.keyboard.press("Enter")
    await expect(poll.page.get_by_role("heading", name="Check your ballot")).to_be_focused()
    rows = poll.page.locator("[data-checked] li")
    await expect(rows.locator("h3")).to_have_text([TITLES[number - 1] for number, _ in saying.acts])
    await expect(rows.locator(".answer")).to_have_text([*saying.words])
    await poll.whole("check")
    await poll.tab_to(poll.page.locator("[data-act=cast]"))
    await poll.page.keyboard.press("Enter")
    await expect(poll.page.get_by_role("heading", name="Your ballot is")).to_be_focused()
    assert await poll.vote.choices() == {1: saying.choices}


@every
@at_a_desk
async def test_a_blank_ballot_is_possible_and_said(poll: Poll) -> None:
    await expect(poll.page.get_by_text("that is a blank ballot").first).to_be_visible()
    await poll.press("Check my ballot")
    await expect(poll.page.get_by_text(BLANK)).to_be_visible()
    await poll.press("Cast my ballot")
    await expect(poll.page.get_by_role("heading", name="Your ballot is")).to_be_visible()
    assert await poll.vote.choices() == {1: []}


@pytest.mark.parametrize("name", TOO_LITTLE)
@at_a_desk
async def test_a_ballot_that_would_be_void_is_not_cast_by_accident(poll: Poll) -> None:
    """Neither by the button, nor by going forward to a check that was left before."""
    act, why = TOO_LITTLE[poll.name]
    await poll.press("Check my ballot")
    await poll.press("Back")
    await expect(poll.page.get_by_role("heading", name="The projects")).to_be_visible()
    await poll.say(*act)
    await poll.press("Check my ballot")
    await poll.told(why)
    await poll.page.go_forward()
    await poll.press("Cast my ballot")
    await poll.told(why)
    assert await poll.vote.choices() == {}


@pytest.mark.parametrize("name", ["ranking", "cumulative", "grades"])
@at_a_desk
async def test_the_same_choices_again_are_the_same_ballot(poll: Poll) -> None:
    """On the same device, after the page was loaded anew."""
    for act in SAID[poll.name].acts:
        await poll.say(*act)
    await poll.press("Check my ballot")
    await poll.press("Cast my ballot")
    await expect(poll.page.get_by_role("heading", name="Your ballot is")).to_be_visible()
    await poll.page.reload()
    await poll.reads(*SAID[poll.name].line)
    await poll.press("Check my ballot")
    await poll.press("Cast my ballot")
    await expect(poll.page.get_by_text("This was your ballot number 1.")).to_be_visible()
    assert await poll.vote.choices() == {1: SAID[poll.name].choices}


@pytest.mark.parametrize("name", ["ranking"])
@at_a_desk
async def test_a_ranking_is_put_in_order_by_buttons(poll: Poll) -> None:
    """The focus stays on the button of the option that moves, and its place is said."""
    for act in SAID["ranking"].acts:
        await poll.say(*act)
    await expect(poll.page.locator('[data-option="1"] [data-answer]')).to_have_text("Place 2")
    await poll.press("Check my ballot")
    up = poll.page.get_by_role("button", name=f"Move up ({TITLES[1]})")
    await poll.tab_to(up)
    for place in (2, 1, 1):
        await poll.page.keyboard.press("Enter")
        await expect(up).to_be_focused()
        await expect(poll.page.get_by_text(f"{TITLES[1]}: place {place}")).to_be_attached()
    titles = poll.page.locator("[data-checked] h3")
    await expect(titles).to_have_text([TITLES[1], TITLES[2], TITLES[0]])
    await poll.press(f"Move down ({TITLES[2]})")
    await expect(titles).to_have_text([TITLES[1], TITLES[0], TITLES[2]])
    await poll.press("Cast my ballot")
    await expect(poll.page.get_by_role("heading", name="Your ballot is")).to_be_visible()
    assert await poll.vote.choices() == {1: [2, 1, 3]}


@pytest.mark.parametrize("name", ["cumulative"])
@on_a_phone
async def test_points_are_given_by_one_more_and_one_less(poll: Poll) -> None:
    card = poll.page.locator('[data-option="2"]')
    points = card.get_by_label("Points", exact=True)
    for button, value in (("Un de plus", 1), ("Un de plus", 2), ("Un de moins", 1)):
        await card.get_by_role("button", name=button).click()
        await expect(points).to_have_value(str(value))
    await poll.reads("Il reste 9 points", "donnez au moins 4 points")
    await points.fill("trois")
    await points.blur()
    await poll.told("Un projet reçoit de 1 à 6 points, en nombres entiers")
    await expect(points).to_have_value("1")
    await card.get_by_role("button", name="Un de moins").click()
    await poll.reads("Il reste 10 points", "donnez au moins 4 points")


@pytest.mark.parametrize("name", ["contests"])
@on_a_phone
async def test_a_territory_can_be_shown_alone_with_what_is_for_everybody(poll: Poll) -> None:
    shown = poll.page.locator("[data-options] li:visible h3")
    await poll.page.get_by_label("Votre territoire").select_option(label="Calaisis")
    await expect(shown).to_have_count(2)
    assert {*await shown.all_text_contents()} == {TITLES[1], TITLES[3]}


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize(("language", "width"), [("fr-FR", 320)])
async def test_four_times_as_large_nothing_hides_what_has_the_focus(poll: Poll) -> None:
    """At 400 % a screen is 320 by 180 pixels of the page's own."""
    await poll.page.set_viewport_size({"width": 320, "height": 180})
    await poll.tab_to(poll.page.locator("[data-options] li").last.locator("input").last)
    seen = """each => {
        const { left, top, bottom } = each.getBoundingClientRect();
        return each.contains(document.elementFromPoint(left + 4, (top + bottom) / 2));
    }"""
    assert await poll.page.locator(":focus").evaluate(seen)
    assert "wider" not in " ".join(await hurdles(poll.page, axe=False))

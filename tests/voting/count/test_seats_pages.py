"""The pages of a body, in a real Chromium: seats, a ballot, and what everybody sees of it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import expect

from tests.chromium import launched
from tests.looking import looked_at, page_of
from tests.voting.count.conftest import ServedCount
from tests.voting.count.edition import Officers
from tests.voting.count.test_seats import DESK, NO, YES, body, held, jury

pytestmark = pytest.mark.slow

RANKING = {"type": "ranking", "points": [3, 2, 1], "max": 3}
APPROVAL = {"type": "approval", "max": 2}


def by_votes(form: Mapping[str, Any]) -> dict[str, Any]:
    """A jury that ranks or names, and funds what has most votes."""
    found = jury(format=form)
    found["rule"]["passes"][0]["order"] = {"type": "votes"}
    return found


@pytest.fixture
async def chromium() -> AsyncIterator[Chromium]:
    async with launched() as browser:
        yield browser


@pytest.fixture
async def officers(served_count: ServedCount) -> AsyncIterator[Officers]:
    async with AsyncExitStack() as exit_stack:
        yield Officers(served_count, exit_stack)


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_page_of_a_committee_is_whole_on_a_phone_and_on_a_desk(
    served_count: ServedCount, officers: Officers, chromium: Chromium, language: str
) -> None:
    committee = await held(served_count, officers, body())
    await committee.meet("Inès", "Jules", "Karim", "Lila")
    officer = await page_of(chromium, committee.one, language=language)
    site = str(committee.one.url).rstrip("/")
    await looked_at(officer, f"{site}{DESK}", "seats-officer", language)
    await looked_at(officer, f"{site}{committee.page}", "body", language)
    await committee.open()
    chair = await page_of(chromium, committee.members["Inès"], language=language)
    await looked_at(chair, f"{site}{DESK}", "seats-member", language)
    await looked_at(chair, f"{site}{committee.ballot_page}", "seat-ballot", language)
    await committee.vote("Inès", {1: YES, 2: NO, 3: YES})
    await committee.vote("Jules", {1: YES, 2: YES})
    await committee.vote("Karim", {1: YES, 2: NO})
    await committee.recuse("Inès", 3)
    await looked_at(chair, f"{site}{committee.ballot_page}", "seat-ballot-cast", language)
    public = f"{site}/rounds/{committee.round_id}"
    await looked_at(chair, f"{public}/seats", "round-seats", language)
    await looked_at(chair, f"{public}/live", "live-of-a-body", language, requests=5)
    await looked_at(officer, f"{site}/desk/rounds", "desk-rounds-of-a-body", language)
    await committee.close()
    await looked_at(chair, f"{public}/results", "results-of-a-body", language)
    await looked_at(chair, f"{site}{committee.ballot_page}", "seat-ballot-over", language)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("kind", ["decision", "grades", "ranking", "approval"])
async def test_a_member_votes_in_every_format_with_and_without_scripts(
    served_count: ServedCount,
    officers: Officers,
    chromium: Chromium,
    kind: str,
    scripts: bool,
) -> None:
    of = {
        "decision": body(),
        "grades": jury(),
        "ranking": by_votes(RANKING),
        "approval": by_votes(APPROVAL),
    }[kind]
    panel = await held(served_count, officers, of)
    await panel.meet("Inès", "Jules", "Karim")
    await panel.open()
    page = await page_of(chromium, panel.members["Inès"], scripts=scripts)
    await page.goto(f"{str(panel.one.url).rstrip('/')}{panel.ballot_page}")
    match kind:
        case "decision":
            await page.get_by_role("group", name="1. ").get_by_label("Yes").check()
            await page.get_by_role("group", name="2. ").get_by_label("No", exact=True).check()
        case "grades":
            await page.get_by_label("1. ").first.select_option("3")
            await page.get_by_label("2. ").first.select_option("0")
        case "ranking":
            await page.get_by_label("2. ").first.fill("1")
            await page.get_by_label("1. ").first.fill("2")
        case "approval":
            await page.get_by_label("1. ").first.check()
            await page.get_by_label("2. ").first.check()
    await page.get_by_role("button", name="Cast my ballot").click()
    await expect(page.get_by_text("Your ballot is cast, and public.")).to_be_visible()
    choices = await served_count.connection.fetchval(
        "select choices::text from seat_in_round where choices is not null"
    )
    assert (
        choices
        == {
            "decision": "[[1, 1], [2, 2]]",
            "grades": "[[1, 3], [2, 0]]",
            "ranking": "[2, 1]",
            "approval": "[1, 2]",
        }[kind]
    )

"""Voting in a real browser: the page comes from the roll, the ballot goes to the box."""

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from playwright.async_api import Browser, Page, expect

from shared.canonical import canonical
from shared.codes import new_code
from tests.chromium import launched
from tests.conftest import DatabaseFactory
from tests.voting.box.voters import bytes_of
from tests.voting.held import TITLES, Vote, held
from tests.voting.roll.elections import Edition

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest.fixture
async def vote(database: DatabaseFactory, chromium: Browser, tmp_path: Path) -> AsyncIterator[Vote]:
    async with held(database, chromium, tmp_path, Edition()) as vote:
        yield vote


async def choose(page: Page, *titles: str) -> None:
    for title in titles:
        await page.get_by_label(f"I choose this project ({title})").check()


async def cast(page: Page) -> None:
    await page.get_by_role("button", name="Check my ballot").click()
    await page.get_by_role("button", name="Cast my ballot").click()
    await expect(page.get_by_role("heading", name="Your ballot is recorded")).to_be_visible()


async def test_a_vote_from_the_code_to_the_receipt(vote: Vote, tmp_path: Path) -> None:
    code = await vote.code()
    requests: list[str] = []
    page = await vote.context.new_page()
    page.on("request", lambda request: requests.append(f"{request.method} {request.url}"))
    failures: list[str] = []
    page.on("console", lambda said: failures.append(said.text) if said.type == "error" else None)
    await page.goto(f"{vote.url}#code={code}")
    await page.get_by_role("button", name="Show the projects").click()
    await expect(page.get_by_text("0 of 2 chosen").first).to_be_visible()
    assert "#" not in page.url and code not in page.url
    await choose(page, TITLES[3], TITLES[0])
    await expect(page.get_by_text("2 of 2 chosen").first).to_be_visible()
    await page.get_by_role("button", name="Check my ballot").click()
    checked = page.locator("[data-checked] h3")
    assert await checked.all_text_contents() == [TITLES[3], TITLES[0]], "in the voter's order"
    await page.get_by_role("button", name="Cast my ballot").dblclick()
    await expect(page.get_by_role("heading", name="Your ballot is recorded")).to_be_visible()
    assert await vote.choices() == {1: [1, 4]}
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Save the receipt").click()
    receipt = await asyncio.to_thread(Path.read_text, await (await downloading.value).path())
    promise = json.loads(receipt.splitlines()[1])
    key = (await vote.box.client.ask("GET", "/keys")).body["promise"]
    signed = canonical({name: said for name, said in promise.items() if name != "signature"})
    Ed25519PublicKey.from_public_bytes(bytes_of(key)).verify(bytes_of(promise["signature"]), signed)
    assert promise["ballot"] == (await page.locator("[data-ballot]").text_content())
    assert not [title for title in TITLES if title in receipt]
    assert not failures
    assert not [r for r in requests if not r.split()[1].startswith((vote.roll.url, vote.box_url))]
    assert code not in " ".join(requests)


async def test_a_withdrawn_project_says_so_until_the_ballot_is_cast(
    database: DatabaseFactory, chromium: Browser, tmp_path: Path
) -> None:
    """Also to whoever hears the name of its control only; the box takes it."""
    edition = Edition(withdrawn={2: "The field is sold"})
    async with held(database, chromium, tmp_path, edition) as vote:
        page = await vote.context.new_page()
        await page.goto(f"{vote.url}#code={await vote.code()}")
        await page.get_by_role("button", name="Show the projects").click()
        await choose(page, f"{TITLES[1]} withdrawn")
        await page.get_by_role("button", name="Check my ballot").click()
        checked = page.locator("[data-checked]")
        await expect(checked.get_by_role("heading")).to_have_text(f"{TITLES[1]} withdrawn")
        await expect(checked).to_contain_text("This project was withdrawn: “The field is sold”.")
        await page.get_by_role("button", name="Cast my ballot").click()
        await expect(page.get_by_role("heading", name="Your ballot is recorded")).to_be_visible()
        assert await vote.choices() == {1: [2]}


async def test_a_mind_is_changed_and_the_last_ballot_stands(vote: Vote) -> None:
    page = await vote.page(await vote.code())
    await choose(page, TITLES[1])
    await cast(page)
    await page.get_by_role("button", name="Change my ballot now").click()
    await page.get_by_label(f"I choose this project ({TITLES[1]})").uncheck()
    await choose(page, TITLES[2])
    await cast(page)
    await expect(page.get_by_text("your ballot number 2")).to_be_visible()
    assert await vote.choices() == {1: [2], 2: [3]}


async def test_the_same_code_on_the_same_device_goes_on_where_it_was(vote: Vote) -> None:
    code = await vote.code()
    page = await vote.page(code)
    await choose(page, TITLES[1])
    await cast(page)
    await page.close()
    page = await vote.context.new_page()
    await page.goto(vote.url)
    await page.get_by_label("Your code").fill(f" {code[:4].lower()}-{code[4:]} ")
    await page.get_by_role("button", name="Show the projects").click()
    await expect(page.get_by_label(f"I choose this project ({TITLES[1]})")).to_be_checked()
    await cast(page)
    assert await vote.choices() == {1: [2]}, "the same ballot again"


async def test_another_device_needs_the_voting_key(vote: Vote, chromium: Browser) -> None:
    code = await vote.code()
    page = await vote.page(code)
    await choose(page, TITLES[1])
    await cast(page)
    key = await page.locator("[data-voting-key]").text_content()
    assert key is not None
    other = await chromium.new_context(locale="en-GB")
    page = await other.new_page()
    await page.goto(f"{vote.url}#code={code}")
    await page.get_by_role("button", name="Show the projects").click()
    await expect(page.get_by_role("alert")).to_contain_text("used on another device")
    await page.get_by_text("I voted on another device, and change my mind").click()
    await page.get_by_label("Your voting key").fill("not a key")
    await page.get_by_role("button", name="Show the projects").click()
    await expect(page.get_by_role("alert")).to_contain_text("not a voting key")
    # As it was before the first ballot: the number is taken, and the page says so.
    await page.get_by_label("Your voting key").fill(re.sub(r"revision: \d", "revision: 0", key))
    await page.get_by_role("button", name="Show the projects").click()
    await choose(page, TITLES[0])
    await page.get_by_role("button", name="Check my ballot").click()
    await page.get_by_role("button", name="Cast my ballot").click()
    await expect(page.get_by_role("alert")).to_contain_text("Another ballot was cast")
    await page.get_by_role("button", name="Replace it by this one").click()
    await expect(page.get_by_role("heading", name="Your ballot is recorded")).to_be_visible()
    assert await vote.choices() == {1: [2], 2: [1]}
    await other.close()


async def test_a_lost_answer_loses_nothing(vote: Vote) -> None:
    page = await vote.page(await vote.code())
    await choose(page, TITLES[1])
    await page.get_by_role("button", name="Check my ballot").click()

    lost = 0

    async def lose(route: object) -> None:
        nonlocal lost
        lost += 1
        await route.fetch()  # type: ignore[attr-defined]  # the box records it
        await route.abort()  # type: ignore[attr-defined]

    await page.route("**/ballots", lose)
    await page.get_by_role("button", name="Cast my ballot").click()
    await expect(page.get_by_role("alert")).to_contain_text("Nothing is lost")
    assert lost == 3
    await page.unroute("**/ballots")
    await page.get_by_role("button", name="Cast my ballot").click()
    await expect(page.get_by_role("heading", name="Your ballot is recorded")).to_be_visible()
    assert await vote.choices() == {1: [2]}


async def test_choices_outlive_a_reload_and_the_other_language(vote: Vote) -> None:
    page = await vote.page(await vote.code())
    await choose(page, TITLES[1], TITLES[2])
    order = await page.locator("[data-option] h3").all_text_contents()
    assert sorted(order) == sorted(TITLES)
    await page.reload()
    await expect(page.get_by_text("2 of 2 chosen").first).to_be_visible()
    assert await page.locator("[data-option] h3").all_text_contents() == order
    await page.get_by_role("link", name="Français").click()
    await expect(page.get_by_text("Choix\u202f: 2 sur 2").first).to_be_visible()
    await page.get_by_role("button", name="Vérifier mon bulletin").click()
    await page.get_by_role("button", name="Retour").click()
    await expect(page.get_by_label(f"Je choisis ce projet ({TITLES[1]})")).to_be_checked()


async def test_one_too_many_is_refused_in_words(vote: Vote) -> None:
    page = await vote.page(await vote.code())
    await choose(page, TITLES[1], TITLES[2])
    await page.get_by_label(f"I choose this project ({TITLES[0]})").click()
    await expect(page.get_by_role("alert")).to_contain_text("You may choose 2 projects")
    await expect(page.get_by_label(f"I choose this project ({TITLES[0]})")).not_to_be_checked()
    await page.get_by_label("Search for a word").fill("velos")
    await expect(page.locator("[data-option]:visible")).to_have_count(1)
    await expect(page.get_by_text("Shown: 1 of 4")).to_be_visible()


@pytest.mark.parametrize(
    ("code", "said"),
    [("0000", "This is not a code"), (new_code(), "not on the roll")],
    ids=["malformed", "nobody's"],
)
async def test_a_wrong_code_is_explained(vote: Vote, code: str, said: str) -> None:
    page = await vote.context.new_page()
    await page.goto(vote.url)
    await page.get_by_label("Your code").fill(code)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text(said)
    await expect(page.get_by_label("Your code")).to_have_value(code)


async def test_a_browser_without_ed25519_is_told_of_other_ways(vote: Vote) -> None:
    page = await vote.context.new_page()
    await page.add_init_script(
        "crypto.subtle.generateKey = async () => { throw new DOMException('NotSupportedError'); }"
    )
    await page.goto(vote.url)
    await expect(page.get_by_role("alert")).to_contain_text("vote at a counter with the same code")


@pytest.mark.parametrize("scripts", [False, True], ids=["off", "lost on the way"])
async def test_without_its_script_the_counter_is_named(
    vote: Vote, chromium: Browser, scripts: bool
) -> None:
    context = await chromium.new_context(locale="en-GB", java_script_enabled=scripts)
    page = await context.new_page()
    await page.route("**/vote.js", lambda route: route.abort())
    await page.goto(vote.url)
    await expect(page.get_by_text("Without it, vote at a counter")).to_be_visible()
    for title in TITLES:
        await expect(page.get_by_role("heading", name=title)).to_be_visible()
    await context.close()


async def test_a_promise_that_is_not_the_boxs_is_not_believed(vote: Vote) -> None:
    page = await vote.page(await vote.code())
    await choose(page, TITLES[1])

    async def forge(route: object) -> None:
        await route.fulfill(  # type: ignore[attr-defined]
            json={"promise": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="},
            headers={"Access-Control-Allow-Origin": vote.roll.url},
        )

    await page.route("**/keys", forge)
    await page.get_by_role("button", name="Check my ballot").click()
    await page.get_by_role("button", name="Cast my ballot").click()
    await expect(page.get_by_role("alert")).to_contain_text("promise does not hold")


async def test_the_page_says_what_is_not_secret_yet_and_which_script_runs(vote: Vote) -> None:
    page = await vote.page()
    await expect(page.get_by_text("the roll could link a vote")).to_be_visible()
    await expect(page.get_by_text("Ballots are public as they are cast.")).to_be_visible()
    shown = await page.locator(".script-digest code").text_content()
    script = Path(__file__).parents[2] / "services/voting/voting/roll/static/vote.js"
    assert shown == hashlib.sha256(script.read_bytes()).hexdigest()


async def test_a_closed_round_leaves_nothing_on_the_device(vote: Vote) -> None:
    page = await vote.page(await vote.code())
    await choose(page, TITLES[1])
    await cast(page)
    kept = "Object.keys(localStorage).length"
    assert await page.evaluate(kept) == 1
    await vote.roll.close(UUID(str(vote.edition.round_id)))
    await page.goto(vote.url)
    await expect(page.get_by_text("Voting is over.")).to_be_visible()
    assert await page.evaluate(kept) == 0

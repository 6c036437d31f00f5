"""Voting in a real browser: the page comes from the roll, the ballot goes to the box."""

import asyncio
import hashlib
import json
import os
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from playwright.async_api import Browser, Page, Request, Route, expect

from shared import sealing
from shared.canonical import canonical
from shared.codes import new_code
from shared.events.acts import RoundExtended
from shared.events.voting import MOST_REVISIONS
from tests.chromium import PATIENCE, complaints, hurdles, launched
from tests.conftest import DatabaseFactory
from tests.voting.box.voters import bytes_of
from tests.voting.held import TITLES, Vote, held, past_the_code
from tests.voting.roll.elections import Edition
from voting import page_script

pytestmark = pytest.mark.slow

PICTURES = os.environ.get("COMPTOIR_SCREENSHOTS")


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
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_role("img", name="The same code")).to_be_visible()
    voting_code = await page.locator("[data-voting-code]").text_content()
    assert voting_code is not None and len(voting_code) == 28 + 6
    await page.get_by_role("button", name="I have kept it").click()
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
    ours = (vote.roll.url, vote.box_url, vote.record.url)
    assert not [r for r in requests if not r.split()[1].startswith(ours)]
    assert code not in " ".join(requests) and voting_code not in " ".join(requests)
    # The receipt is checked where the box's promise is to be kept.
    await page.get_by_role("button", name="Look in the record").click()
    await expect(page.locator("[data-looked]")).to_contain_text("Not yet: the box promised")
    await vote.record.publish_ballots(vote.box)
    await page.get_by_role("button", name="Look in the record").click()
    await expect(page.locator("[data-looked]")).to_contain_text("Yes: your ballot is in the public")
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Save the proof").click()
    proof = await asyncio.to_thread(Path.read_bytes, await (await downloading.value).path())
    assert proof.startswith(b"c2sp.org/tlog-proof@v1\nindex ")
    assert not failures


async def test_a_withdrawn_project_says_so_until_the_ballot_is_cast(
    database: DatabaseFactory, chromium: Browser, tmp_path: Path
) -> None:
    """Also to whoever hears the name of its control only; the box takes it."""
    edition = Edition(withdrawn={2: "The field is sold"})
    async with held(database, chromium, tmp_path, edition) as vote:
        page = await vote.context.new_page()
        await page.goto(f"{vote.url}#code={await vote.code()}")
        await past_the_code(page)
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
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_label(f"I choose this project ({TITLES[1]})")).to_be_checked()
    await cast(page)
    assert await vote.choices() == {1: [2]}, "the same ballot again"


async def voting_code(page: Page) -> str:
    """The one that the receipt shows again."""
    await page.get_by_role("button", name="Show my voting code").click()
    await expect(page.locator("[data-voting-code]")).to_be_visible()
    code = await page.locator("[data-voting-code]").text_content()
    assert code is not None
    return code


async def elsewhere(vote: Vote, chromium: Browser, code: str) -> Page:
    """The page on another device, past nothing yet."""
    context = await chromium.new_context(locale="en-GB")
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    await page.goto(f"{vote.url}#code={code}")
    return page


async def test_another_device_goes_on_with_the_voting_code(vote: Vote, chromium: Browser) -> None:
    """Without it, or with one that slipped, nothing is lost; with it, the last ballot counts."""
    code = await vote.code()
    page = await vote.page(code)
    await choose(page, TITLES[1])
    await cast(page)
    kept = await voting_code(page)
    other = await elsewhere(vote, chromium, code)
    await other.get_by_role("button", name="Continue").click()
    await other.get_by_role("button", name="I have kept it").click()
    await expect(other.get_by_role("alert")).to_contain_text("with another voting code")
    await other.get_by_role("button", name="Back").click()
    await other.get_by_text("I have a voting code already", exact=True).click()
    await other.get_by_label("Your voting code").fill(kept[:-1] + ("0" if kept[-1] != "0" else "1"))
    await other.get_by_role("button", name="Continue").click()
    await expect(other.get_by_role("alert")).to_contain_text("This is not a voting code")
    await other.get_by_label("Your voting code").fill(kept.lower().replace("-", " "))
    await other.get_by_role("button", name="Continue").click()
    await choose(other, TITLES[0])
    await cast(other)
    await expect(other.get_by_text("your ballot number 2")).to_be_visible()
    # And back on the first device, which knows of number 1 only.
    await page.get_by_role("button", name="Back").click()
    await page.get_by_role("button", name="Change my ballot now").click()
    await choose(page, TITLES[2])
    await cast(page)
    await expect(page.get_by_text("your ballot number 3")).to_be_visible()
    assert await vote.choices() == {1: [2], 2: [1], 3: [2, 3]}
    await other.context.close()


async def test_first_choices_said_again_replace_what_another_device_said(
    vote: Vote, chromium: Browser
) -> None:
    """The first device has the same ballot still; sent again, it would not be the last one."""
    code = await vote.code()
    page = await vote.page(code)
    await choose(page, TITLES[1])
    await cast(page)
    kept = await voting_code(page)
    other = await elsewhere(vote, chromium, code)
    await other.get_by_text("I have a voting code already", exact=True).click()
    await other.get_by_label("Your voting code").fill(kept)
    await other.get_by_role("button", name="Continue").click()
    await choose(other, TITLES[0])
    await cast(other)
    await page.get_by_role("button", name="Back").click()
    await page.get_by_role("button", name="Change my ballot now").click()
    await cast(page)
    await expect(page.get_by_text("your ballot number 3")).to_be_visible()
    assert await vote.choices() == {1: [2], 2: [1], 3: [2]}
    await other.context.close()


async def test_a_voting_code_of_somebody_at_home_is_not_taken_for_ones_own(
    vote: Vote, chromium: Browser
) -> None:
    page = await vote.page(await vote.code())
    await choose(page, TITLES[1])
    await cast(page)
    hers = await voting_code(page)
    other = await elsewhere(vote, chromium, await vote.code())
    await other.get_by_text("I have a voting code already", exact=True).click()
    await other.get_by_label("Your voting code").fill(hers)
    await other.get_by_role("button", name="Continue").click()
    await expect(other.get_by_role("alert")).to_contain_text("perhaps by somebody at home")
    await other.get_by_label("Your voting code").fill("")
    await other.get_by_role("button", name="Continue").click()
    await other.get_by_role("button", name="I have kept it").click()
    await choose(other, TITLES[0])
    await cast(other)
    await vote.box.flush()
    assert len({ballot["key"] for ballot in await vote.box.announced()}) == 2
    await other.context.close()


async def test_the_picture_of_the_code_leads_to_the_page_with_the_code(
    vote: Vote, chromium: Browser
) -> None:
    """What a camera reads: the page's address, and the code where no server sees it."""
    code = await vote.code()
    page = await vote.page(code)
    await choose(page, TITLES[1])
    await cast(page)
    kept = await voting_code(page)
    other = await chromium.new_context(locale="en-GB")
    page = await other.new_page()
    await page.goto(f"{vote.url}#voting={kept}")
    await expect(page.get_by_label("Your voting code")).to_have_value(kept)
    assert "#" not in page.url
    await page.get_by_label("Your code").fill(code)
    await page.get_by_role("button", name="Continue").click()
    await choose(page, TITLES[0])
    await cast(page)
    assert await vote.choices() == {1: [2], 2: [1]}
    await other.close()


async def test_the_token_is_asked_for_once_and_the_roll_sees_no_key(vote: Vote) -> None:
    """What the roll is sent and what the box is sent have nothing in common."""
    sent: dict[str, str] = {}
    page = await vote.context.new_page()

    def keep(request: Request) -> None:
        if request.method == "POST":
            sent[request.url.rpartition("/")[2]] = request.post_data or ""

    page.on("request", keep)
    await page.goto(f"{vote.url}#code={await vote.code()}")
    await past_the_code(page)
    await choose(page, TITLES[1])
    await cast(page)
    assert {*sent} == {"tier", "tokens", "highest", "ballots"}
    assert {*json.loads(sent["tokens"])} == {"code", "blinded"}
    ballot = json.loads(sent["ballots"])
    assert not [said for said in (ballot["key"], ballot["token"]) if said in sent["tokens"]]


async def test_a_sealed_ballot_shows_nothing_and_opens_to_the_choices(
    database: DatabaseFactory, chromium: Browser, tmp_path: Path
) -> None:
    commission = X25519PrivateKey.generate()
    key = b64encode(commission.public_key().public_bytes_raw()).decode()
    said = {
        "secrecy": "sealed",
        "commission": {"key": key, "threshold": 3, "shares": 5},
        "padded": sealing.padded_size(20),
    }
    async with held(database, chromium, tmp_path, Edition(said=said)) as vote:
        page = await vote.page(await vote.code())
        await expect(page.get_by_text("Your ballot is secret")).to_be_visible()
        await choose(page, TITLES[3], TITLES[0])
        await cast(page)
        await vote.record.publish_ballots(vote.box)
        await page.get_by_role("button", name="Look in the record").click()
        await expect(page.locator("[data-looked]")).to_contain_text("Yes: your ballot is")
        (ballot,) = await vote.box.announced()
        assert "choices" not in ballot
        place = sealing.Place(ballot["round"], ballot["tier"], ballot["key"], ballot["revision"])
        choices, salt = sealing.open_sealed(commission, place, ballot["sealed"])
        assert choices == [1, 4]
        assert sealing.commitment(place, choices, salt) == ballot["commitment"]


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


@pytest.mark.parametrize("answer", ["refused", "none"])
async def test_a_ballot_without_a_promise_leaves_the_receipt_of_the_one_before(
    vote: Vote, answer: str
) -> None:
    page = await vote.page(await vote.code())
    await choose(page, TITLES[1])
    await cast(page)
    digest = await page.locator("[data-ballot]").text_content()
    await page.get_by_role("button", name="Change my ballot now").click()
    await choose(page, TITLES[2])

    async def refuse(route: Route) -> None:
        allowed = {"Access-Control-Allow-Origin": vote.roll.url}
        if answer == "refused":
            await route.fulfill(status=409, json={"code": "voting_closed"}, headers=allowed)
        else:
            await route.fulfill(status=503, headers=allowed)

    await page.route("**/ballots", refuse)
    await page.get_by_role("button", name="Check my ballot").click()
    await page.get_by_role("button", name="Cast my ballot").click()
    said = {"refused": "this was not recorded", "none": "does not answer at present"}
    await expect(page.get_by_role("alert")).to_contain_text(said[answer])
    await page.reload()
    await page.get_by_role("button", name="The receipt of my last ballot").click()
    await expect(page.locator("[data-ballot]")).to_have_text(digest or "none")
    await expect(page.get_by_text("your ballot number 1")).to_be_visible()
    assert await vote.choices() == {1: [2]}


async def test_a_device_that_is_not_ones_own_forgets_code_voting_code_and_choices(
    vote: Vote,
) -> None:
    """A library's tablet: who comes next sees nothing, and casts nothing of hers."""
    page = await vote.page(await vote.code())
    await choose(page, TITLES[1])
    await cast(page)
    kept = await voting_code(page)
    await page.get_by_role("button", name="Back").click()
    await page.get_by_role("button", name="forget my vote here").click()
    await expect(page.get_by_role("alert")).to_contain_text("keeps nothing of your vote")
    assert kept not in await page.content()
    for label in ("Your code", "Your voting code"):
        await expect(page.get_by_label(label, exact=True)).to_have_value("")
    await page.get_by_label("Your code", exact=True).fill(await vote.code())
    await past_the_code(page)
    await expect(page.get_by_text("0 of 2 chosen").first).to_be_visible()
    await expect(page.locator("[data-options] :checked")).to_have_count(0)


async def test_choices_of_one_code_are_not_those_of_the_next_in_the_same_tab(vote: Vote) -> None:
    page = await vote.page(await vote.code())
    await choose(page, TITLES[1])
    await cast(page)
    await page.goto("about:blank")
    await page.goto(f"{vote.url}#code={await vote.code()}")
    await past_the_code(page)
    await expect(page.get_by_text("0 of 2 chosen").first).to_be_visible()
    await expect(page.locator("[data-options] :checked")).to_have_count(0)


async def test_another_voting_code_is_not_taken_in_the_place_of_the_one_that_voted(
    vote: Vote, chromium: Browser
) -> None:
    """By mistake, of another vote or of somebody at home: what this device keeps stays."""
    other = await elsewhere(vote, chromium, await vote.code())
    await other.get_by_role("button", name="Continue").click()
    await expect(other.get_by_role("img", name="The same code")).to_be_visible()
    strange = await other.locator("[data-voting-code]").text_content()
    await other.context.close()
    code = await vote.code()
    page = await vote.page(code)
    await choose(page, TITLES[1])
    await cast(page)
    await page.close()
    page = await vote.context.new_page()
    await page.goto(f"{vote.url}#code={code}&voting={strange}")
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_role("alert")).to_contain_text("used before, with another voting code")
    await page.get_by_label("Your voting code", exact=True).fill("")
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_label(f"I choose this project ({TITLES[1]})")).to_be_checked()
    await expect(page.get_by_role("button", name="The receipt of my last")).to_be_visible()


async def test_after_twenty_ballots_the_page_says_that_the_last_one_counts(vote: Vote) -> None:
    page = await vote.page(await vote.code())
    await choose(page, TITLES[1])

    async def many(route: Route) -> None:
        allowed = {"Access-Control-Allow-Origin": vote.roll.url}
        await route.fulfill(json={"revision": MOST_REVISIONS}, headers=allowed)

    await page.route("**/highest", many)
    await page.get_by_role("button", name="Check my ballot").click()
    await page.get_by_role("button", name="Cast my ballot").click()
    await expect(page.get_by_role("alert")).to_contain_text("Twenty ballots were cast")
    assert await vote.choices() == {}


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


async def test_a_browser_without_ed25519_votes_all_the_same(vote: Vote) -> None:
    """Chrome has it since 137, Firefox since 129, Safari since 17."""
    page = await vote.context.new_page()
    await page.add_init_script(
        """for (const name of ["generateKey", "importKey", "sign", "verify"]) {
            const was = crypto.subtle[name].bind(crypto.subtle);
            crypto.subtle[name] = async (...given) => {
                if (given.some((each) => ["Ed25519", "X25519"].includes(each?.name ?? each))) {
                    throw new DOMException("no", "NotSupportedError");
                }
                return was(...given);
            };
        }"""
    )
    await page.goto(f"{vote.url}#code={await vote.code()}")
    await past_the_code(page)
    await choose(page, TITLES[1])
    await cast(page)
    assert await vote.choices() == {1: [2]}


async def test_a_browser_of_2022_votes_all_the_same(vote: Vote) -> None:
    """The last Chrome for Windows 7 is number 109; an iPhone of 2015 stays at Safari 15."""
    page = await vote.context.new_page()
    await page.add_init_script(
        """for (const name of ["toSpliced", "toSorted", "with"]) delete Array.prototype[name];
        delete AbortSignal.timeout;
        delete URLSearchParams.prototype.size;"""
    )
    await page.goto(f"{vote.url}#code={await vote.code()}")
    await past_the_code(page)
    await choose(page, TITLES[1], TITLES[2])
    await page.get_by_label(f"I choose this project ({TITLES[1]})").uncheck()
    await cast(page)
    assert await vote.choices() == {1: [3]}


async def test_a_page_that_came_unsafely_is_told_of_other_ways(vote: Vote) -> None:
    page = await vote.context.new_page()
    await page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    await page.goto(vote.url)
    await expect(page.get_by_role("alert")).to_contain_text("vote at a counter with the same code")


Answer = Callable[[Any], Any]
FORGED: dict[str, tuple[str, Answer, str]] = {
    "an opening with another key": (
        "**/entry/*",
        lambda entry: entry.replace('"tiers":{"A":"MIIB', '"tiers":{"A":"MIIC'),
        "does not prove the rules of this vote",
    ),
    "a checkpoint that the log did not sign": (
        "**/proof/*",
        lambda proof: proof.rpartition("\n\n")[0] + "\n\n\u2014 nobody AAAA\n",
        "does not prove the rules of this vote",
    ),
    "a signature by another key": (
        "**/tokens",
        lambda answer: {**answer, "signature": b64encode(bytes([7]) * 384).decode()},
        "did not sign with the key that it announced",
    ),
    "another script than was announced": (
        "**/static/**/vote.js",
        lambda script: script + "// changed",
        "runs another script than the one that was announced",
    ),
}


@pytest.mark.parametrize("lie", FORGED)
async def test_what_does_not_hold_is_not_voted_with(vote: Vote, lie: str) -> None:
    """The record, the roll and the page's own script: whoever lies is found before a ballot is."""
    pattern, change, said = FORGED[lie]
    page = await vote.context.new_page()
    if "script" in lie:  # the browser itself keeps one that the page does not name from running
        await page.goto(vote.url)

    async def forge(route: Route) -> None:
        answer = await route.fetch()
        is_json = "json" in answer.headers["content-type"] and "entry" not in pattern
        true = await answer.json() if is_json else await answer.text()
        false = change(true)
        assert false != true
        await route.fulfill(response=answer, body=json.dumps(false) if is_json else false)

    await page.route(pattern, forge)
    if "script" not in lie:
        await page.goto(vote.url)
    await page.get_by_label("Your code").fill(await vote.code())
    await page.get_by_role("button", name="Continue").click()
    if lie == "a signature by another key":
        await page.get_by_role("button", name="I have kept it").click()
    await expect(page.get_by_role("alert")).to_contain_text(said)
    assert await vote.choices() == {}


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


async def test_a_promise_by_a_key_of_the_voters_own_is_found_out(vote: Vote) -> None:
    """It holds by the key that the box shows her. Nobody else ever saw that key."""
    own = Ed25519PrivateKey.generate()
    shown = b64encode(own.public_key().public_bytes_raw()).decode()

    async def promise(route: Route) -> None:
        answer = await route.fetch()
        said = {name: value for name, value in (await answer.json()).items() if name != "signature"}
        signature = b64encode(own.sign(canonical(said))).decode()
        await route.fulfill(response=answer, json=said | {"signature": signature})

    async def key(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, json={"promise": shown})

    page = await vote.page(await vote.code())
    await page.route(f"{vote.box_url}/ballots", promise)
    await page.route(f"{vote.box_url}/keys", key)
    await choose(page, TITLES[1])
    await cast(page)
    await page.get_by_role("button", name="Look in the record").click()
    await expect(page.locator("[data-looked]")).to_contain_text("does not know the key")


async def test_a_ballot_that_is_not_published_in_time_breaks_the_promise(vote: Vote) -> None:
    """The box dropped it. The hour is past when officers' extensions are, too."""
    page = await vote.page(await vote.code())
    await choose(page, TITLES[1])
    await cast(page)
    look, said = page.get_by_role("button", name="Look in the record"), "[data-looked]"
    round_id = vote.edition.round_id
    ends = await vote.box.connection.fetchval(
        "select closes_at from round where round_id = $1", round_id
    )
    await page.clock.set_fixed_time(ends + timedelta(minutes=59))
    await look.click()
    await expect(page.locator(said)).to_contain_text("Not yet: the box promised")
    await page.clock.set_fixed_time(ends + timedelta(minutes=61))
    await look.click()
    await expect(page.locator(said)).to_contain_text("the box broke its promise")
    later = ends + timedelta(hours=1)
    by = {"reason": "box-down", "officers": (UUID(int=1), UUID(int=2))}
    extended = {"round_id": round_id, "closes_at": later, **by}
    await vote.record.publish(RoundExtended.model_validate(extended))
    await look.click()
    await expect(page.locator(said)).to_contain_text("Not yet: the box promised")
    await page.clock.set_fixed_time(later + timedelta(minutes=61))
    await look.click()
    await expect(page.locator(said)).to_contain_text("the box broke its promise")
    await vote.record.publish_ballots(vote.box)
    await look.click()
    await expect(page.locator(said)).to_contain_text("Yes: your ballot is in the public")


async def test_the_page_says_which_script_runs_and_the_opening_says_it_too(vote: Vote) -> None:
    page = await vote.page()
    shown = await page.locator(".script-digest code").text_content()
    served = await vote.roll.client.ask("GET", f"/static/{(shown or '')[:12]}/vote.js")
    assert shown == hashlib.sha256(served.raw).hexdigest() == page_script.digest()
    assert (await vote.edition.opening(vote.roll)).script == shown


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("language", "width", "height"),
    [("fr-FR", 320, 720), ("en-GB", 1280, 720), ("fr-FR", 320, 180)],
    ids=["phone", "desk", "four times as large"],
)
async def test_every_step_is_within_everybodys_reach(
    vote: Vote, chromium: Browser, theme: Any, language: str, width: int, height: int
) -> None:
    """axe finds nothing, nothing is too wide or too small to touch, and the console is silent; the
    focus is on what each step is about. (Choosing and checking are looked at in every format.)"""
    context = await chromium.new_context(
        locale=language,
        viewport={"width": width, "height": height},
        color_scheme=theme,
        reduced_motion="reduce",
    )
    page = await context.new_page()
    heard = complaints(page)

    async def look(step: str) -> None:
        if PICTURES is not None:
            name = f"voting-{step}-{language[:2]}-{width}x{height}-{theme}.png"
            await page.screenshot(path=Path(PICTURES) / name, full_page=True)
        assert (await hurdles(page), heard) == ([], []), step

    await page.goto(f"{vote.url}#code={await vote.code()}")
    await page.locator("[data-resuming] summary").click()
    await look("code")
    await page.locator("[data-code-form] button").last.click()
    await expect(page.locator('[data-step="mine"] h2')).to_be_focused()
    await look("voting-code")
    await page.locator("[data-act=admit]").click()
    await expect(page.locator('[data-step="choose"] h2')).to_be_focused()
    await page.locator('[data-option="2"] input').check()
    await page.locator("[data-act=toCheck]").click()
    await page.locator("[data-act=cast]").click()
    await expect(page.locator('[data-step="receipt"] h2')).to_be_focused()
    await vote.record.publish_ballots(vote.box)
    await page.locator("[data-act=lookUp]").click()
    await expect(page.locator("[data-proof]")).to_be_visible()
    await look("receipt")
    await context.close()


async def test_a_day_after_voting_nothing_is_left_on_the_device(vote: Vote) -> None:
    """Not before: officers may extend a vote that seems to be over, and whoever looked goes on."""
    page = await vote.page(await vote.code())
    await choose(page, TITLES[1])
    await cast(page)
    kept = "Object.keys(localStorage).length"
    closes = "update round set closes_at = clock_timestamp() {}"
    ends = await vote.roll.connection.fetchval("select closes_at from round")
    await vote.roll.connection.execute(closes.format("- interval '1 minute'"))
    await page.reload()
    await expect(page.get_by_text("Voting is over.")).to_be_visible()
    assert await page.evaluate(kept) == 1
    await vote.roll.connection.execute("update round set closes_at = $1", ends)
    await page.reload()
    await expect(page.get_by_label(f"I choose this project ({TITLES[1]})")).to_be_checked()
    await vote.roll.close(UUID(str(vote.edition.round_id)))
    await page.clock.set_fixed_time(ends + timedelta(hours=25))
    await page.reload()
    await expect(page.get_by_text("Voting is over.")).to_be_visible()
    assert await page.evaluate(kept) == 0


async def test_a_proof_that_was_found_is_shown_though_nobody_says_when_it_was_due(
    vote: Vote,
) -> None:
    page = await vote.page(await vote.code())
    await choose(page, TITLES[1])
    await cast(page)
    await vote.record.publish_ballots(vote.box)
    await page.route("**/promises/*", lambda route: route.fulfill(status=503))
    await page.get_by_role("button", name="Look in the record").click()
    await expect(page.locator("[data-looked]")).to_contain_text("Yes: your ballot is in the public")

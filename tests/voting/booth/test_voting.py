"""Voting in the booth, without a script: every format, what is refused, and what is counted."""

import asyncio
import secrets
from typing import Any
from uuid import uuid4

import pytest

from comptoir.browser import Browser
from shared import voting_code
from shared.canonical import canonical
from shared.codes import new_code
from shared.device import Device, tier_key
from shared.events.ballots import Contests, Knapsack, Limits
from shared.events.voting import TokensIssued
from tests.serving import served
from tests.voting.booth.town import BOOTH_KEY, TITLES, Town, Voter, booth_app, unsealed, voter
from tests.voting.roll.forms import EACH

# By format: what she fills in, the ballot's choices, and what the check says of them.
SAID: dict[str, tuple[dict[str, str], list[Any], tuple[str, ...]]] = {
    "approval": ({"option_4": "1", "option_1": "1"}, [1, 4], (TITLES[0], TITLES[3])),
    "contests": ({"option_3": "1", "option_4": "1"}, [3, 4], ("2 projects", "General")),
    "knapsack": ({"option_1": "1", "option_4": "1"}, [1, 4], ("15 000 € of 16 000 €",)),
    "ranking": (
        {"option_3": "1", "option_1": "2", "option_2": "3"},
        [3, 1, 2],
        ("Place 1", "Place 2", "Place 3"),
    ),
    "cumulative": (
        {"option_2": "6", "option_4": "3", "option_1": "0"},
        [[2, 6], [4, 3]],
        ("9 of 10 points", "6 points", "3 points"),
    ),
    "score": ({"option_2": "-2", "option_1": "3"}, [[1, 3], [2, -2]], ("Score −2", "Score 3")),
    "score-wide": ({"option_3": "100", "option_1": "0"}, [[1, 0], [3, 100]], ("Score 100",)),
    "plus-minus": (
        {"option_1": "1", "option_2": "1", "option_3": "-1"},
        [[1, 1], [2, 1], [3, -1]],
        ("For: 2", "Against: 1"),
    ),
    "grades": ({"option_2": "0", "option_1": "3"}, [[1, 3], [2, 0]], ("remarkable",)),
    "decision": (
        {"option_1": "1", "option_2": "2", "option_3": "0", "option_4": "3"},
        [[1, 1], [2, 2], [3, 0], [4, 3]],
        ("Yes", "No", "I abstain", "I recuse myself"),
    ),
}
# By format: what a limit is in the way of, with its code.
TOO_MUCH: dict[str, tuple[dict[str, str], str]] = {
    "approval": ({"option_1": "1", "option_2": "1", "option_3": "1"}, "too_many"),
    "contests": ({"option_2": "1", "option_1": "1"}, "two_territories"),
    "knapsack": ({"option_1": "1", "option_2": "1"}, "over_cap"),
    "ranking": ({"option_1": "1", "option_2": "1"}, "places_unclear"),
    "cumulative": ({"option_1": "6", "option_2": "5"}, "too_many_points"),
    "score": ({"option_1": "4"}, "value_out_of_bounds"),
    "score-wide": ({"option_1": "much"}, "value_out_of_bounds"),
    "plus-minus": ({"option_1": "-1"}, "minus_over_plus"),
    "grades": ({"option_1": "2"}, "too_few"),
    "decision": ({"option_1": "9"}, "value_out_of_bounds"),
}


async def inside(town: Town, **others: Any) -> tuple[Voter, str]:
    """A new round, and somebody who is past the code."""
    round_id = await town.opened(**others)
    code = await town.code(round_id)
    who = await voter(town, round_id)
    assert (await who.to_the_projects(code)).status == 200
    return who, code


@pytest.mark.parametrize("name", EACH)
async def test_each_format_is_voted_by_a_form(town: Town, name: str) -> None:
    fields, choices, words = SAID[name]
    who, _ = await inside(town, form=EACH[name], general=(4,) if name == "contests" else ())
    page = await who.to_the_check(**fields)
    assert page.status == 200, page.words()
    said = page.words().replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")
    assert [word for word in words if word not in said] == []
    assert (await who.cast()).status == 200
    [ballot] = await town.ballots(who.round_id)
    assert ballot.tier == "S" and canonical(ballot.choices) == canonical(choices)
    assert (await town.count.state(who.round_id))["ballots"] == 1


@pytest.mark.parametrize("name", EACH)
async def test_what_a_limit_is_in_the_way_of_is_told_and_the_choices_stay(
    town: Town, name: str
) -> None:
    fields, code = TOO_MUCH[name]
    who, _ = await inside(town, form=EACH[name])
    page = await who.to_the_check(**fields)
    assert (page.status, who.code_of_trouble) == (422, code)
    kept = page.fields(who.action("check"))
    said = {n.replace("option-", "option_"): v for n, v in kept.items() if "option" in n and v}
    # What no button says cannot be chosen, nor be shown again.
    assert said == ({} if name in ("score", "decision") else fields)
    assert await town.ballots(who.round_id) == [] and "data-voting-code" not in page.text


@pytest.mark.parametrize("name", EACH)
async def test_a_blank_ballot_is_cast_in_every_format(town: Town, name: str) -> None:
    who, _ = await inside(town, form=EACH[name])
    assert "this is a blank ballot" in (await who.to_the_check()).text
    assert (await who.cast()).status == 200
    assert [ballot.choices for ballot in await town.ballots(who.round_id)] == [()]


async def test_contests_of_one_territory_each_have_their_limits(town: Town) -> None:
    form = Contests(own=Limits(max=1), general=Limits(max=1))
    who, _ = await inside(town, form=form, general=(4,))
    page = await who.to_the_check(option_1="1", option_3="1")
    assert (page.status, who.code_of_trouble) == (422, "too_many")


async def test_a_knapsack_says_what_is_too_much(town: Town) -> None:
    who, _ = await inside(town, form=Knapsack(cap=400_000))
    page = await who.to_the_check(option_1="1")
    assert "cost more than 4" in page.words() and who.code_of_trouble == "over_cap"


async def test_a_sealed_ballot_is_one_that_the_commission_alone_can_read(town: Town) -> None:
    who, _ = await inside(town, secrecy="sealed")
    checked = await who.to_the_check(option_2="1")
    assert (await who.cast()).status == 200
    [ballot] = await town.ballots(who.round_id)
    assert (ballot.tier, ballot.choices) == ("S", None)
    choices, salt = unsealed(ballot)
    assert choices == [2] and len(salt) == 32
    sent = checked.fields(who.action("cast"))["sealed"]
    assert ballot.sealed == sent, "the page had the bytes that were cast"
    state = await town.count.state(who.round_id)
    assert (state["ballots"], state["tally"]) == (1, {})


async def test_the_page_shows_what_she_needs_to_check_her_ballot_later(town: Town) -> None:
    """Her voting code, the box's promise, and the digest that will be in the record."""
    who, _ = await inside(town)
    await who.to_the_check(option_1="1")
    shown = who.voting_code
    page = await who.cast()
    assert who.voting_code == shown and len(voting_code.read(shown)) == 16
    [ballot] = await town.ballots(who.round_id)
    digest = page.text.partition("data-ballot>")[2].partition("<")[0]
    row = await town.box.connection.fetchrow(
        "select digest from published where round_id = $1", who.round_id
    )
    assert row is not None and row["digest"].hex() == digest
    assert ballot.key == Device(voting_code.read(shown), who.round_id, "S").key
    receipt = page.text.partition("data-receipt>")[2].partition("</code>")[0].replace("&#34;", '"')
    head, promise, key = receipt.strip().split("\n")
    assert head == "comptoir-receipt-v1" and digest in promise
    said = (await town.box.client.ask("GET", "/keys")).body["promise"]
    assert key == f"box key: {said}"
    assert TITLES[0] not in page.text, "the receipt does not tell what she chose"


@pytest.mark.parametrize("rehearsal", [True, False], ids=["rehearsal", "in-earnest"])
async def test_every_step_says_once_what_the_round_is(town: Town, rehearsal: bool) -> None:
    others: dict[str, Any] = {} if rehearsal else {"flush": {"k": 30, "interval": 900}}
    round_id = await town.opened(rehearsal=rehearsal, **others)
    who = await voter(town, round_id)
    seen = [who.page, await who.send("code", agreed="yes")]
    seen.append(await who.send("choose", code=await town.code(round_id), voting=""))
    seen += [await who.to_the_check(option_1="1"), await who.cast()]
    for page in seen:
        assert page.status == 200, page.words()
        assert page.text.count("This is a rehearsal") == rehearsal, page.path


async def test_the_order_cast_twice_at_once_is_one_ballot(town: Town) -> None:
    """A double click, also in a sealed round; reloading the page gives the same promise again."""
    for secrecy in ("live", "sealed"):
        who, _ = await inside(town, secrecy=secrecy)
        page = await who.to_the_check(option_1="1")
        both = await asyncio.gather(*(who.browser.fill(page, who.action("cast")) for _ in range(4)))
        assert {seen.status for seen in both} == {200}
        assert len({seen.text.partition("data-ballot>")[2][:64] for seen in both}) == 1
        assert len(await town.ballots(who.round_id)) == 1


async def test_a_mind_is_changed_with_the_voting_code(town: Town) -> None:
    """From the last page, and with both codes typed in anew: the last ballot is counted."""
    who, code = await inside(town)
    await who.to_the_check(option_1="1")
    await who.cast()
    kept = who.voting_code
    page = await who.send("choose")
    assert page.fields(who.action("check")).get("option-1") == "1", "what she chose is filled in"
    await who.to_the_check(option_1="", option_2="1")
    assert "your ballot number 2" in (await who.cast()).text
    other = await voter(town, who.round_id, "fr")
    await other.to_the_projects(f" {code[:4].lower()} {code[4:]}", kept.lower().replace("-", " "))
    await other.to_the_check(option_3="1")
    assert other.voting_code == kept
    await other.cast()
    ballots = await town.ballots(who.round_id)
    assert [(b.revision, b.choices) for b in ballots] == [(1, (1,)), (2, (2,)), (3, (3,))]
    assert await town.count.votes(who.round_id) == [0, 0, 1, 0], "the last one alone"


async def test_a_vote_of_the_booth_goes_on_on_a_device(town: Town) -> None:
    """The roll tells a device the tier that the token has, and signs the same value again."""
    who, code = await inside(town)
    await who.to_the_check(option_1="1")
    await who.cast()
    device = Device(voting_code.read(who.voting_code), who.round_id, "S")
    assert (await town.roll.tier(who.round_id, code)).body == {"tier": "S"}
    tiers = (await town.count.state(who.round_id))["tiers"]
    public = tier_key(tiers["S"])
    answer = await town.roll.token(who.round_id, code, device.blinded(public))
    token = device.token(public, answer.body["signature"])
    ballot = device.ballot(token, 2, {"choices": [4]})
    assert (await town.box.post(ballot)).status == 201
    assert [b.tier for b in await town.ballots(who.round_id)] == ["S", "S"]


async def test_a_code_whose_right_was_used_on_a_device_is_refused_before_anything_is_chosen(
    town: Town,
) -> None:
    """A ballot of tier A that somebody saw would say of itself that nobody did."""
    round_id = await town.opened()
    code = await town.code(round_id)
    tiers = (await town.count.state(round_id))["tiers"]
    device = Device(secrets.token_bytes(16), round_id, "A")
    await town.roll.token(round_id, code, device.blinded(tier_key(tiers["A"])))
    who = await voter(town, round_id)
    page = await who.to_the_projects(code)
    assert (page.status, who.code_of_trouble) == (409, "code_used")
    counted = await town.roll.connection.fetch(
        "select tier from token where round_id = $1", round_id
    )
    assert [row["tier"] for row in counted] == ["A"]


async def test_another_voting_code_for_a_used_code_is_asked_for_and_nothing_is_lost(
    town: Town,
) -> None:
    who, code = await inside(town)
    await who.to_the_check(option_1="1")
    await who.cast()
    kept = who.voting_code
    other = await voter(town, who.round_id)
    await other.to_the_projects(code)
    await other.to_the_check(option_2="1")
    page = await other.cast()
    assert (page.status, other.code_of_trouble) == (409, "code_used")
    assert "data-voting-code" not in page.text, "one that nothing is cast under"
    await other.send("check", voting=kept)
    assert other.voting_code == kept
    assert (await other.cast()).status == 200
    assert [b.choices for b in await town.ballots(who.round_id)] == [(1,), (2,)]


async def test_two_who_cast_at_once_under_one_code_hear_of_each_other(town: Town) -> None:
    who, code = await inside(town)
    await who.to_the_check(option_1="1")
    await who.cast()
    kept = who.voting_code
    pair = [await voter(town, who.round_id) for _ in range(2)]
    for n, each in enumerate(pair, 2):
        await each.to_the_projects(code, kept)
        await each.to_the_check(**{f"option_{n}": "1"})
    assert (await pair[0].cast()).status == 200
    page = await pair[1].cast()
    assert (page.status, pair[1].code_of_trouble) == (409, "revision_taken")
    await pair[1].send("check")
    assert (await pair[1].cast()).status == 200
    assert [b.choices for b in await town.ballots(who.round_id)] == [(1,), (2,), (3,)]


async def test_the_notice_says_among_how_many_a_ballot_is_published(town: Town) -> None:
    """As the voting page does; in a rehearsal in which each leaves the box alone, nothing of it."""
    flush = {"k": 30, "interval": 900}
    among = await voter(town, await town.opened(flush=flush))
    assert among.page.status == 200
    assert "those of at least 30 voters" in among.page.words()
    alone = await voter(town, await town.opened())
    assert alone.page.status == 200 and "Ballots leave the box" not in alone.page.words()


async def test_nobody_goes_on_who_did_not_read_the_notice(town: Town) -> None:
    round_id = await town.opened()
    who = await voter(town, round_id)
    assert "The booth sees who you are and what you choose." in who.page.words()
    page = await who.send("code")
    assert (page.status, who.code_of_trouble) == (422, "not_agreed")
    code = await town.code(round_id)
    for step in ("choose", "check", "cast"):
        page = await who.browser.post(who.action(step), {"code": code, "option-1": "1"})
        assert page.status == 422 and "not_agreed" in page.text
    assert await town.ballots(round_id) == []


@pytest.mark.parametrize(
    ("code", "voting", "trouble", "status"),
    [
        ("0000", "", "code_malformed", 422),
        (None, "", "code_unknown", 404),
        ("", "0000", "voting_code_malformed", 422),
    ],
)
async def test_a_code_that_cannot_be_used_is_told_where_it_was_typed(
    town: Town, code: str | None, voting: str, trouble: str, status: int
) -> None:
    round_id = await town.opened()
    given = new_code() if code is None else code or await town.code(round_id)
    who = await voter(town, round_id)
    page = await who.to_the_projects(given, voting)
    assert (page.status, who.code_of_trouble) == (status, trouble)
    assert page.fields(who.action("choose"))["code"] == given


async def test_a_vote_without_a_booth_says_so(town: Town) -> None:
    """Its rounds have no tier S: neither the page nor the roll lets anybody in."""
    round_id = await town.opened(assisted=False)
    who = await voter(town, round_id)
    assert "This vote has no booth" in who.page.words() and who.action("code") not in who.page.text
    code = await town.code(round_id)
    body = {"code": code}
    asked = await town.roll.client.ask(
        "POST", f"/rounds/{round_id}/tier", body, Comptoir_Booth=BOOTH_KEY
    )
    assert asked.refusal == (409, "not_assisted")
    assert set((await town.count.state(round_id))["tiers"]) == {"A", "B"}


async def test_only_who_has_the_booths_key_is_the_booth(town: Town) -> None:
    round_id = await town.opened()
    code = await town.code(round_id)
    body = {"code": code}
    path = f"/rounds/{round_id}/tier"
    asked = await town.roll.client.ask("POST", path, body, Comptoir_Booth="another key altogether")
    assert asked.refusal == (403, "booth_refused")
    assert (await town.roll.tier(round_id, code)).body == {"tier": "A"}
    asked = await town.roll.client.ask("POST", path, body, Comptoir_Booth=BOOTH_KEY)
    assert asked.body == {"tier": "S"}
    assert (await town.roll.imported(round_id, [new_code()], "S")).refusal == (404, "tier_unknown")
    unknown = booth_app(town.sites, "a key that the roll does not know")
    async with served(unknown) as client, Browser(client.url) as browser:
        who = Voter(browser, round_id, await browser.get(f"/rounds/{round_id}"))
        await who.to_the_projects(code)
        assert (who.page.status, who.code_of_trouble) == (403, "booth_refused")


async def test_a_closed_vote_takes_nothing_more(town: Town) -> None:
    who, _ = await inside(town)
    await who.to_the_check(option_1="1")
    await town.roll.close(who.round_id)
    page = await who.cast()
    assert "Voting is over." in page.words() and await town.ballots(who.round_id) == []


async def test_a_box_that_is_away_leaves_her_the_voting_code_and_the_button(
    town: Town,
) -> None:
    """The token is issued already: the same page, sent again later, casts the same ballot."""
    who, _ = await inside(town)
    await who.to_the_check(option_1="1")
    shown = who.voting_code
    nowhere = {**town.sites, "box": "http://127.0.0.1:1"}
    async with served(booth_app(nowhere)) as client, Browser(client.url) as browser:
        sent = who.page.fields(who.action("cast"))
        page = await browser.post(who.action("cast"), sent)
        assert page.status == 503 and "unavailable" in page.text
        lost = Voter(browser, who.round_id, page)
        assert lost.voting_code == shown
        again = page.fields("?lang=en")
    issued = "select count(*) from token where round_id = $1"
    assert await town.roll.connection.fetchval(issued, who.round_id) == 1
    assert await town.ballots(who.round_id) == []
    page = await who.browser.post(who.action("cast"), again)
    assert page.status == 200 and len(await town.ballots(who.round_id)) == 1


async def test_a_roll_that_is_away_at_the_cast_loses_nothing(town: Town) -> None:
    who, _ = await inside(town)
    await who.to_the_check(option_1="1")
    nowhere = {**town.sites, "roll": "http://127.0.0.1:1"}
    async with served(booth_app(nowhere)) as client, Browser(client.url) as browser:
        sent = who.page.fields(who.action("cast"))
        page = await browser.post(who.action("cast"), sent)
        assert page.status == 503 and sent["voting"] in page.text
        assert page.fields("?lang=en") == sent


async def test_a_signer_that_is_away_issues_nothing_and_the_same_page_works_later(
    town: Town,
) -> None:
    who, _ = await inside(town)
    page = await who.to_the_check(option_1="1")
    await town.roll.signing.down()
    try:
        seen = await who.browser.fill(page, who.action("cast"))
        assert seen.status == 503 and "signer_unavailable" in seen.text
    finally:
        await town.roll.signing.up()
    assert (await who.cast()).status == 200
    assert len(await town.ballots(who.round_id)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"revision": "0"},
        {"revision": "x"},
        {"voting": ""},
        {"voting": "0000"},
        {"sealed": "AAAA", "commitment": "0" * 64},
        {"option-1": "1", "option-9": "1"},
    ],
)
async def test_a_page_that_was_tampered_with_casts_nothing_or_only_a_ballot(
    town: Town, change: dict[str, str]
) -> None:
    who, _ = await inside(town)
    page = await who.to_the_check(option_1="1")
    sent = page.fields(who.action("cast")) | change
    seen = await who.browser.post(who.action("cast"), sent)
    cast = await town.ballots(who.round_id)
    if "option-9" in change:
        assert [ballot.choices for ballot in cast] == [(1,)], "there is no project 9"
    else:
        assert seen.status == 422 and cast == []


async def test_what_is_no_form_and_what_is_too_long_is_refused(town: Town) -> None:
    who, _ = await inside(town)
    for sent, status in ((b"\xff\xfe=1", 422), (b"a=" + b"x" * 600_000, 413)):
        async with who.browser.session.post(
            town.url + who.action("check"),
            data=sent,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        ) as answer:
            assert answer.status == status
    assert (await who.browser.get(f"/rounds/{uuid4()}")).status == 404


async def test_no_cookie_no_store_no_referrer_and_no_secret_in_an_address(town: Town) -> None:
    who, code = await inside(town)
    pages = [who.page, await who.to_the_check(option_1="1"), await who.cast()]
    pages.append(await who.browser.get(f"/rounds/{who.round_id}?lang=fr"))
    for page in pages:
        headers = {name.lower(): value for name, value in page.headers.items()}
        assert "set-cookie" not in headers and headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert "script-src 'self'" in headers["content-security-policy"]
        assert code not in page.url and who.voting_code not in page.url
        assert "<script" not in page.text.replace("&lt;script", "")
    assert not list(who.browser.session.cookie_jar)
    assert (await who.browser.get("/language/fr")).status == 404


async def test_the_language_is_changed_on_every_step_and_nothing_is_lost(town: Town) -> None:
    who, _ = await inside(town)
    page = await who.to_the_check(option_1="1")
    french = await who.browser.fill(page, "?lang=fr")
    assert "Vérifiez votre bulletin" in french.words() and TITLES[0] in french.words()
    assert f"/rounds/{who.round_id}/cast?lang=fr" in french.forms()


async def test_the_voting_page_leads_to_the_booth_where_there_is_one(town: Town) -> None:
    for assisted in (True, False):
        round_id = await town.opened(assisted=assisted)
        async with Browser(town.sites["roll"]) as browser:
            page = await browser.get(f"/rounds/{round_id}/vote")
        assert (f"{town.url}/rounds/{round_id}" in page.text) is assisted


async def test_tokens_of_the_booth_are_counted_under_its_tier(town: Town) -> None:
    who, _ = await inside(town)
    await who.to_the_check(option_1="1")
    await who.cast()
    await town.roll.close(who.round_id)
    [final] = [
        each
        for each in await town.roll.announced(TokensIssued)
        if each["round_id"] == str(who.round_id)
    ]
    assert final["issued"] == {"A": 0, "B": 0, "S": 1}

"""Rounds of a committee that give out the yearly envelope of a fund, one after the other."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.events.carriers import CarrierLeft
from shared.events.charter import CharterRules
from shared.events.funding import AgreementSigned, FundingConfirmed, GrantLapsed
from shared.events.voting import OptionDecided, RoundOpened
from shared.rules.presets import adopted
from tests.voting.count.conftest import ServedCount, project
from tests.voting.count.edition import Officers
from tests.voting.count.funding.held import (
    YEAR,
    YESTERDAY,
    Grants,
    code,
    committee_of,
    fund,
    round_of,
)
from tests.voting.count.test_desk import by_two, confirm
from tests.voting.count.test_seats import ABSTAIN, NAMES, NO, YES, Body, body

ALL_FOR = {name: {1: YES, 2: YES, 3: YES} for name in NAMES[:4]}


@pytest.fixture
async def held(served_count: ServedCount, officers: Officers) -> Body:
    """A fund with its committee, and no dossier yet."""
    return await committee_of(served_count, officers, fund())


async def decide(held: Body, sheets: dict[str, dict[int, str]] = ALL_FOR) -> None:
    """Open, vote, close, count and validate the round of this moment."""
    await held.open()
    await finish(held, sheets)


async def finish(held: Body, sheets: dict[str, dict[int, str]]) -> None:
    """All but the opening."""
    for name, sheet in sheets.items():
        assert (await held.vote(name, sheet)).status == 200
    await held.close()
    await by_two(held.one, held.other, held.edition, "validate-result")


async def last(held: Body) -> dict[int, tuple[str, int]]:
    """Why each option of this round is where it is, and what it gets."""
    said = await held.count.announced(OptionDecided)
    return {
        each["number"]: (each["reason"], each["amount"])
        for each in said
        if each["round_id"] == str(held.round_id)
    }


async def test_three_rounds_give_out_what_is_left_of_the_year(held: Body) -> None:
    """100,000: 42,000, then 45,000; the 13,000 that are left fund the one project that fits. What
    lapses is given again."""
    await round_of(held, (15_000_00, 15_000_00, 12_000_00), 1)
    await decide(held)
    await round_of(held, (15_000_00, 15_000_00, 15_000_00), 11)
    await decide(held)
    await round_of(held, (15_000_00, 13_000_00, 10_000_00), 21)
    sheets = {
        "Inès": {1: YES, 2: YES, 3: YES},
        "Jules": {1: YES, 2: YES, 3: YES},
        "Karim": {1: YES, 2: YES, 3: NO},
        "Lila": {1: YES, 2: ABSTAIN, 3: ABSTAIN},
    }
    await decide(held, sheets)
    assert await last(held) == {
        1: ("does_not_fit", 0),
        2: ("funded", 13_000_00),
        3: ("does_not_fit", 0),
    }
    budgets = [each["rule"]["envelopes"][0]["amount"] for each in await opened(held)]
    assert budgets == [YEAR, 58_000_00, 13_000_00]

    await round_of(held, (10_000_00,), 31)
    desk = "/desk/rounds"
    prepare = f"{desk}/{held.round_id}/prepare"
    assert (await held.one.fill(desk, prepare)).status == 409, "nothing is left"
    first = await held.count.connection.fetchval("select round_id from round order by budget desc")
    grants = Grants(held.edition, held.officers, held.one, held.other)
    await lapse(grants, first, project(held.edition.programme, 3))
    await decide(held, {name: {1: YES} for name in NAMES[:4]})
    assert await last(held) == {1: ("funded", 10_000_00)}
    assert [each["rule"]["envelopes"][0]["amount"] for each in await opened(held)][-1] == 12_000_00


async def lapse(grants: Grants, round_id: UUID, option: UUID) -> None:
    """A carrier renounces what she was given."""

    page = f"/desk/funding/{round_id}/{option}"
    seen = await grants.one.fill(page, f"{page}/lapse", ground="renounced", reason="she moved away")
    assert seen.status == 200, seen.words()

    assert (await confirm(grants.other)).status == 200


async def opened(held: Body) -> list[dict[str, dict[str, list[dict[str, int]]]]]:
    return await held.count.announced(RoundOpened)


async def test_one_money_round_of_a_fund_at_a_time(held: Body) -> None:
    await round_of(held, (15_000_00,), 1)
    desk, first = "/desk/rounds", held.round_id
    assert (await held.one.fill(desk, f"{desk}/{first}/prepare")).status == 200
    await round_of(held, (15_000_00,), 11)
    token = (await held.one.get(desk)).fields("/sign-out")["csrf"]
    prepare = f"{desk}/{held.round_id}/prepare"
    refused = await held.one.post(prepare, {"csrf": token}, Accept="application/json")
    assert code(refused) == (409, "fund_in_round")
    assert (await held.one.post(f"{desk}/{first}/prepare", {"csrf": token})).status == 200, "again"


async def test_a_round_that_opens_in_the_year_after_gives_out_that_year(held: Body) -> None:
    """It was prepared in December, when 5,000 were left."""
    await round_of(held, (15_000_00,), 1)
    desk = "/desk/rounds"
    assert (await held.one.fill(desk, f"{desk}/{held.round_id}/prepare")).status == 200
    await held.count.connection.execute(
        "update round set fund_year = fund_year - 1, budget = 500000"
    )
    await by_two(held.one, held.other, held.edition, "open-round")
    await finish(held, {name: {1: YES} for name in NAMES[:4]})
    assert await last(held) == {1: ("funded", 15_000_00)}
    [said] = await opened(held)
    assert said["rule"]["envelopes"][0]["amount"] == YEAR
    row = await held.count.row(held.round_id)
    assert (row["fund_year"], row["budget"]) == (row["opens_at"].year, YEAR)


async def test_no_project_gets_more_than_the_fund_gives_one_in_a_year(held: Body) -> None:
    await round_of(held, (20_000_00,), 1)
    await decide(held, {name: {1: YES} for name in NAMES[:3]})
    assert await last(held) == {1: ("funded", 15_000_00)}


async def test_a_committee_votes_for_so_many_days_from_the_opening_on(held: Body) -> None:
    await round_of(held, (15_000_00,), 1)
    await held.open()
    row = await held.count.row(held.round_id)
    assert (row["closes_at"] - row["opens_at"]).days <= 7
    assert row["opens_at"] <= row["closes_at"]


async def test_amounts_that_are_deliberated_come_with_the_deliberation(
    served_count: ServedCount, officers: Officers, tmp_path: Path
) -> None:
    """The committee chooses, and gives no money; the deliberation does, within the year."""
    jury = body(decides="money", during="instruction", amounts="deliberated")
    its = _of(jury, project_year_ceiling=60_000_00)
    held = await committee_of(served_count, officers, its)
    await round_of(held, (60_000_00, 60_000_00), 1)
    await decide(held, {name: {1: YES, 2: YES} for name in NAMES[:3]})
    assert await last(held) == {1: ("funded", 0), 2: ("funded", 0)}
    found = await held.recount(tmp_path)
    assert (found.differences, found.agrees) == ((), True)
    grants = Grants(held.edition, held.officers, held.one, held.other)
    seen = await held.one.get(f"/desk/rounds/{held.round_id}/agreements")
    assert "not known yet" in seen.words() and "missing" in seen.words()
    await grants.confirm("55 000")
    [confirmed] = await served_count.announced(FundingConfirmed)
    assert confirmed["amount"] == 55_000_00
    second = project(held.edition.programme, 2)
    page = f"/desk/funding/{held.round_id}/{second}"
    fields = {"amount": "55 000", "act": "A-2", "on": confirmed["on"], "reason": "voted"}
    await held.one.fill(page, f"{page}/confirm", **fields)

    assert (await confirm(held.other)).status == 409, "the year has only 45,000 left"
    assert len(await served_count.announced(FundingConfirmed)) == 1


async def test_what_is_not_deliberated_yet_can_be_renounced(
    served_count: ServedCount, officers: Officers, tmp_path: Path
) -> None:
    """Nothing is left to pay of it, and yet its carrier need not wait for the deliberation."""
    jury = body(decides="money", during="instruction", amounts="deliberated")
    held = await committee_of(served_count, officers, _of(jury, project_year_ceiling=60_000_00))
    await round_of(held, (60_000_00,), 1)
    await decide(held, {name: {1: YES} for name in NAMES[:3]})
    grants = Grants(held.edition, held.officers, held.one, held.other)
    assert "its carrier can renounce it" in (await grants.one.get(grants.page)).words()
    assert (await grants.send("lapse", ground="not-signed")).status == 422
    await grants.by_two("lapse", ground="renounced")
    [lapsed] = await served_count.announced(GrantLapsed)
    assert (lapsed["left"], lapsed["ground"]) == (0, "renounced")
    refused = await grants.send("confirm", amount="1", act="A", on=str(YESTERDAY))
    assert code(refused) == (409, "wrong_step")
    found = await held.recount(tmp_path)
    assert (found.differences, found.agrees) == ((), True)


async def test_what_is_deliberated_is_at_most_what_the_fund_gives_one_project_in_a_year(
    served_count: ServedCount, officers: Officers
) -> None:
    jury = body(decides="money", during="instruction", amounts="deliberated")
    held = await committee_of(served_count, officers, _of(jury, project_year_ceiling=15_000_00))
    await round_of(held, (60_000_00,), 1)
    await decide(held, {name: {1: YES} for name in NAMES[:3]})
    grants = Grants(held.edition, held.officers, held.one, held.other)
    entered = {"act": "A-1", "on": YESTERDAY.isoformat()}
    seen = await grants.step("confirm", amount="15 000,01", reason="voted", **entered)
    assert seen.status == 422 and "at most what was decided or asked for" in seen.words()
    await grants.confirm("15 000")
    [confirmed] = await served_count.announced(FundingConfirmed)
    assert confirmed["amount"] == 15_000_00


async def test_a_body_s_own_rule_pays_no_more_than_the_fund_gives_one_project_in_a_year(
    served_count: ServedCount, officers: Officers
) -> None:
    """Its rule pays foods whole, and half of the rest: 15,000 at most, whichever it is."""
    half = {"options": {"groups": {"theme": ["care"]}}, "percent": 50}
    rule = adopted().model_dump(mode="json") | {
        "envelopes": [{"name": "all", "amount": YEAR}],
        "groups": {"theme": []},
        "grants": [half],
    }
    jury = body(decides="money", during="instruction", days=7, rule=rule)
    held = await committee_of(served_count, officers, _of(jury, project_year_ceiling=15_000_00))
    await round_of(held, (20_000_00,), 1)
    await decide(held, {name: {1: YES} for name in NAMES[:3]})
    assert await last(held) == {1: ("funded", 15_000_00)}


async def test_agreements_with_one_carrier_count_together_for_the_de_minimis_ceiling(
    served_count: ServedCount, officers: Officers
) -> None:
    """Both projects were looked at when it had 280,000: each would fit, and both do not."""
    its = fund(funding={"de_minimis": 300_000_00})
    held = await committee_of(served_count, officers, its)
    await round_of(held, (15_000_00, 15_000_00, 5_000_00), 1)
    await decide(held)
    grants, association = Grants(held.edition, held.officers, held.one, held.other), uuid4()
    for number in (1, 2, 3):
        await grants.carrier(number, association, de_minimis=280_000_00)
    page = grants.agreements
    seen = await held.one.fill(page, page, reason="the carrier signed", option="")
    assert seen.status == 200, seen.words()
    refused = await confirm(held.other)
    assert refused.status == 409 and "de-minimis-ceiling" in refused.words()
    assert await served_count.announced(AgreementSigned) == []
    waiting = await held.other.get("/desk/acts")
    [decline] = [action for action in waiting.forms() if action.endswith("/decline")]
    await held.other.post(decline, waiting.fields(decline) | {"reason": "one by one"})
    for only in ("1", ""):
        await held.one.fill(page, page, reason="the carrier signed", option=only)
        assert (await confirm(held.other)).status == 200
    signed = {each["option_id"] for each in await served_count.announced(AgreementSigned)}
    assert signed == {str(project(held.edition.programme, number)) for number in (1, 3)}


async def test_an_agreement_counts_for_who_signed_it_whenever_it_was_found_in_order(
    served_count: ServedCount, officers: Officers
) -> None:
    """Submission hears of agreements later than count: an officer there cleared the second project
    after the first was signed, and had not heard of it. What lapsed of it does not count."""
    its = fund(funding={"de_minimis": 300_000_00})
    held = await committee_of(served_count, officers, its)
    await round_of(held, (15_000_00, 15_000_00), 1)
    await decide(held)
    grants, association = Grants(held.edition, held.officers, held.one, held.other), uuid4()
    seen: dict[str, Any] = {"de_minimis": 280_000_00}
    await grants.carrier(1, association, **seen)
    page = grants.agreements
    await held.one.fill(page, page, reason="the carrier signed", option="1")
    assert (await confirm(held.other)).status == 200
    await grants.carrier(2, association, **seen)
    await _lacks_room(grants, True)
    connection = served_count.connection
    for old, lacks in ((3, False), (2, True)):
        await connection.execute(
            "update granted set signed_on = (now() at time zone 'Europe/Paris')::date"
            " - make_interval(years => $1)",
            old,
        )
        await _lacks_room(grants, lacks)
    left = CarrierLeft.model_validate(
        {
            "project_id": project(held.edition.programme, 1),
            "programme_id": held.edition.programme,
            "carrier_id": association,
            "part": "lead",
        }
    )
    await served_count.handle(left)
    await _lacks_room(grants, True)
    await connection.execute(
        "update granted set lapsed = amount, lapsed_event = gen_random_uuid(), ground = 'renounced'"
    )
    await _lacks_room(grants, False)


async def _lacks_room(grants: Grants, lacks: bool) -> None:
    words = (await grants.one.get(grants.agreements)).words()
    assert ("room below the de-minimis ceiling" in words) is lacks, words


def _of(jury: dict[str, Any], **money: int) -> CharterRules:
    """A fund whose one body is this jury."""
    its = fund(funding={"deliberation": True}).model_dump(mode="json")
    its["fund"] |= money
    return CharterRules.model_validate(its | {"bodies": [jury]})

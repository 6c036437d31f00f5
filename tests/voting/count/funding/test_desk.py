"""The desk of grants: from a final result to the last payment, by two officers where money is
decided, by one where it is entered."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from shared.events.carriers import CarrierLeft, ClearanceWithdrawn
from shared.events.funding import (
    AgreementSigned,
    FundingConfirmed,
    GrantLapsed,
    GrantReduced,
    InstalmentPaid,
    MilestoneReached,
)
from shared.events.projects import ProjectWithdrawn
from shared.events.voting import OptionListed
from tests.voting.count.conftest import HASH, ServedCount
from tests.voting.count.edition import COSTS, Officers
from tests.voting.count.funding.held import FUNDING, TODAY, YESTERDAY, Grants, code, granted
from tests.voting.count.test_desk import confirm
from voting.count.funding.acts import enter_payment
from voting.count.funding.loading import grant
from voting.count.moving import locked_round


async def test_what_a_dossier_says_is_what_a_rule_can_ask_for(grants: Grants) -> None:
    [first, second, *_] = await grants.count.announced(OptionListed)
    carrier = "00000000-0000-0000-0000-000000000007"
    assert first["groups"] == {"theme": ["food"], "category": ["youth"], "carrier": [carrier]}
    assert first["on_top"] == COSTS[0]
    assert not {"groups", "on_top"} & second.keys()


async def test_an_agreement_waits_for_all_that_the_charter_asks_for(grants: Grants) -> None:
    """The deliberation, then the carrier: nothing is signed before both are there."""
    words = (await grants.one.get(grants.page)).words()
    for said in ("the deliberation that confirms", "who carries the project"):
        assert said in words
    assert "missing: the deliberation" in (await grants.one.get(grants.agreements)).words()
    token = (await grants.one.get(grants.page)).fields("/sign-out")["csrf"]
    asked = {"csrf": token, "reason": "at once"}

    async def refused() -> tuple[int, str]:
        return code(await grants.one.post(grants.agreements, asked, Accept="application/json"))

    assert await refused() == (409, "conditions_missing")
    await grants.confirm("38 000")
    assert await refused() == (409, "conditions_missing")
    await grants.carrier(de_minimis=299_000_00)
    assert "room below the de-minimis ceiling" in (await grants.one.get(grants.page)).words()
    assert await refused() == (409, "conditions_missing")
    await grants.count.connection.execute("delete from party")
    await grants.carrier()
    await grants.sign()
    [confirmed] = await grants.count.announced(FundingConfirmed)
    assert (confirmed["amount"], confirmed["act"]) == (38_000_00, "CD62-2027-118")
    assert len(set(confirmed["officers"])) == 2
    [signed] = await grants.count.announced(AgreementSigned)
    assert (signed["amount"], signed["act"]) == (38_000_00, "CD62-2027-118")
    assert signed["signed_on"] == str(TODAY)
    assert signed["cost"] == 2 * COSTS[0], "half of it was asked for"
    assert [(each["name"], each["amount"]) for each in signed["instalments"]] == [
        ("order", 19_000_00),
        ("balance", 19_000_00),
    ]


async def test_a_sponsor_signs_only_where_the_charter_has_the_carrier_sponsored(
    served_count: ServedCount, officers: Officers
) -> None:
    """A person leads the project. Of two sponsors the first one signs, though it has no contract
    and the other has one; said again, the first one is the first still."""
    asked = {"sponsored": ["person"]}
    grants = await granted(served_count, officers, {"contract": True}, submitting=asked)
    first, lacking = uuid4(), "missing: the republican-commitment contract"
    for carrier_id in (first, uuid4(), first):
        checked = ("status",) if carrier_id == first else ("status", "contract")
        await grants.carrier(1, carrier_id, part="sponsor", checked=checked)
    seen = (await grants.one.get(grants.agreements)).words()
    assert lacking in seen, seen
    about = {"project_id": grants.option, "programme_id": grants.edition.programme}
    left = CarrierLeft.model_validate(about | {"carrier_id": first, "part": "sponsor"})
    await grants.count.handle(left)
    await grants.carrier(1, first, part="sponsor", checked=("status",))
    await grants.sign()


async def test_a_sponsor_whom_the_charter_does_not_ask_for_signs_nothing(
    served_count: ServedCount, officers: Officers
) -> None:
    grants = await granted(served_count, officers, {"identifiers": ["siret"]})
    await grants.carrier(part="sponsor")
    assert "missing: who carries" in (await grants.one.get(grants.agreements)).words()


@pytest.mark.parametrize("what", ["left", "withdrawn clearance", "withdrawn project"])
async def test_what_is_not_there_any_more_stops_an_agreement_that_waits(
    grants: Grants, what: str
) -> None:
    """One officer asked, and before another confirms, submission says otherwise."""
    await grants.confirm()
    await grants.carrier()
    await grants.one.fill(grants.agreements, grants.agreements, reason="the carrier signed")
    row = await grants.count.connection.fetchrow("select * from party")
    assert row is not None
    about: dict[str, Any] = {
        "project_id": grants.option,
        "programme_id": grants.edition.programme,
        "reason": HASH,
    }
    carrier = about | {"carrier_id": row["carrier_id"]}
    match what:
        case "left":
            await grants.count.handle(CarrierLeft.model_validate(carrier | {"part": "lead"}))
        case "withdrawn clearance":
            said = ClearanceWithdrawn.model_validate(carrier | {"officer": uuid4()})
            await grants.count.handle(said)
        case _:
            await grants.count.handle(ProjectWithdrawn.model_validate(about))
    assert (await confirm(grants.other)).status == 409
    assert await grants.count.announced(AgreementSigned) == []


async def test_payments_are_entered_once_with_the_reference_of_the_finance_system(
    grants: Grants,
) -> None:
    assert code(await grants.send("pay", instalment="order", reference="M-1", on=str(TODAY))) == (
        409,
        "wrong_step",
    )
    await grants.signed()
    assert (await grants.pay("order", "2027/MD-4512")).status == 200
    [paid] = await grants.count.announced(InstalmentPaid)
    assert (paid["instalment"], paid["amount"], paid["reference"], paid["paid_on"]) == (
        "order",
        20_000_00,
        "2027/MD-4512",
        str(TODAY),
    )
    for fields, refused in {
        ("order", "M-2", TODAY): (409, "instalment_paid"),
        ("gift", "M-2", TODAY): (422, "instalment_unknown"),
        ("", "M-2", TODAY): (422, "instalment_unknown"),
        ("balance", "2027/MD-4512", TODAY): (422, "reference_used"),
        ("balance", "two words", TODAY): (422, "entry_refused"),
        ("balance", "M-2", YESTERDAY): (422, "paid_on_refused"),
        ("balance", "M-2", TODAY + timedelta(days=1)): (422, "entry_refused"),
    }.items():
        name, reference, on = fields
        sent = await grants.send("pay", instalment=name, reference=reference, on=str(on))
        assert sent.status == refused[0], sent.text
    assert len(await grants.count.announced(InstalmentPaid)) == 1
    assert (await grants.pay("balance", "2027/MD-9000")).status == 200
    assert "paid in full" in (await grants.one.get(grants.page)).words()
    with pytest.raises(Exception, match="instalment order is paid"):
        await grants.count.connection.execute("update instalment set amount = 1")


async def test_a_lower_cost_lowers_the_grant_and_what_is_unpaid_of_it(signed: Grants) -> None:
    await signed.pay("order", "M-1")
    await signed.by_two("reduce", spent="60 000")
    [reduced] = await signed.count.announced(GrantReduced)
    assert (reduced["before"], reduced["spent"], reduced["amount"]) == (
        40_000_00,
        60_000_00,
        30_000_00,
    )
    words = (await signed.one.get(signed.page)).words()
    assert "A grant of 30 000 €." in words and "60 000 € were spent" in words
    assert code(await signed.send("reduce", spent="30 000")) == (409, "paid_more")
    assert (await signed.send("reduce", spent="60 000")).status == 422, "that is no lower"
    await signed.by_two("reduce", spent="50 000")
    assert [each["amount"] for each in await signed.count.announced(GrantReduced)] == [
        30_000_00,
        25_000_00,
    ]
    await signed.pay("balance", "M-2")
    assert [each["amount"] for each in await signed.count.announced(InstalmentPaid)] == [
        20_000_00,
        5_000_00,
    ]


async def test_a_payment_of_what_a_part_was_of_before_is_not_entered(signed: Grants) -> None:
    """Somebody has the page open while two others reduce the grant, and with it the part."""
    stale = await signed.other.get(signed.page)
    await signed.by_two("reduce", spent="10 000")
    fields = {"instalment": "order", "reference": "M-1", "on": str(TODAY)}
    said = {**stale.fields(f"{signed.page}/pay"), **fields}
    answer = await signed.other.post(f"{signed.page}/pay", said, Accept="application/json")
    assert code(answer) == (409, "changed_since")
    assert await signed.count.announced(InstalmentPaid) == []
    assert (await signed.pay("order", "M-1")).status == 200
    again = await signed.other.post(f"{signed.page}/pay", said, Accept="application/json")
    assert again.status == 200, "that it is entered is true, whoever entered it"
    [paid] = await signed.count.announced(InstalmentPaid)
    assert paid["amount"] == 5_000_00


async def test_one_reference_that_two_officers_enter_at_once_is_of_one_payment(
    served_count: ServedCount, officers: Officers
) -> None:
    first, second = [await granted(served_count, officers, funding=None) for _ in range(2)]
    for each in (first, second):
        await each.sign()
        await each.send("pay")  # Refused, and it has its token.
    said = {"instalment": "grant", "reference": "M-7", "on": str(TODAY)}
    async with served_count.database.begin() as session:
        row = await locked_round(session, first.edition.round_id)
        line = await grant(session, row, None, first.option)
        await enter_payment(session, line, "grant", "M-7", TODAY, uuid4(), str(line.amount))
        await session.flush()
        waiting = asyncio.create_task(second.send("pay", **said))
        waits = (
            "select exists (select from pg_locks l join pg_stat_activity a using (pid)"
            " where not l.granted and a.datname = current_database())"
        )
        async with asyncio.timeout(30):
            while not await served_count.connection.fetchval(waits):
                continue
    answer = await waiting
    assert (answer.status, "another payment has it" in answer.words()) == (422, True)
    assert len(await served_count.announced(InstalmentPaid)) == 1


async def test_an_agreement_is_signed_with_whom_the_first_officer_saw_or_not_at_all(
    grants: Grants,
) -> None:
    """One officer asked, and before another confirms, another association is the lead, in order."""
    await grants.confirm()
    await grants.carrier()
    await grants.one.fill(grants.agreements, grants.agreements, reason="the carrier signed")
    before = await grants.count.connection.fetchval("select carrier_id from party")
    about = {"project_id": grants.option, "programme_id": grants.edition.programme}
    left = CarrierLeft.model_validate(about | {"carrier_id": before, "part": "lead"})
    await grants.count.handle(left)
    await grants.carrier(name="Une autre association")
    assert (await confirm(grants.other)).status == 409
    assert await grants.count.announced(AgreementSigned) == []


async def test_what_is_unpaid_lapses_and_nothing_follows(signed: Grants) -> None:
    await signed.pay("order", "M-1")
    assert (await signed.send("lapse", ground="not-finished")).status == 422, "there is time"
    assert (await signed.send("lapse", ground="not-begun")).status == 422, "no time is said"
    await signed.by_two("lapse", ground="renounced")
    [lapsed] = await signed.count.announced(GrantLapsed)
    assert (lapsed["left"], lapsed["ground"]) == (20_000_00, "renounced")
    for step, fields in {
        "pay": {"instalment": "balance", "reference": "M-2", "on": str(TODAY)},
        "reduce": {"spent": "10"},
        "lapse": {"ground": "renounced"},
        "milestone": {"milestone": "begun", "on": str(TODAY)},
        "confirm": {"amount": "1", "act": "A", "on": str(TODAY)},
    }.items():
        assert code(await signed.send(step, **fields)) == (409, "wrong_step")
    assert "lapsed" in (await signed.one.get(signed.page)).words()


async def test_a_duty_is_entered_once_it_is_kept_and_begins_nothing(grants: Grants) -> None:
    agreements = f"/desk/rounds/{grants.edition.round_id}/agreements"
    assert "agrees to this: Show the logo" in (await grants.one.get(agreements)).words()
    await grants.signed()
    follow_up = f"/rounds/{grants.edition.round_id}/follow-up"
    assert "Show the logo not seen to yet" in (await grants.one.get(follow_up)).words()
    seen = await grants.step("milestone", milestone="logo", on=str(TODAY))
    assert seen.status == 200
    words = (await grants.one.get(follow_up)).words()
    assert "Show the logo seen to on" in words and "not seen to yet" not in words
    assert (await grants.send("milestone", milestone="logo", on=str(YESTERDAY))).status == 422
    [kept] = await grants.count.announced(MilestoneReached)
    assert kept["milestone"] == "logo"


async def test_milestones_are_reached_once(grants: Grants) -> None:
    assert code(await grants.send("milestone", milestone="begun", on=str(TODAY)))[0] == 409
    await grants.signed()
    seen = await grants.step("milestone", milestone="begun", on=str(TODAY))
    assert seen.status == 200 and "Works begun" in seen.words()
    for name, on in (("begun", YESTERDAY), ("heaven", TODAY)):
        assert (await grants.send("milestone", milestone=name, on=str(on))).status == 422
    [reached] = await grants.count.announced(MilestoneReached)
    assert (reached["milestone"], reached["on"]) == ("begun", str(TODAY))


@pytest.mark.parametrize(
    ("fields", "status", "refused"),
    [
        ({"amount": "40 000,01"}, 422, "amount_refused"),
        ({"amount": "0"}, 422, "amount_refused"),
        ({"amount": "a lot"}, 422, "entry_refused"),
        ({"amount": "1e5"}, 422, "entry_refused"),
        ({"amount": "-5"}, 422, "entry_refused"),
        ({"act": " "}, 422, "entry_refused"),
        ({"act": "x" * 81}, 422, "entry_refused"),
        ({"on": "31/05/2027"}, 422, "entry_refused"),
        ({"on": str(TODAY + timedelta(days=1))}, 422, "entry_refused"),
        ({"reason": " "}, 422, "reason_missing"),
    ],
)
async def test_what_is_entered_wrongly_is_asked_for_again(
    grants: Grants, fields: dict[str, str], status: int, refused: str
) -> None:
    whole = {"amount": "40 000", "act": "CD62-1", "on": str(YESTERDAY), "reason": "voted"} | fields
    seen = await grants.step("confirm", **whole)
    assert seen.status == status and "Nothing was done yet" in seen.words()
    assert seen.fields(f"{grants.page}/confirm")["act"] == whole["act"].strip()
    waiting = await grants.count.connection.fetchval(
        "select count(*) from act where act = 'confirm-funding'"
    )
    assert waiting == 0, refused


async def test_nobody_else_sees_or_does_anything(grants: Grants) -> None:
    stranger = await grants.officers.officer("Rosalie", programme_id=uuid4())
    visitor = await grants.officers.visitor()
    for path in (grants.page, "/desk/funding"):
        assert (await visitor.get(path)).path != path, "whoever is not signed in is led away"
    assert (await stranger.get(grants.page)).status == 403
    assert "No vote of yours" in (await stranger.get("/desk/funding")).words()
    token = (await stranger.get("/desk/funding")).fields("/sign-out")["csrf"]
    fields = {"csrf": token, "instalment": "order", "reference": "M-1", "on": str(TODAY)}
    assert (await stranger.post(f"{grants.page}/pay", fields)).status == 403
    nothing = f"/desk/funding/{grants.edition.round_id}/{uuid4()}"
    assert (await grants.one.get(nothing)).status == 404


async def test_a_charter_that_says_nothing_pays_a_grant_whole(
    served_count: ServedCount, officers: Officers
) -> None:
    """As agreements were before: no condition, one part, and no word of either in its event."""
    plain = await granted(served_count, officers, funding=None)
    await plain.sign()
    [signed] = await served_count.announced(AgreementSigned)
    assert not {"instalments", "cost", "act"} & signed.keys()
    assert (await plain.pay("grant", "M-1")).status == 200
    assert code(await plain.send("reduce", spent="1")) == (409, "wrong_step"), "it is settled"
    assert json.loads((await plain.one.get(f"/rounds/{plain.edition.round_id}/funding.json")).text)[
        "sums"
    ] == {"granted": 40_000_00, "signed": 40_000_00, "paid": 40_000_00, "lapsed": 0, "left": 0}


async def test_times_to_sign_begin_and_finish_are_shown_to_officers_and_to_everybody(
    served_count: ServedCount, officers: Officers
) -> None:
    times = {"sign_within": "6 months", "begin_within": "12 months", "finish_within": "24 months"}
    grants = await granted(served_count, officers, FUNDING | times)
    visitor = await grants.officers.visitor()
    public = f"/rounds/{grants.edition.round_id}/follow-up"

    async def listed(query: str = "") -> str:
        return (await grants.one.get(f"/desk/funding{query}")).words()

    async def everywhere(said: str) -> None:
        for browser, page in ((grants.one, "/desk/funding"), (grants.one, grants.page)):
            assert said in (await browser.get(page)).words(), page
        assert said in (await visitor.get(public)).words()

    await everywhere("to be signed until")
    assert "No grant is what you look for" in await listed("?due=over")
    await served_count.connection.execute(
        "update round set validated_at = validated_at - interval '7 months'"
    )
    await everywhere("was to be signed until")
    assert "was to be signed until" in await listed("?due=over&state=decided")
    assert "No grant is what you look for" in await listed("?due=over&state=signed")
    await grants.signed()
    await everywhere("to be begun until")
    assert "No grant is what you look for" in await listed("?due=soon")
    await grants.step("milestone", milestone="begun", on=str(TODAY))
    await everywhere("to be finished until")
    await grants.step("milestone", milestone="open", on=str(TODAY))
    for words in (await listed("?state=signed"), (await visitor.get(public)).words()):
        assert "agreement signed" in words and "until" not in words

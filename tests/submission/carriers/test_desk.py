"""The desk of carriers: in order for an agreement, or not, and what is missing."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from comptoir.browser import Browser, Seen
from shared.events.acts import RoundAnnulled
from shared.events.funding import AgreementSigned, GrantLapsed, GrantReduced
from shared.events.scheme import Funding, Submitting
from shared.people import Role
from submission.carriers.agreeing import granted, missing_for_agreement
from submission.projects.finding import edition
from tests.submission.carrying import (
    ASSOCIATION,
    SSE,
    WHOLE,
    code,
    database,
    declare,
    events,
    filed,
    give,
    say,
    words,
)
from tests.submission.hearing import Inbox, delivered
from tests.submission.proposing import Town

CONTRACT = "2026-03-01"


@pytest.fixture
async def inbox(town: Town) -> AsyncIterator[Inbox]:
    made = Inbox(town)
    yield made
    await made.close()


async def carried(town: Town, **said: str) -> tuple[Browser, UUID, UUID]:
    """Somebody whose association carries a filed dossier."""
    ada = town.browser()
    project_id = await town.deposit(ada)
    found = await declare(ada, **({"siret": "", "rna": ""} | said))
    await give(ada, project_id, "lead", found)
    await filed(town, project_id)
    await say(town, funding=WHOLE)
    return ada, project_id, found


async def number(town: Town, organisation: UUID) -> None:
    """It has a number that nobody else has."""
    await town.connection.execute(
        "update organisation set rna = 'W' || lpad((random() * 999999999)::bigint::text, 9, '0'),"
        " rna_words = name where organisation_id = $1",
        organisation,
    )


async def clear(officer: Browser, project_id: UUID, carrier: UUID, **said: str) -> Seen:
    """Find a carrier in order by its form."""
    page = f"/desk/projects/{project_id}/carriers"
    form = f"{page}/{carrier}/clear"
    return await officer.fill(page, form, **({"status": "yes", "contract_on": CONTRACT} | said))


async def lacks(town: Town, project_id: UUID) -> tuple[str, ...]:
    """What its agreement lacks."""
    async with database(town) as replica, replica.begin() as session:
        found = await edition(session, town.programme_id)
        return await missing_for_agreement(session, found, project_id, datetime.now(UTC))


async def test_a_carrier_is_found_in_order_and_no_more_by_a_reason(town: Town) -> None:
    _, project_id, found = await carried(town)
    await number(town, found)
    officer = await town.officer(Role.INSTRUCTOR)
    listed = (await officer.get(f"/desk/programmes/{town.programme_id}/carriers")).words()
    assert "Les Amis du verger" in listed
    assert "dossier complete to look at" in listed
    assert await lacks(town, project_id) == ("identifier", "status", "contract", "de-minimis")
    page = f"/desk/projects/{project_id}/carriers"
    await officer.fill(
        page,
        f"/desk/projects/{project_id}/aids",
        granted_on="2025-12-24",
        amount="1 000,50",
        granted_by="Région Hauts-de-France",
        reason="Sa lettre de mars.",
    )
    assert (await clear(officer, project_id, found)).status == 200
    [cleared] = await events(town, "carrier-cleared")
    assert cleared["checked"] == ["identifier", "status", "contract", "de-minimis"]
    assert (cleared["de_minimis"], cleared["contract_on"]) == (100_050, CONTRACT)
    assert await lacks(town, project_id) == ()
    assert "found in order" in (await officer.get(page)).words()
    listed = (await officer.get(f"/desk/programmes/{town.programme_id}/carriers")).words()
    assert "dossier complete found in order" in listed
    withdraw = f"{page}/{found}/withdraw"
    await officer.fill(page, withdraw, reason="Le récépissé est faux.")
    [withdrawn] = await events(town, "clearance-withdrawn")
    assert await words(town, withdrawn["reason"]) == "Le récépissé est faux."
    [told] = await town.told("clearance-missing")
    assert "contrat d’engagement républicain" in str(told.values["missing"])
    life = (await town.browser().get(f"/projects/{project_id}")).words()
    assert "in order for an agreement" in life
    assert "Le récépissé est faux." in life
    assert (await clear(officer, project_id, found)).status == 200, "and in order again"


async def test_what_was_looked_at_is_not_changed_meanwhile(town: Town) -> None:
    ada, project_id, found = await carried(town)
    await number(town, found)
    officer = await town.officer(Role.INSTRUCTOR)
    await clear(officer, project_id, found)
    form = f"/organisations/{found}"
    fields = (await ada.get(form)).fields(form)
    renamed = await town.send(ada, form, **{**fields, "name": "Autre nom", "once": ""})
    assert code(renamed) == (409, "organisation_cleared")
    for said in (SSE, SSE | {"sse": "62-2027-1"}, SSE | {"sse_until": ""}):
        longer = await town.send(ada, form, **{**fields, **said, "once": ""})
        assert code(longer) == (409, "organisation_cleared")
    assert (await ada.fill(form, form, branch="artois")).status == 200


async def test_an_identifier_is_looked_at_and_looked_at_anew_once_it_is_renewed(town: Town) -> None:
    ada, project_id, found = await carried(town, sse=SSE["sse"])
    await number(town, found)
    await say(town, Submitting(sse=True))
    officer, form = await town.officer(Role.INSTRUCTOR), f"/organisations/{found}"
    assert (await clear(officer, project_id, found)).status == 422, "no day is said"
    assert not await events(town, "carrier-cleared")
    today = datetime.now(UTC).date()
    far = await ada.fill(form, form, sse_until=f"{today + timedelta(days=800)}")
    assert far.status == 422 and "two years" in far.words()
    sent = await town.send(ada, form, **ASSOCIATION | SSE | {"sse_until": "2199-01-01"})
    assert (sent.status, "sse_too_long" in sent.text) == (422, True), sent.text
    soon = f"{today + timedelta(days=30)}"
    await ada.fill(form, form, sse_until=soon)
    assert (await clear(officer, project_id, found)).status == 200
    assert [each["sse_until"] for each in await events(town, "carrier-cleared")] == [soon]
    assert await lacks(town, project_id) == ()
    await town.connection.execute("update clearance set sse_until = null")
    assert await lacks(town, project_id) == ("sse",), "nobody looked at it"
    page = f"/desk/projects/{project_id}/carriers"
    await officer.fill(page, f"{page}/{found}/withdraw", reason="Il est renouvelé.")
    await ada.fill(form, form, **SSE)
    assert (await clear(officer, project_id, found)).status == 200
    assert await lacks(town, project_id) == ()
    assert (await events(town, "carrier-cleared"))[-1]["sse_until"] == SSE["sse_until"]


async def test_nobody_is_in_order_by_a_number_that_no_officer_has_read(town: Town) -> None:
    ada, project_id, found = await carried(town, siret="44306184100047")
    officer = await town.officer(Role.INSTRUCTOR)
    page, own = f"/desk/projects/{project_id}/carriers", f"/organisations/{found}"
    form = f"{page}/{found}/clear"
    read = await officer.get(page)
    assert (await ada.fill(own, own, siret="55208131766522")).status == 200
    before = await town.snapshot()
    said = {"status": "yes", "contract_on": CONTRACT}
    for shown in ({}, {"shown": read.fields(form)["shown"]}):
        assert code(await town.send(officer, form, **said, **shown)) == (409, "changed_meanwhile")
    seen = await officer.fill(read, form, **said)
    assert seen.status == 409, seen.text
    assert "SIRET 55208131766522 44306184100047" in seen.words()
    assert await town.snapshot() == before
    assert (await officer.fill(seen, form, **said)).status == 200
    assert await lacks(town, project_id) == ()


async def test_an_aid_that_is_declared_meanwhile_is_not_counted_unread(town: Town) -> None:
    ada, project_id, found = await carried(town)
    await number(town, found)
    officer = await town.officer(Role.INSTRUCTOR)
    page, aids = f"/desk/projects/{project_id}/carriers", f"/organisations/{found}/aids"
    read = await officer.get(page)
    said = {"granted_on": "2025-12-24", "amount": "1 000,50", "granted_by": "Région"}
    assert (await ada.fill(f"/organisations/{found}", aids, **said)).status == 200
    clearing = {"status": "yes", "contract_on": CONTRACT}
    seen = await officer.fill(read, f"{page}/{found}/clear", **clearing)
    assert seen.status == 409 and "2025-12-24 · 1000,50 € · Région" in seen.words(), seen.text


async def test_an_officer_reads_on_the_form_what_is_missing(town: Town) -> None:
    _, project_id, found = await carried(town)
    await number(town, found)
    officer = await town.officer(Role.INSTRUCTOR)
    page = f"/desk/projects/{project_id}/carriers"
    seen = await officer.fill(page, f"{page}/{found}/clear", contract_on=CONTRACT)
    assert seen.status == 422 and f"{page}/{found}/clear" in seen.forms()
    assert "Something that the rules ask for is missing" in seen.words()
    assert seen.fields(f"{page}/{found}/clear")["contract_on"] == CONTRACT


REFUSED: dict[str, tuple[int, str]] = {
    "no number": (409, "clearing_refused"),
    "no proof of its status": (409, "clearing_refused"),
    "an identifier that held until yesterday": (409, "clearing_refused"),
    "no contract": (409, "clearing_refused"),
    "a contract of another century": (422, "day_refused"),
    "a contract of tomorrow": (422, "contract_day_refused"),
    "aid over the ceiling": (409, "de_minimis_passed"),
    "in order before": (409, "cleared_before"),
    "nothing to withdraw": (409, "not_cleared"),
    "withdrawn without a reason": (422, "words_refused"),
    "somebody who carries nothing": (404, "carrier_unknown"),
    "by another territory's instructor": (403, "forbidden"),
    "by an adviser": (403, "forbidden"),
    "a charter that asks for nothing": (409, "clearing_refused"),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_refused_changes_nothing(town: Town, what: str) -> None:
    _, project_id, found = await carried(town)
    if what != "no number":
        await number(town, found)
    officer = await town.officer(Role.INSTRUCTOR)
    path = f"/desk/projects/{project_id}/carriers/{found}/clear"
    said = {"status": "yes", "contract_on": CONTRACT}
    said |= await town.carried(officer, path.removesuffix(f"/{found}/clear"), path)
    match what:
        case "no proof of its status":
            said["status"] = ""
        case "an identifier that held until yesterday":
            await say(town, Submitting(sse=True))
            await town.connection.execute(
                "update organisation set sse = '62-1', sse_words = name,"
                " sse_until = current_date - 2 where organisation_id = $1",
                found,
            )
            said |= await town.carried(officer, path.removesuffix(f"/{found}/clear"), path)
        case "no contract":
            said["contract_on"] = ""
        case "a contract of another century":
            said["contract_on"] = "1301-03-01"
        case "a contract of tomorrow":
            said["contract_on"] = "2199-03-01"
        case "aid over the ceiling":
            await town.connection.execute(
                "insert into aid values (gen_random_uuid(), $1, current_date - 30, $2, 'Région')",
                found,
                296_000_01,
            )
            said |= await town.carried(officer, path.removesuffix(f"/{found}/clear"), path)
        case "in order before":
            await clear(officer, project_id, found)
        case "nothing to withdraw" | "withdrawn without a reason":
            path = path.removesuffix("clear") + "withdraw"
            said = {"reason": "Une erreur." if what.startswith("nothing") else " "}
        case "somebody who carries nothing":
            path = path.replace(str(found), str(project_id))
        case "by another territory's instructor":
            officer = await town.officer(
                Role.INSTRUCTOR, programme_id=town.programme_id, territory="boulonnais"
            )
        case "by an adviser":
            officer = await town.officer(Role.ADVISER)
        case "a charter that asks for nothing":
            await say(town, funding=Funding(built_by="department"))
    before = await town.snapshot()
    assert code(await town.send(officer, path, **said)) == REFUSED[what]
    assert await town.snapshot() == before


async def test_what_was_signed_here_counts_with_what_is_declared(town: Town) -> None:
    ada, project_id, found = await carried(town)
    await number(town, found)
    other = await town.deposit(ada)
    await give(ada, other, "lead", found)
    await town.connection.execute(
        "insert into decision (round_id, project_id, agreed, agreed_at)"
        " values (gen_random_uuid(), $1, $2, now())",
        other,
        296_000_01,
    )
    officer = await town.officer(Role.INSTRUCTOR)
    seen = await clear(officer, project_id, found)
    assert seen.status == 422, "the page says beside the form what is wrong"
    assert not await events(town, "carrier-cleared")
    await town.connection.execute(
        "update decision set agreed = agreed - 1 where project_id = $1", other
    )
    assert (await clear(officer, project_id, found)).status == 200
    [cleared] = await events(town, "carrier-cleared")
    assert cleared["de_minimis"] == 0, "whoever signs adds up what was signed here"


async def test_of_what_was_signed_here_counts_what_it_still_gives(town: Town, inbox: Inbox) -> None:
    """What was lowered and what lapsed does not count, and nothing of a rehearsal or of a round
    that was annulled."""
    ada, project_id, found = await carried(town)
    await number(town, found)
    other = await town.deposit(ada)
    await give(ada, other, "lead", found)
    of: dict[str, Any] = {"round_id": uuid4(), "option_id": other, "officers": (uuid4(), uuid4())}
    officer = await town.officer(Role.INSTRUCTOR)

    async def count() -> int:
        async with database(town) as replica, replica.begin() as session:
            return sum(each.amount for each in await granted(session, found, project_id))

    await inbox.handle(delivered(AgreementSigned.model_validate(of | {"amount": 299_000_00})))
    assert await count() == 299_000_00
    assert (await clear(officer, project_id, found)).status == 422
    lowered = {"before": 299_000_00, "amount": 200_000_00, "spent": 1}
    await inbox.handle(delivered(GrantReduced.model_validate(of | lowered)))
    assert await count() == 200_000_00
    lapsed = {"left": 50_000_00, "ground": "renounced"}
    await inbox.handle(delivered(GrantLapsed.model_validate(of | lapsed)))
    assert await count() == 150_000_00
    assert (await clear(officer, project_id, found)).status == 200
    real = await town.publish(rehearsal=False)
    await town.connection.execute(
        "update programme set rules = (select rules from programme where programme_id = $1)"
        " where programme_id = $2",
        town.programme_id,
        real,
    )
    move = "update idea set programme_id = $1 where project_id = $2"
    await town.connection.execute(move, real, other)
    assert await count() == 0
    await town.connection.execute(move, real, project_id)
    assert await count() == 150_000_00
    why = {"reason": "court-ruling", "act": "TA Lille, no. 2609876", "officers": of["officers"]}
    annulled = RoundAnnulled.model_validate({"round_id": of["round_id"], **why})
    await inbox.handle(delivered(annulled))
    assert await count() == 0


async def test_what_was_counted_for_an_agreement_is_not_declared_otherwise_before_it(
    town: Town,
) -> None:
    """Neither by its carrier nor by an officer, until the clearance is taken back or used."""
    ada, project_id, found = await carried(town)
    await number(town, found)
    own, page = f"/organisations/{found}", f"/desk/projects/{project_id}/carriers"
    aid = {"granted_on": "2025-12-24", "amount": "1 000", "granted_by": "Région"}
    officer = await town.officer(Role.INSTRUCTOR)
    await ada.fill(own, f"{own}/aids", **aid)
    row = await town.connection.fetchval("select aid_id from aid where organisation_id = $1", found)
    await clear(officer, project_id, found)
    before = await town.snapshot()
    for who, of in ((ada, own), (officer, f"/desk/projects/{project_id}")):
        for path, said in ((f"{of}/aids", aid), (f"{of}/aids/{row}/remove", {})):
            sent = await town.send(who, path, **said, reason="Sa lettre.")
            assert code(sent) == (409, "aids_counted"), path
    assert await town.snapshot() == before
    await officer.fill(page, f"{page}/{found}/withdraw", reason="Une aide manque.")
    assert (await ada.fill(own, f"{own}/aids", **aid)).status == 200
    await clear(officer, project_id, found)
    await town.connection.execute(
        "update idea set stage = 'agreement' where project_id = $1", project_id
    )
    assert (await ada.fill(own, f"{own}/aids", **aid)).status == 200, "and for the next agreement"


async def test_an_officer_enters_and_takes_back_an_aid_with_a_reason_for_everybody(
    town: Town,
) -> None:
    """Without it one act less would let a carrier below the ceiling, and nobody would know."""
    _, project_id, found = await carried(town)
    officer = await town.officer(Role.INSTRUCTOR)
    page, form = f"/desk/projects/{project_id}/carriers", f"/desk/projects/{project_id}/aids"
    aid = {"granted_on": "2025-12-24", "amount": "1 000,50", "granted_by": "Région"}
    refused = await officer.fill(page, form, **aid)
    assert refused.status == 422 and not await events(town, "aid-entered")
    assert refused.fields(form)["amount"] == "1 000,50"
    assert (await officer.fill(page, form, **aid, reason="Sa lettre de mars.")).status == 200
    [entered] = await events(town, "aid-entered")
    said = (entered["amount"], entered["granted_on"], entered["carrier_id"])
    assert said == (100_050, "2025-12-24", str(found))
    assert await words(town, entered["reason"]) == "Sa lettre de mars."
    [remove] = [each for each in (await officer.get(page)).forms() if each.endswith("/remove")]
    seen = await officer.fill(page, remove)
    assert seen.status == 422 and "Région" in seen.words() and remove in seen.forms()
    assert (await officer.fill(page, remove, reason="Saisie deux fois.")).status == 200
    [removed] = await events(town, "aid-removed")
    assert removed["officer"] == entered["officer"] and removed["amount"] == 100_050
    assert await words(town, removed["reason"]) == "Saisie deux fois."
    await town.send(officer, remove, reason="Encore.")
    assert len(await events(town, "aid-removed")) == 1
    life = (await town.browser().get(f"/projects/{project_id}")).words()
    assert "entered 1 000.50 €" in life or "1 000,50 €" in life, life
    assert "Sa lettre de mars." in life and "Saisie deux fois." in life


async def test_for_a_sponsored_person_her_sponsor_is_found_in_order(town: Town) -> None:
    ada = town.browser()
    project_id, found = await town.deposit(ada), await declare(ada, siret="", rna="")
    await number(town, found)
    await say(town, Submitting(sponsored=("person",)), WHOLE)
    await give(ada, project_id, "sponsor", found)
    await filed(town, project_id)
    officer = await town.officer(Role.INSTRUCTOR)
    assert (await clear(officer, project_id, found)).status == 200
    assert await lacks(town, project_id) == ()
    page = f"/desk/projects/{project_id}/carriers"
    ask = f"{page}/{found}/ask"
    assert ask not in (await officer.get(page)).forms(), "nothing is missing"


async def test_a_carrier_is_mailed_what_is_missing(town: Town) -> None:
    _, project_id, found = await carried(town)
    officer = await town.officer(Role.INSTRUCTOR)
    page = f"/desk/projects/{project_id}/carriers"
    seen = await officer.fill(page, f"{page}/{found}/ask")
    assert "told what is missing" in seen.words()
    [told] = await town.told("clearance-missing")
    assert told.contact.address == "ada@example.org"
    assert "SIRET" in str(told.values["missing"])
    [asked] = await events(town, "carrier-asked")
    assert asked["carrier_id"] == str(found) and "identifier" in asked["missing"]
    words = (await town.browser().get(f"/projects/{project_id}")).words()
    assert "asked its carrier for what is missing" in words and "its SIRET or RNA number" in words

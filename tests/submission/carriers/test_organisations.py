"""Organisations and their parts in projects, through the pages of whoever carries them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from comptoir.browser import Browser
from shared.events.scheme import Submitting
from shared.people import Role
from submission.carriers.organisations.declaring import Declared
from submission.carriers.organisations.keeping import keep_many
from tests.submission.carrying import (
    ASSOCIATION,
    RNA,
    SIRET,
    SSE,
    code,
    database,
    declare,
    deposit,
    events,
    filed,
    funded,
    give,
    resident,
    say,
    words,
)
from tests.submission.proposing import DOSSIER, Town


async def leads(town: Town, project_id: UUID) -> list[tuple[str, bool]]:
    """The types of who was the lead, and whether each still is."""
    rows = await town.connection.fetch(
        "select type, left_at is null as here from carriage where project_id = $1"
        " and part = 'lead' order by place",
        project_id,
    )
    return [(row["type"], row["here"]) for row in rows]


async def test_an_organisation_is_declared_once_and_carries_several_projects(town: Town) -> None:
    ada = town.browser()
    one, two = await town.deposit(ada), await town.deposit(ada, title="Un rucher")
    found = await declare(ada, founded_on="2020-05-04", seat="artois", **SSE)
    for project_id in (one, two):
        assert (await give(ada, project_id, "lead", found)).status == 200
        assert await leads(town, project_id) == [("person", False), ("association", True)]
    [first, second] = await events(town, "carrier-joined")
    assert first | {"project_id": str(two)} == second
    assert first["carrier_id"] == str(found)
    assert (first["part"], first["carrier_type"]) == ("lead", "association")
    assert (first["founded_on"], first["seat"], first["sse_until"]) == (
        *("2020-05-04", "artois"),
        SSE["sse_until"],
    )
    assert await words(town, first["sse"]) == SSE["sse"]
    assert await words(town, first["name"]) == ASSOCIATION["name"]
    assert await words(town, first["siret"]) == SIRET
    page = (await town.browser().get(f"/projects/{one}")).words()
    assert "Les Amis du verger carries it, and answers for it." in page
    assert "2 projects" in (await ada.get("/organisations/mine")).words()


async def test_another_resident_takes_it_by_its_number_and_changes_nothing(town: Town) -> None:
    ada, ben = town.browser(), town.browser()
    await town.deposit(ada)
    hers = await declare(ada, rna=RNA)
    his = await town.deposit(ben, "ben@example.org")
    seen = await give(ben, his, "sponsor", "w 622 000 001")
    assert seen.status == 200
    assert "sponsors its carrier" in seen.words()
    for path in (f"/organisations/{hers}", f"/organisations/{hers}/erase"):
        sent = await town.send(ben, path, **ASSOCIATION)
        assert code(sent) == (404, "organisation_unknown")
    assert code(await town.send(ben, "/organisations/new", **ASSOCIATION)) == (409, "number_taken")


async def test_what_changes_of_it_is_said_again_of_each_part(town: Town) -> None:
    ada = town.browser()
    one, two = await town.deposit(ada), await town.deposit(ada)
    found = await declare(ada)
    await give(ada, one, "lead", found)
    await give(ada, two, "host", found)
    before = await events(town, "carrier-joined")
    form = f"/organisations/{found}"
    await ada.fill(form, form, branch="artois")
    assert await events(town, "carrier-joined") == before, "branches are on no record"
    await ada.fill(form, form, name="Les Amies du verger", **SSE)
    again = (await events(town, "carrier-joined"))[2:]
    assert {(each["project_id"], each["part"]) for each in again} == {
        (str(one), "lead"),
        (str(two), "host"),
    }
    assert {each["sse_until"] for each in again} == {SSE["sse_until"]}
    assert await words(town, again[0]["name"]) == "Les Amies du verger"
    assert again[0]["siret"] == before[0]["siret"], "what did not change keeps its commitment"


async def test_a_second_window_is_shown_what_the_first_said_of_an_organisation(town: Town) -> None:
    ada = town.browser()
    await town.deposit(ada)
    found = await declare(ada)
    form = f"/organisations/{found}"
    one, other = await ada.get(form), await ada.get(form)
    assert (await ada.fill(one, form, name="Les Amies du verger", seat="artois")).status == 200
    before = await town.snapshot()
    sent = await town.send(ada, form, **ASSOCIATION, shown=other.fields(form)["shown"])
    assert code(sent) == (409, "changed_meanwhile")
    seen = await ada.fill(other, form, name="Le verger", founded_on="2001-02-03")
    assert seen.status == 409, seen.text
    for each in ("Its name Les Amies du verger Les Amis du verger", "Its seat is in Artois —"):
        assert each in seen.words(), seen.words()
    fields = seen.fields(form)
    assert (fields["name"], fields["seat"], fields["founded_on"]) == ("Le verger", "", "2001-02-03")
    assert await town.snapshot() == before
    assert (await ada.fill(seen, form)).status == 200
    assert (await ada.get(form)).fields(form)["name"] == "Le verger"


async def test_a_part_is_left_with_a_reason_that_everybody_reads(town: Town) -> None:
    ada = town.browser()
    project_id, found = await town.deposit(ada), await declare(ada)
    await give(ada, project_id, "research-partner", found)
    page = f"/projects/{project_id}/carriers"
    seen = await ada.fill(page, f"{page}/{found}/leave", reason="")
    assert seen.status == 422
    assert not await events(town, "carrier-left")
    await ada.fill(page, f"{page}/{found}/leave", reason="L'étude est rendue.")
    [left] = await events(town, "carrier-left")
    assert (left["part"], await words(town, left["reason"])) == (
        *("research-partner",),
        "L'étude est rendue.",
    )
    assert "L'étude est rendue." in (await ada.get(f"/projects/{project_id}")).text.replace(
        "&#39;", "'"
    )
    assert (await give(ada, project_id, "research-partner", found)).status == 200, "and taken again"


async def test_who_deposits_for_an_association_is_its_lead_by_it(town: Town) -> None:
    person = await resident(town, "ada@example.org")
    async with database(town) as replica:
        one = await deposit(replica, town, person, carrier_type="collective", name="Les voisins")
        two = await deposit(replica, town, person, carrier_type="collective", name="Les voisins")
        alone = await deposit(replica, town, person)
    joined = await events(town, "carrier-joined")
    assert [each["project_id"] for each in joined] == [str(one), str(two)]
    assert joined[0]["carrier_id"] == joined[1]["carrier_id"], "declared once"
    assert await leads(town, one) == [("collective", True)]
    assert await leads(town, alone) == [("person", True)], "which the idea says"
    persons = await town.connection.fetch(
        "select carrier_id, resident from carriage where project_id = $1", alone
    )
    assert [row["resident"] for row in persons] == [person]
    assert persons[0]["carrier_id"] != person, "the record names no resident"


REFUSED: dict[str, tuple[int, str]] = {
    "a part that nobody has": (422, "part_refused"),
    "a collective as a sponsor": (422, "part_refused"),
    "the same part twice": (409, "joined_before"),
    "a number that is none": (422, "siret_refused"),
    "a number that nobody has": (404, "organisation_unknown"),
    "another's organisation": (404, "organisation_unknown"),
    "another's project": (404, "project_unknown"),
    "a status that the charter has not": (422, "carrier_status_refused"),
    "the lead leaves": (409, "lead_fixed"),
    "another lead once the dossier is filed": (409, "lead_fixed"),
    "a part of a project that is decided": (409, "already_decided"),
    "a lead that the charter does not take": (422, "carrier_type_refused"),
    "the only sponsor leaves a filed dossier": (409, "sponsor_missing"),
    "a type that changes while it carries": (409, "organisation_carries"),
    "erased while it carries": (409, "organisation_carries"),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_refused_changes_nothing(town: Town, what: str) -> None:
    ada, ben = town.browser(), town.browser()
    project_id, other = await town.deposit(ada), await town.deposit(ben, "ben@example.org")
    found, path = await declare(ada), f"/projects/{project_id}/carriers"
    said = {"part": "joint", "organisation": str(found)}
    match what:
        case "a part that nobody has":
            said["part"] = "owner"
        case "a collective as a sponsor":
            of = await declare(ada, type="collective", siret="")
            said |= {"part": "sponsor", "organisation": str(of)}
        case "the same part twice":
            await give(ada, project_id, "joint", found)
        case "a number that is none":
            said["number"] = "73282932000075"
        case "a number that nobody has":
            said["number"] = "44306184100047"
        case "another's organisation":
            said["organisation"] = str(await declare(ben, siret=""))
        case "another's project":
            path = f"/projects/{other}/carriers"
        case "a status that the charter has not":
            said["status"] = "guild"
        case "the lead leaves":
            await give(ada, project_id, "lead", found)
            path += f"/{found}/leave"
            said = {"part": "lead", "reason": "Pourquoi pas."}
        case "another lead once the dossier is filed":
            await give(ada, project_id, "lead", found)
            await filed(town, project_id)
            said = {"part": "lead", "organisation": str(await declare(ada, siret="", name="Autre"))}
        case "a part of a project that is decided":
            await filed(town, project_id)
            await town.connection.execute(
                "update project set refused = true, reason = title where project_id = $1",
                project_id,
            )
        case "a lead that the charter does not take":
            await say(town, Submitting(dossiers_by=("municipality",)))
            await filed(town, project_id)
            said["part"] = "lead"
        case "the only sponsor leaves a filed dossier":
            await say(town, Submitting(sponsored=("person",)))
            await give(ada, project_id, "sponsor", found)
            await filed(town, project_id)
            path += f"/{found}/leave"
            said = {"part": "sponsor", "reason": "Elle ne peut plus."}
        case "a type that changes while it carries":
            await give(ada, project_id, "lead", found)
            path = f"/organisations/{found}"
            shown = await town.carried(ada, path, path)
            said = ASSOCIATION | {"type": "cooperative"} | shown
        case "erased while it carries":
            await give(ada, project_id, "lead", found)
            path, said = f"/organisations/{found}/erase", {}
    before = await town.snapshot()
    assert code(await town.send(ada, path, **said)) == REFUSED[what]
    assert await town.snapshot() == before


async def reviewed(town: Town) -> tuple[Browser, UUID]:
    """A person's dossier, found complete without the statutes that only an association has."""
    await town.connection.execute(
        "update programme set rules = jsonb_set(rules, '{documents}', (select jsonb_agg(case"
        """ when d ->> 'name' = 'statutes' then d || '{"of": ["association"]}' else d end)"""
        " from jsonb_array_elements(rules -> 'documents') d)) where programme_id = $1",
        town.programme_id,
    )
    ada = town.browser()
    project_id = await town.deposit(ada)
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    said = {name: words for name, words in DOSSIER.items() if name != "document-statutes"}
    assert (await town.file(ada, project_id, **said, **{"document-statutes": ""})).status == 200
    seen = await town.review(await town.officer(Role.COMMITTEE), project_id)
    assert seen.status == 200, seen.words()
    return ada, project_id


async def dossier_of(town: Town, project_id: UUID) -> dict[str, object]:
    row = await town.connection.fetchrow(
        "select p.carrier_id, p.carrier_type, p.missing, p.revision, i.stage"
        " from project p join idea i using (project_id) where project_id = $1",
        project_id,
    )
    assert row is not None
    return dict(row)


async def test_another_lead_is_the_carrier_of_the_dossier_which_is_looked_at_again(
    town: Town,
) -> None:
    ada, project_id = await reviewed(town)
    before = await dossier_of(town, project_id)
    assert (before["carrier_type"], before["missing"], before["stage"]) == (
        *("person", []),
        "complete",
    )
    found = await declare(ada)
    assert (await give(ada, project_id, "lead", found)).status == 200
    assert await dossier_of(town, project_id) == {
        "carrier_id": found,
        "carrier_type": "association",
        "missing": None,
        "revision": 2,
        "stage": "dossier",
    }
    assert (await town.events())[-2:] == ["carrier-joined", "dossier-amended"]
    [filed_], [amended] = [await events(town, f"dossier-{kind}") for kind in ("filed", "amended")]
    changed = {"carrier_id": str(found), "carrier_type": "association", "revision": 2}
    assert amended == filed_ | changed, "its words and its sums are those of before"
    seen = await town.review(await town.officer(Role.COMMITTEE), project_id)
    assert seen.status == 409, "an association has statutes"
    page = f"/projects/{project_id}/dossier"
    assert (await ada.fill(page, page, **{"document-statutes": "yes"})).status == 200
    assert (await events(town, "dossier-amended"))[-1]["carrier_type"] == "association"
    assert (await town.review(await town.officer(Role.COMMITTEE), project_id)).status == 200


async def test_the_lead_of_a_dossier_stays_once_no_dossier_can_be_changed(town: Town) -> None:
    ada, project_id = await reviewed(town)
    found = await declare(ada)
    await town.set_phase("dossiers", "closed")
    before = await town.snapshot()
    said = {"part": "lead", "organisation": str(found)}
    path = f"/projects/{project_id}/carriers"
    assert code(await town.send(ada, path, **said)) == (409, "phase_not_open")
    assert await town.snapshot() == before
    assert (await town.send(ada, path, **said | {"part": "joint"})).status == 200
    kept = await dossier_of(town, project_id)
    await town.connection.execute(
        "update idea set stage = 'funded' where project_id = $1", project_id
    )
    assert (await town.send(ada, path, **said)).status == 200, "the one that signs for a person"
    assert await leads(town, project_id) == [("person", False), ("association", True)]
    assert await dossier_of(town, project_id) == kept | {"stage": "funded"}


SPONSORED = Submitting(
    sponsored=("person",), seat="seat", minimum_years=1, sse=True, barred_years=2
)
SPONSOR = {"seat": "artois", "founded_on": "2019-05-01", "siret": "", **SSE}


async def sponsored(town: Town) -> tuple[Browser, UUID, UUID]:
    """A person's dossier, found complete with a sponsor that is as the charter asks."""
    ada, project_id = await reviewed(town)
    await say(town, SPONSORED)
    first = await declare(ada, **SPONSOR, name="Première caution")
    await town.connection.execute(
        "insert into carriage (project_id, carrier_id, part, type, organisation_id, joined_at)"
        " values ($1, $2, 'sponsor', 'association', $2, now())",
        project_id,
        first,
    )
    return ada, project_id, first


@pytest.mark.parametrize(
    ("of", "refused"),
    [
        ({"seat": ""}, "seat_elsewhere"),
        ({"founded_on": f"{datetime.now(UTC).date() - timedelta(days=2)}"}, "carrier_too_young"),
        ({"sse": ""}, "sse_missing"),
        ({"sse_until": ""}, "sse_missing"),
        ({"name": "Lauréate"}, "earlier_winner"),
    ],
)
@pytest.mark.parametrize("stage", ["complete", "funded"])
async def test_another_sponsor_of_a_filed_dossier_is_as_the_charter_asks(
    town: Town, of: dict[str, str], refused: str, stage: str
) -> None:
    ada, project_id, first = await sponsored(town)
    second = await declare(ada, **(SPONSOR | {"name": "Autre caution"} | of))
    if refused == "earlier_winner":
        earlier = await town.deposit(ada)
        await give(ada, earlier, "sponsor", second)
        await funded(town, earlier)
    await town.connection.execute(
        "update idea set stage = $2 where project_id = $1", project_id, stage
    )
    before, path = await town.snapshot(), f"/projects/{project_id}/carriers"
    said = {"part": "sponsor", "organisation": str(second)}
    assert code(await town.send(ada, path, **said)) == (409, refused)
    assert await town.snapshot() == before
    # One that was there before anybody asked it anything does not answer in its turn either.
    await town.connection.execute(
        "insert into carriage (project_id, carrier_id, part, type, organisation_id, joined_at)"
        " values ($1, $2, 'sponsor', 'association', $2, now())",
        project_id,
        second,
    )
    before = await town.snapshot()
    left = await town.send(ada, f"{path}/{first}/leave", part="sponsor", reason="Elle part.")
    assert code(left) == (409, refused)
    assert await town.snapshot() == before


async def test_another_sponsor_makes_an_officer_look_again_while_dossiers_can_be_changed(
    town: Town,
) -> None:
    ada, project_id, first = await sponsored(town)
    second = await declare(ada, **SPONSOR, name="Autre caution")
    before, path = await dossier_of(town, project_id), f"/projects/{project_id}/carriers"
    assert (await give(ada, project_id, "sponsor", second)).status == 200
    looked = before | {"missing": None, "stage": "dossier"}
    assert await dossier_of(town, project_id) == looked | {"revision": 2}
    assert (await town.events())[-2:] == ["carrier-joined", "dossier-amended"]
    assert (await town.review(await town.officer(Role.COMMITTEE), project_id)).status == 200
    leave = {"part": "sponsor", "reason": "Elle ne peut plus."}
    assert (await town.send(ada, f"{path}/{first}/leave", **leave)).status == 200
    assert await dossier_of(town, project_id) == looked | {"revision": 3}
    await town.set_phase("dossiers", "closed")
    said = {"part": "sponsor", "organisation": str(first)}
    for to, form in ((path, said), (f"{path}/{second}/leave", leave)):
        assert code(await town.send(ada, to, **form)) == (409, "phase_not_open")
    assert (await town.send(ada, path, **said | {"part": "host"})).status == 200
    await town.connection.execute(
        "update idea set stage = 'funded' where project_id = $1", project_id
    )
    assert (await town.send(ada, path, **said)).status == 200, "the one that signs"
    assert await dossier_of(town, project_id) == looked | {"revision": 3, "stage": "funded"}


async def test_organisations_of_a_file_are_kept_once_and_never_changed(town: Town) -> None:
    one = Declared("association", "Les Amis du verger", siret=SIRET, seat="artois")
    two = Declared("collective", "Les voisins")
    async with database(town) as replica:
        async with replica.begin() as session:
            first = await keep_many(session, [one, two, one])
        async with replica.begin() as session:
            other = Declared("association", "Un autre nom", siret=SIRET)
            second = await keep_many(session, [one, other])
    assert [each.outcome for each in first] == ["new", "new", "known"]
    assert [each.outcome for each in second] == ["known", "different"]
    assert {each.organisation_id for each in second} == {first[0].organisation_id}
    name = await town.connection.fetchval(
        "select t.value from organisation o join text t on t.content_id = o.name where siret = $1",
        SIRET,
    )
    assert name == "Les Amis du verger"

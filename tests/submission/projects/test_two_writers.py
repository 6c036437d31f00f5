"""One dossier, two writers: the second is told, with both versions; and what a plan's form does."""

import json
from uuid import UUID

import pytest

from comptoir.browser import Browser
from shared.events.scheme import Grant
from shared.people import Role
from tests.submission.documents import files
from tests.submission.documents.attaching import filed
from tests.submission.planned import CATEGORIES, COSTS, GRANT, PLAN, PRINCIPLES, THEMES, begin
from tests.submission.proposing import DOSSIER, IDEA, Town


async def guided(town: Town) -> tuple[Browser, UUID]:
    """A carrier whose idea was guided."""
    ada = town.browser()
    project_id = await town.deposit(ada)
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    return ada, project_id


async def test_the_second_writer_sees_both_versions_and_nothing_is_recorded(town: Town) -> None:
    ada, project_id = await guided(town)
    form = f"/projects/{project_id}/dossier"
    await town.file(ada, project_id)
    mine, theirs = await ada.get(form), await ada.get(form)
    assert (await ada.fill(theirs, form, cost="3 000")).path == f"/projects/{project_id}"
    before = await town.snapshot()
    seen = await ada.fill(mine, form, cost="2 000", title="Un grand verger")
    assert seen.status == 409, seen.text
    words = seen.words()
    for said in ("3000", "2 000", "Un verger partagé", "Un grand verger", "Nothing was recorded"):
        assert said in words, said
    assert await town.snapshot() == before
    seen = await ada.fill(seen, form)
    assert seen.path == f"/projects/{project_id}" and "Un grand verger" in seen.text
    row = await town.connection.fetchrow(
        "select cost, revision from project where project_id = $1", project_id
    )
    assert row is not None and tuple(row) == (200_000, 3)


async def test_a_program_is_told_by_a_code(town: Town) -> None:
    ada, project_id = await guided(town)
    await town.file(ada, project_id)
    path = f"/projects/{project_id}/dossier"
    for revision in ("0", "2", "", "x"):
        said = DOSSIER | {"cost": "3 000", "revision": revision}
        seen = await town.send(ada, path, **said)
        assert (seen.status, json.loads(seen.text)["code"]) == (409, "changed_meanwhile")


async def test_an_officer_finds_complete_what_she_was_shown_and_nothing_newer(town: Town) -> None:
    ada, project_id = await guided(town)
    await town.file(ada, project_id, cost="4 500")
    officer, desk = await town.officer(Role.INSTRUCTOR), f"/desk/projects/{project_id}"
    read = await officer.get(desk)
    await town.file(ada, project_id, cost="20 000", summary="Une halle.\nEt un <b>parking</b>.")
    before = await town.snapshot()
    said = {"shown": read.fields(f"{desk}/review")["shown"]}
    seen = await town.send(officer, f"{desk}/review", **said)
    assert (seen.status, json.loads(seen.text)["code"]) == (409, "changed_meanwhile")
    seen = await officer.fill(read, f"{desk}/review")
    assert seen.status == 409, seen.text
    words = seen.words()
    for each in ("4500", "20000", "quarante arbres", "Une halle", "Nothing was recorded"):
        assert each in words, each
    assert "<b>parking" not in seen.text
    assert await town.snapshot() == before
    assert (await officer.fill(seen, f"{desk}/review")).status == 200
    assert (await town.events())[-1] == "dossier-reviewed"


async def test_a_file_that_is_swapped_is_not_the_one_that_an_officer_was_shown(town: Town) -> None:
    dossier = await filed(town)
    await dossier.attach(files.pdf(1), called="devis.pdf")
    officer, desk = await town.officer(Role.COMMITTEE), f"/desk/projects/{dossier.project_id}"
    read = await officer.get(desk)
    again = await officer.get(desk)
    await dossier.attach(files.pdf(2), called="devis.pdf", replaces="yes")
    before = await town.snapshot()
    seen = await officer.fill(read, f"{desk}/review")
    assert seen.status == 409, seen.text
    assert seen.words().count("devis.pdf") == 2, "both, with what tells one from the other"
    assert await town.snapshot() == before
    [row] = await dossier.ids()
    page = dossier.page
    await dossier.carrier.fill(page, f"{page}/{row}/withdraw")
    assert (await officer.fill(again, f"{desk}/review")).status == 409
    fresh = await officer.get(desk)
    assert (await officer.fill(fresh, f"{desk}/review")).status == 200


async def test_an_officer_is_told_what_another_one_found_meanwhile(town: Town) -> None:
    ada, project_id = await guided(town)
    await town.file(ada, project_id)
    one, other = await town.officer(Role.INSTRUCTOR), await town.officer(Role.COMMITTEE)
    desk = f"/desk/projects/{project_id}"
    read = await other.get(desk)
    assert (await town.review(one, project_id, "budget")).status == 200
    before = await town.snapshot()
    said = {"shown": read.fields(f"{desk}/review")["shown"]}
    seen = await town.send(other, f"{desk}/review", **said)
    assert (seen.status, json.loads(seen.text)["code"]) == (409, "changed_meanwhile")
    seen = await other.fill(read, f"{desk}/review")
    assert seen.status == 409, seen.text
    words = seen.words()
    assert "What was found in it dossier to complete —" in words, words
    assert "Missing: Provisional budget of the project ticked —" in words, words
    assert await town.snapshot() == before
    kept = {n: v for n, v in seen.fields(f"{desk}/review").items() if n != "missing-budget"}
    assert (await other.post(f"{desk}/review", kept)).status == 200
    assert (await town.events())[-2:] == ["dossier-reviewed"] * 2


@pytest.mark.parametrize("act", ["label", "refuse"])
async def test_a_member_decides_what_she_was_shown_and_nothing_newer(town: Town, act: str) -> None:
    ada, project_id = await guided(town)
    await town.file(ada, project_id)
    member, desk = await town.officer(Role.COMMITTEE), f"/desk/projects/{project_id}"
    assert (await town.review(member, project_id)).status == 200
    form, said = f"{desk}/{act}", {"family": "cooperation", "reason": "Rien ne dit où."}
    read = await member.get(desk)
    await town.file(ada, project_id, summary="Au bord du canal, à Arras.")
    assert (await town.review(await town.officer(Role.INSTRUCTOR), project_id)).status == 200
    before = await town.snapshot()
    for shown in ({}, {"shown": read.fields(form)["shown"]}):
        seen = await town.send(member, form, **said, **shown)
        assert (seen.status, json.loads(seen.text)["code"]) == (409, "changed_meanwhile")
    seen = await member.fill(read, form, **said)
    assert seen.status == 409, seen.text
    for each in ("quarante arbres", "Au bord du canal", "Nothing was recorded", "Rien ne dit où."):
        assert each in seen.words(), each
    assert await town.snapshot() == before
    assert (await member.fill(seen, form, **said)).status == 200
    assert (await town.events())[-1] in ("project-labelled", "label-refused")


async def test_a_form_that_is_refused_says_too_that_it_shows_something_older(town: Town) -> None:
    ada, project_id = await guided(town)
    await town.file(ada, project_id)
    member, desk = await town.officer(Role.COMMITTEE), f"/desk/projects/{project_id}"
    assert (await town.review(member, project_id)).status == 200
    read = await member.get(desk)
    await town.file(ada, project_id, summary="Au bord du canal, à Arras.")
    seen = await member.fill(read, f"{desk}/refuse", reason="")
    assert seen.status == 409 and "Au bord du canal" in seen.words(), "else it is sent as read"


async def test_who_writes_what_the_dossier_says_already_is_told_nothing(town: Town) -> None:
    ada, project_id = await guided(town)
    await town.file(ada, project_id)
    events = await town.events()
    assert (await town.send(ada, f"/projects/{project_id}/dossier", **DOSSIER)).status == 200
    assert await town.events() == events


async def test_a_dossier_says_its_plan_theme_category_and_principles_in_its_event(
    town: Town,
) -> None:
    await begin(
        town,
        costs=COSTS,
        grant=GRANT,
        themes=THEMES,
        categories=CATEGORIES,
        principles=PRINCIPLES,
    )
    ada = town.browser()
    start = f"/programmes/{town.programme_id}/deposit"
    seen = await ada.fill(start, start, **IDEA)
    seen = await ada.fill(seen, f"{start}/where", territory="artois")
    assert seen.status == 422 and "Choose one of the themes" in seen.words()
    seen = await ada.fill(
        seen, f"{start}/where", territory="artois", theme="food", category="youth"
    )
    seen = await ada.fill(
        seen, f"{start}/who", name="Ada", language="fr", address="ada@example.org"
    )
    link = await town.link("ada@example.org")
    shown = await ada.get(link)
    assert "Food" in shown.words() and "Youth" in shown.words()
    project_id = UUID((await ada.fill(shown, link)).path.removeprefix("/projects/"))
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    form = f"/projects/{project_id}/dossier"
    fields = (await ada.get(form)).fields(form)
    assert (fields["theme"], fields["category"]) == ("food", "youth")
    seen = await town.file(ada, project_id, **PLAN)
    assert seen.status == 422 and "principles" in seen.words()
    seen = await ada.fill(seen, form, **{"principle-local": "yes"})
    assert seen.path == f"/projects/{project_id}", seen.text
    body = json.loads(
        await town.connection.fetchval(
            "select body from outbox where type = 'submission.dossier-filed.v1' and id > $1",
            town.since,
        )
    )
    assert body["costs"] == [
        {"kind": "equipment", "amount": 300_000},
        {"kind": "services", "amount": 200_000},
    ]
    assert body["income"] == [
        {"source": "asked", "amount": 400_000},
        {"source": "own", "amount": 100_000},
    ]
    assert (body["theme"], body["category"], body["principles"]) == ("food", "youth", ["local"])
    assert (body["revision"], body["charter_version"]) == (1, 1)
    for reader, page in (
        (town.browser(), f"/projects/{project_id}"),
        (await town.officer(Role.INSTRUCTOR), f"/desk/projects/{project_id}"),
    ):
        words = (await reader.get(page)).words()
        assert "Equipment" in words and "Own money" in words and "Food" in words
    kept = (await ada.get(form)).fields(form)
    assert {name: kept[name] for name in ("cost-kind-2", "cost-amount-2")} == {
        "cost-kind-2": "services",
        "cost-amount-2": "2000",
    }
    assert (await ada.fill(form, form)).status == 200
    assert (await town.events())[-1] == "dossier-filed", "what is so already changes nothing"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"income-own": "999"}, "plan_unbalanced"),
        ({"cost-kind-1": "consumables"}, "cost_excluded"),
        ({"cost-kind-1": "wages"}, "cost_kind_refused"),
        ({"cost": "4 001", "income-own": "999"}, "over_rate"),
    ],
)
async def test_a_plan_that_is_refused_is_not_recorded(
    town: Town, said: dict[str, str], code: str
) -> None:
    await begin(town, costs=COSTS, grant=Grant(percent=80))
    ada, project_id = await guided(town)
    before = await town.snapshot()
    seen = await town.send(ada, f"/projects/{project_id}/dossier", **(DOSSIER | PLAN | said))
    assert (seen.status, json.loads(seen.text)["code"]) == (422, code)
    assert await town.snapshot() == before
    seen = await town.file(ada, project_id, **(PLAN | said))
    assert seen.status == 422 and "Nothing was sent yet" in seen.words()


async def test_more_lines_are_shown_with_what_was_written_and_nothing_is_recorded(
    town: Town,
) -> None:
    await begin(town, costs=COSTS)
    ada, project_id = await guided(town)
    form = f"/projects/{project_id}/dossier"
    before = await town.snapshot()
    seen = await ada.fill(form, form, **PLAN, title="Autrement", more="yes")
    fields = seen.fields(form)
    assert "cost-amount-20" in fields and "cost-amount-21" not in fields
    assert (fields["title"], fields["cost-amount-1"]) == ("Autrement", "3 000")
    assert await town.snapshot() == before

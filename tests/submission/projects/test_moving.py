"""Projects are withdrawn, suspended, merged and split through the pages of who may do it."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from comptoir.browser import Browser
from shared.people import Role
from tests.submission.proposing import DOSSIER, REASON, Town

TITLES = {"title-1": "Un verger", "title-2": "Un rucher"}


async def standing(town: Town, project_id: UUID) -> str:
    """How a project stands."""
    found: str = await town.connection.fetchval(
        "select standing from idea where project_id = $1", project_id
    )
    return found


async def bodies(town: Town, kind: str) -> list[dict[str, Any]]:
    """What was announced of a type in this edition."""
    rows = await town.connection.fetch(
        "select body from outbox where type = $1 and id > $2 order by id",
        f"submission.{kind}.v1",
        town.since,
    )
    return [json.loads(row["body"]) for row in rows]


async def idea(town: Town, address: str = "ada@example.org", **said: str) -> tuple[Browser, UUID]:
    """Somebody with an idea."""
    carrier = town.browser()
    return carrier, await town.deposit(carrier, address, **said)


async def support(town: Town, address: str, *projects: UUID) -> Browser:
    """Somebody who carries an idea of her own, and supports others."""
    browser, _ = await idea(town, address, name=address.partition("@")[0].title())
    for project_id in projects:
        seen = await browser.fill(f"/projects/{project_id}", f"/projects/{project_id}/support")
        assert seen.status == 200, seen.text
    return browser


async def supporters(town: Town, project_id: UUID) -> tuple[int, int]:
    """How many are counted, and how many are known."""
    row = await town.connection.fetchrow(
        "select supporters, (select count(*) from support s where s.project_id = i.project_id)"
        " from idea i where project_id = $1",
        project_id,
    )
    assert row is not None
    return row[0], row[1]


async def merge(town: Town, officer: Browser, into: UUID, *merged: UUID) -> None:
    """Merge projects, by two officers."""
    page = f"/desk/projects/{into}/standing"
    said = {f"merged-{each}": "yes" for each in merged} | {"reason": REASON}
    seen = await officer.fill(page, f"/desk/projects/{into}/merge", **said)
    assert seen.path == page, seen.text
    await confirm(town, await town.officer(Role.INSTRUCTOR), into)


async def confirm(town: Town, officer: Browser, into: UUID) -> None:
    """Another officer confirms what waits about a project."""
    act_id = await town.connection.fetchval(
        "select act_id from act where about = $1 and state = 'waiting'", str(into)
    )
    seen = await officer.fill("/desk/acts", f"/desk/acts/{act_id}/confirm")
    assert seen.status == 200, seen.text


async def test_a_carrier_withdraws_her_project_and_everybody_reads_why(town: Town) -> None:
    ada, project_id = await idea(town)
    form = f"/projects/{project_id}/withdraw"
    assert form in (await ada.get(f"/projects/{project_id}")).text
    seen = await ada.fill(form, form, reason="Nous déménageons.")
    assert seen.path == f"/projects/{project_id}" and "is withdrawn" in seen.words()
    assert await standing(town, project_id) == "withdrawn"
    [event] = await bodies(town, "project-withdrawn")
    assert "officer" not in event
    seen = await town.browser().get(f"/projects/{project_id}")
    assert "Its carrier withdrew it: “Nous déménageons.”" in seen.words()
    [told] = await town.told("project-withdrawn")
    assert told.contact.address == "ada@example.org"
    assert told.values["reason"] == "Nous déménageons."


async def test_what_goes_no_further_takes_no_form_any_more(town: Town) -> None:
    ada, project_id = await idea(town)
    adviser, member = await town.officer(Role.ADVISER), await town.officer(Role.COMMITTEE)
    await town.guide(ada, adviser, project_id)
    await town.file(ada, project_id)
    form = f"/projects/{project_id}/withdraw"
    await ada.fill(form, form, reason=REASON)
    before = await town.snapshot()
    for sender, path, said in (
        (ada, f"/projects/{project_id}/dossier", DOSSIER | {"cost": "3 000", "revision": "1"}),
        (ada, form, {"reason": REASON}),
        (member, f"/desk/projects/{project_id}/review", {}),
        (member, f"/desk/projects/{project_id}/label", {"family": "cooperation", "reason": REASON}),
        (member, f"/desk/projects/{project_id}/refuse", {"reason": REASON}),
    ):
        seen = await town.send(sender, path, **said)
        assert (seen.status, json.loads(seen.text)["code"]) == (409, "project_not_active"), path
    assert await town.snapshot() == before


async def test_a_suspended_project_waits_and_goes_on_where_it_stood(town: Town) -> None:
    ada, project_id = await idea(town)
    officer = await town.officer(Role.INSTRUCTOR)
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    page = f"/desk/projects/{project_id}/standing"
    seen = await officer.fill(page, f"/desk/projects/{project_id}/suspend", reason=REASON)
    assert seen.path == page and await standing(town, project_id) == "suspended"
    refused = await town.send(ada, f"/projects/{project_id}/dossier", **DOSSIER)
    assert json.loads(refused.text)["code"] == "project_not_active"
    seen = await officer.fill(seen, f"/desk/projects/{project_id}/resume", reason="C’est clair.")
    assert await standing(town, project_id) == "active"
    assert (await town.file(ada, project_id)).path == f"/projects/{project_id}"
    life = (await ada.get(f"/projects/{project_id}")).words()
    assert "An officer suspended it" in life and "An officer resumed it" in life
    assert [m.name for m in await town.told()][-2:] == ["project-suspended", "project-resumed"]


async def test_a_merger_keeps_every_supporter_once_and_every_life(town: Town) -> None:
    ada, whole = await idea(town)
    bob, other = await idea(town, "bob@example.org", title="Un rucher", name="Bob")
    await support(town, "cleo@example.org", whole, other)
    await support(town, "dan@example.org", other)
    await ada.fill(f"/projects/{other}", f"/projects/{other}/support")
    assert await supporters(town, other) == (3, 3)
    lives = await town.connection.fetchval("select count(*) from project_event")
    await merge(town, await town.officer(Role.INSTRUCTOR), whole, other)
    assert await supporters(town, whole) == (2, 2), "who carries it is none of its supporters"
    assert await supporters(town, other) == (3, 3)
    assert (await standing(town, whole), await standing(town, other)) == ("active", "merged")
    assert await town.connection.fetchval("select count(*) from project_event") == lives + 2
    [event] = await bodies(town, "projects-merged")
    assert (event["project_id"], event["merged"]) == (str(whole), [str(other)])
    assert (await bodies(town, "idea-supported"))[-1]["supporters"] == 2
    seen = await bob.get(f"/projects/{other}")
    assert "It goes on as another project" in seen.words() and f"/projects/{whole}" in seen.text
    assert "Un rucher" in (await ada.get(f"/projects/{whole}")).text
    [told] = await town.told("project-merged")
    assert told.contact.address == "bob@example.org"
    assert told.values["into"] == "Un verger partagé"


async def test_supporters_who_were_forgotten_stay_counted_in_a_merger(town: Town) -> None:
    _, whole = await idea(town)
    _, other = await idea(town, "bob@example.org", name="Bob")
    cleo = await support(town, f"{uuid4().hex}@example.org", other)
    mine = (await cleo.get("/ideas/mine")).text.partition('href="/projects/')[2].partition('"')[0]
    await cleo.fill(f"/projects/{mine}/erase", f"/projects/{mine}/erase", sure="yes")
    assert await supporters(town, other) == (1, 0)
    await merge(town, await town.officer(Role.INSTRUCTOR), whole, other)
    assert await supporters(town, whole) == (1, 0)


async def test_where_the_charter_wants_two_officers_a_merger_waits_for_the_second(
    town: Town,
) -> None:
    _, whole = await idea(town)
    _, other = await idea(town, "bob@example.org", name="Bob")
    one = await town.officer(Role.INSTRUCTOR)
    page, form = f"/desk/projects/{whole}/standing", f"/desk/projects/{whole}/merge"
    await one.fill(page, form, reason=REASON, **{f"merged-{other}": "yes"})
    assert await standing(town, other) == "active"
    assert "waits for a second officer" in (await one.get(page)).words()
    await confirm(town, await town.officer(Role.INSTRUCTOR), whole)
    assert await standing(town, other) == "merged"


async def test_a_split_project_goes_on_as_ideas_of_its_carrier_with_its_supporters(
    town: Town,
) -> None:
    ada, whole = await idea(town)
    await support(town, "bob@example.org", whole)
    await town.guide(ada, await town.officer(Role.ADVISER), whole)
    officer = await town.officer(Role.INSTRUCTOR)
    page = f"/desk/projects/{whole}/standing"
    seen = await officer.fill(page, f"/desk/projects/{whole}/split", reason=REASON, **TITLES)
    assert seen.path == page, seen.text
    assert await standing(town, whole) == "split"
    [event] = await bodies(town, "project-split")
    assert len(event["into"]) == 2
    mine = (await ada.get("/ideas/mine")).words()
    assert "Un verger" in mine and "Un rucher" in mine
    for part in map(UUID, event["into"]):
        assert await supporters(town, part) == (1, 1)
        row = await town.connection.fetchrow(
            "select stage, guided, split_from from idea where project_id = $1", part
        )
        assert row is not None and tuple(row) == ("guided", True, whole)
        assert (await town.file(ada, part)).path == f"/projects/{part}"
    assert "It goes on as several projects" in (await ada.get(f"/projects/{whole}")).words()
    assert len(await town.told("project-split")) == 1


async def test_a_minors_idea_is_not_split_before_her_representative_agrees(town: Town) -> None:
    """Nobody would be asked to agree to its parts."""
    _, whole = await idea(town)
    await town.connection.execute(
        "insert into consent (project_id, token, address, language, asked_at)"
        " values ($1, $2, 'parent@example.org', 'fr', now())",
        whole,
        bytes(32),
    )
    officer, act = await town.officer(Role.INSTRUCTOR), f"/desk/projects/{whole}/split"
    refused = await town.send(officer, act, reason=REASON, **TITLES)
    assert refused.status == 409 and "consent_missing" in refused.text
    assert await standing(town, whole) == "active"
    await town.connection.execute("update consent set given_at = now(), address = null")
    await officer.fill(f"/desk/projects/{whole}/standing", act, reason=REASON, **TITLES)
    assert await standing(town, whole) == "split"


async def test_a_complete_dossier_is_neither_merged_nor_split(town: Town) -> None:
    ada, project_id = await idea(town)
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    await town.file(ada, project_id)
    await town.review(await town.officer(Role.COMMITTEE), project_id)
    _, other = await idea(town, "bob@example.org", name="Bob")
    officer = await town.officer(Role.INSTRUCTOR)
    before = await town.snapshot()
    split, merge_in, merge_out = (
        f"/desk/projects/{project_id}/split",
        f"/desk/projects/{project_id}/merge",
        f"/desk/projects/{other}/merge",
    )
    for path, said in (
        (split, TITLES),
        (merge_in, {f"merged-{other}": "yes"}),
        (merge_out, {f"merged-{project_id}": "yes"}),
    ):
        seen = await town.send(officer, path, reason=REASON, **said)
        assert json.loads(seen.text)["code"] == "dossier_complete", path
    assert await town.snapshot() == before


@pytest.mark.parametrize("act", ["suspend", "resume", "withdraw", "split", "merge"])
async def test_each_act_takes_a_reason_and_the_role_in_its_territory(town: Town, act: str) -> None:
    _, project_id = await idea(town)
    path = f"/desk/projects/{project_id}/{act}"
    before = await town.snapshot()
    for officer in (
        await town.officer(Role.COMMITTEE, Role.ADVISER, Role.ADMINISTRATOR),
        await town.officer(Role.INSTRUCTOR, programme_id=town.programme_id, territory="boulonnais"),
    ):
        seen = await town.send(officer, path, reason=REASON, **TITLES)
        assert seen.status == 403, act
    seen = await town.send(await town.officer(Role.INSTRUCTOR), path, **TITLES)
    assert seen.status == 422 and "refused" in json.loads(seen.text)["code"]
    assert await town.snapshot() == before


async def test_nobody_withdraws_what_another_carries(town: Town) -> None:
    _, project_id = await idea(town)
    bob, _ = await idea(town, "bob@example.org", name="Bob")
    seen = await town.send(bob, f"/projects/{project_id}/withdraw", reason=REASON)
    assert seen.status == 404


async def test_a_supporter_counts_once_may_stop_and_is_not_the_carrier(town: Town) -> None:
    ada, project_id = await idea(town)
    bob = await support(town, "bob@example.org", project_id)
    await town.send(bob, f"/projects/{project_id}/support")
    assert await supporters(town, project_id) == (1, 1)
    seen = await town.send(ada, f"/projects/{project_id}/support")
    assert (seen.status, json.loads(seen.text)["code"]) == (409, "own_idea")
    await bob.fill(f"/projects/{project_id}", f"/projects/{project_id}/support/end")
    assert await supporters(town, project_id) == (0, 0)
    events = await bodies(town, "idea-supported")
    assert [each["supporters"] for each in events] == [1, 0]
    assert all(set(each) == {"project_id", "programme_id", "supporters"} for each in events)

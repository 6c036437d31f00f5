"""An idea between desks: handed on, answered or not, and always somewhere."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from shared.database import Database, database_time
from shared.people import Role
from submission.counters.queries import guided
from submission.counters.returning import end_handoffs
from tests.submission.counters.desks import (
    act,
    ask_desk,
    begin_with_desks,
    fire,
    handoffs,
    late,
    lost,
    states,
)
from tests.submission.proposing import DOSSIER, REASON, Town


async def test_a_desk_hands_an_idea_on_and_the_next_one_guides_it(town: Town) -> None:
    await begin_with_desks(town)
    ada, reception = town.browser(), await town.officer(Role.INSTRUCTOR)
    adviser = await town.officer(Role.ADVISER, territory="artois", programme_id=town.programme_id)
    project_id = await town.deposit(ada)
    first = await ask_desk(town, ada, project_id, "reception")
    desk = f"/desk/programmes/{town.programme_id}/counters"
    assert f"/desk/handoffs/{first}" in (await reception.get(desk)).text
    assert f"/desk/handoffs/{first}" not in (await adviser.get(desk)).text
    assert (await adviser.get(f"/desk/handoffs/{first}")).status == 403
    await act(town, reception, first, "redirect", desk="artois-desk", reason=REASON)
    [before, after] = await handoffs(town, project_id)
    assert (before["state"], after["state"], after["after"]) == ("redirected", "requested", first)
    [told] = await town.told("handoff-redirected")
    assert told.values["desk"] == "Artois"
    assert told.values["until"] == after["due_at"].isoformat()
    assert f"/desk/handoffs/{after['handoff_id']}" in (await adviser.get(desk)).text
    assert (await reception.get(f"/desk/handoffs/{after['handoff_id']}")).status == 403
    gathering_id = await town.counter(adviser, desk="artois-desk")
    second = after["handoff_id"]
    await act(town, adviser, second, "accept")
    await act(town, adviser, second, "schedule", counter=str(gathering_id))
    await act(town, adviser, second, "attended")
    await act(town, adviser, second, "return", reason="Il manque un budget.")
    [returned] = await town.told("handoff-returned")
    assert returned.values["reason"] == "Il manque un budget."
    assert (await town.events())[1:] == [
        "handoff-requested",
        "handoff-redirected",
        "handoff-requested",
        "handoff-accepted",
        "handoff-scheduled",
        "handoff-attended",
        "handoff-returned",
    ]
    page = (await town.browser().get(f"/projects/{project_id}")).words()
    assert "It was handed on to the desk “Artois”" in page and REASON in page
    assert "guided at a counter" in page
    assert (await town.file(ada, project_id)).status == 200
    assert not await lost(town)


async def test_a_desk_that_never_answers_gives_the_idea_back_and_its_carrier_is_told(
    town: Town,
) -> None:
    await begin_with_desks(town)
    ada = town.browser()
    project_id = await town.deposit(ada)
    handoff_id = await ask_desk(town, ada, project_id, "reception")
    await late(town, "handoff", handoff_id)
    [found] = await handoffs(town, project_id)
    assert (found["state"], found["cause"]) == ("returned", "unanswered")
    [told] = await town.told("handoff-returned")
    assert str(told.values["reason"]).startswith("Personne ne vous a répondu")
    page = (await ada.get(f"/projects/{project_id}")).words()
    assert "Nobody answered in time" in page
    await ask_desk(town, ada, project_id, "reception")
    assert await states(town, project_id) == ["returned", "requested"]
    assert not await lost(town)


@pytest.mark.parametrize("steps", [("accept",), ("accept", "schedule")])
async def test_a_desk_that_leaves_it_lying_later_gives_it_back_too(
    town: Town, steps: tuple[str, ...]
) -> None:
    adviser, ada = await town.officer(Role.ADVISER), town.browser()
    await begin_with_desks(town)
    project_id, gathering_id = (
        await town.deposit(ada),
        await town.counter(adviser, desk="artois-desk"),
    )
    instructor = await town.officer(Role.INSTRUCTOR)
    handoff_id = await ask_desk(town, ada, project_id, "reception")
    meeting = await town.counter(instructor, desk="reception")
    assert meeting != gathering_id
    for step in steps:
        said = {"counter": str(meeting)} if step == "schedule" else {}
        await act(town, instructor, handoff_id, step, **said)
    await late(town, "handoff", handoff_id)
    assert await states(town, project_id) == ["returned"]
    assert len(await town.told("handoff-returned")) == 1
    assert not await lost(town)


async def test_what_a_desk_has_no_part_in_is_refused(town: Town) -> None:
    await begin_with_desks(town)
    ada, instructor = town.browser(), await town.officer(Role.INSTRUCTOR)
    adviser = await town.officer(Role.ADVISER)
    project_id = await town.deposit(ada)
    handoff_id = await ask_desk(town, ada, project_id, "reception")
    other = town.browser()
    await town.deposit(other, "bob@example.org")
    here, before = f"/desk/handoffs/{handoff_id}", await town.snapshot()
    assert (await town.send(adviser, f"{here}/accept")).status == 403
    for to in ("reception", "nowhere"):
        seen = await town.send(instructor, f"{here}/redirect", desk=to, reason=REASON)
        assert (seen.status, "desk_unknown" in seen.text) == (422, True)
    seen = await town.send(instructor, f"{here}/redirect", desk="artois-desk", reason="")
    assert (seen.status, "words_refused" in seen.text) == (422, True)
    seen = await town.send(instructor, f"{here}/return", reason=REASON)
    assert (seen.status, "handoff_decided" in seen.text) == (409, True)
    seen = await town.send(ada, f"/projects/{project_id}/desk", desk="artois-desk")
    assert (seen.status, "desk_unknown" in seen.text) == (422, True)
    seen = await town.send(ada, f"/projects/{project_id}/desk", desk="reception")
    assert (seen.status, "handoff_waiting" in seen.text) == (409, True)
    path = f"/projects/{project_id}/handoffs/{handoff_id}/withdraw"
    assert (await town.send(other, path)).status == 404
    assert (await town.send(instructor, f"/desk/handoffs/{uuid4()}/accept")).status == 404
    after = await town.snapshot()
    assert {name for name in before if before[name] != after[name]} <= {"answered"}
    assert await states(town, project_id) == ["requested"]


async def test_a_place_at_another_desks_session_is_given_by_that_desk_alone(town: Town) -> None:
    await begin_with_desks(town)
    ada, everywhere = town.browser(), await town.officer(Role.ADVISER)
    of_artois = await town.officer(Role.ADVISER, territory="artois", programme_id=town.programme_id)
    project_id = await town.deposit(ada)
    mine = await town.counter(everywhere, desk="artois-desk")
    theirs = await town.counter(everywhere, desk="arrageois-desk", territory="arrageois")
    handoff_id = await town.ask(ada, project_id, mine)
    here = f"/desk/handoffs/{handoff_id}"
    assert str(theirs) not in (await everywhere.get(here)).text
    before = await town.snapshot()
    for adviser in (of_artois, everywhere):
        seen = await town.send(adviser, f"{here}/schedule", counter=str(theirs))
        told = json.loads(seen.text)
        assert (seen.status, told["code"]) == (409, "counter_elsewhere")
        assert "arrageois-desk" in told["detail"] and "artois-desk" in told["detail"]
    assert await town.snapshot() == before
    await act(town, everywhere, handoff_id, "redirect", desk="arrageois-desk", reason=REASON)
    [_, after] = await handoffs(town, project_id)
    await act(town, everywhere, after["handoff_id"], "schedule", counter=str(theirs))
    assert (await states(town, project_id))[-1] == "scheduled"
    assert not await lost(town)


async def test_who_advises_in_one_territory_gives_no_place_in_another(town: Town) -> None:
    ada, everywhere = town.browser(), await town.officer(Role.ADVISER)
    of_artois = await town.officer(Role.ADVISER, territory="artois", programme_id=town.programme_id)
    project_id = await town.deposit(ada)
    handoff_id = await town.ask(ada, project_id, await town.counter(everywhere))
    theirs = await town.counter(everywhere, territory="calaisis")
    before = await town.snapshot()
    path = f"/desk/handoffs/{handoff_id}/schedule"
    seen = await town.send(of_artois, path, counter=str(theirs))
    assert (seen.status, json.loads(seen.text)["code"]) == (403, "forbidden")
    assert await town.snapshot() == before
    await act(town, everywhere, handoff_id, "schedule", counter=str(theirs))
    assert await states(town, project_id) == ["scheduled"]


async def test_who_was_guided_without_a_session_comes_to_one_before_she_files(town: Town) -> None:
    await begin_with_desks(town)
    ada, reception = town.browser(), await town.officer(Role.INSTRUCTOR)
    adviser = await town.officer(Role.ADVISER)
    project_id = await town.deposit(ada)
    handoff_id = await ask_desk(town, ada, project_id, "reception")
    await act(town, reception, handoff_id, "accept")
    await act(town, reception, handoff_id, "return", reason="Tout est dit au téléphone.")
    page = await ada.get(f"/projects/{project_id}")
    assert "asks for a place at a counter: the dossier is filed after it" in page.words()
    assert f"/projects/{project_id}/dossier" not in page.text
    seen = await town.send(ada, f"/projects/{project_id}/dossier", **DOSSIER, revision="0")
    assert (seen.status, json.loads(seen.text)["code"]) == (409, "counter_not_attended")
    gathering_id = await town.counter(adviser, desk="artois-desk")
    handoff_id = await town.ask(ada, project_id, gathering_id)
    for name in ("accept", "attended"):
        await act(town, adviser, handoff_id, name)
    assert f"/projects/{project_id}/dossier" in (await ada.get(f"/projects/{project_id}")).text
    assert (await town.file(ada, project_id)).path == f"/projects/{project_id}"


async def test_a_carrier_takes_a_request_back(town: Town) -> None:
    await begin_with_desks(town)
    ada = town.browser()
    project_id = await town.deposit(ada)
    handoff_id = await ask_desk(town, ada, project_id, "reception")
    form = f"/projects/{project_id}/counter"
    action = f"/projects/{project_id}/handoffs/{handoff_id}/withdraw"
    seen = await ada.fill(form, action)
    assert seen.status == 200 and "taken back" in seen.words()
    [found] = await handoffs(town, project_id)
    assert (found["state"], found["cause"], found["due_at"]) == ("returned", "withdrawn", None)
    assert not await town.told("handoff-returned"), "she knows"
    assert not await lost(town)


async def test_a_project_that_ends_is_at_no_desk_and_one_that_waits_is_due_later(
    town: Town,
) -> None:
    """What withdrawal, merging, suspension and erasure ask of counters."""
    await begin_with_desks(town)
    ada = town.browser()
    project_id = await town.deposit(ada)
    await ask_desk(town, ada, project_id, "reception")
    [before] = await handoffs(town, project_id)
    officer, page = await town.officer(Role.INSTRUCTOR), f"/desk/projects/{project_id}/standing"
    due = "select due_at from deadline where kind = 'handoff' and fired_at is null and subject = $1"
    await officer.fill(page, f"/desk/projects/{project_id}/suspend", reason=REASON)
    assert await town.connection.fetchval(due, before["handoff_id"]) is None
    # A session's end and an amendment set it again.
    await town.connection.execute(
        "insert into deadline (kind, subject, due_at) values ('handoff', $1, now())",
        before["handoff_id"],
    )
    await fire(town)
    assert await states(town, project_id) == ["requested"]
    await town.connection.execute(
        "update project_event set at = at - interval '4 days' where kind = 'project-suspended'"
    )
    await officer.fill(page, f"/desk/projects/{project_id}/resume", reason=REASON)
    later = await town.connection.fetchval(due, before["handoff_id"]) - before["due_at"]
    assert timedelta(days=4) < later < timedelta(days=4, minutes=5)
    database = Database(town.dsn, name="test")
    assert not await lost(town)
    async with database.begin() as session:
        assert not await guided(session, project_id)
        for _ in range(2):  # what has ended does not end again
            now = await database_time(session)
            await end_handoffs(session, project_id, "withdrawn", None, now)
    await database.close()
    [after] = await handoffs(town, project_id)
    assert (after["state"], after["cause"]) == ("returned", "withdrawn")
    assert (await town.events()).count("handoff-returned") == 1
    assert not await town.told("handoff-returned")
    assert not await lost(town)

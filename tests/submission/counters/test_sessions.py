"""Sessions of counters: places, the waiting list, changes, cancellations, and who came."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from comptoir.browser import Browser
from shared.events.scheme import Counters
from shared.people import Role
from tests.submission.counters.desks import (
    ARTOIS,
    act,
    begin_with_desks,
    fire,
    handoffs,
    late,
    lost,
    states,
)
from tests.submission.proposing import PARIS, REASON, Town


async def asking(town: Town, gathering_id: UUID, number: int) -> tuple[Browser, UUID, UUID]:
    """Somebody who asked a session: her browser, her idea, its handoff."""
    carrier = town.browser()
    project_id = await town.deposit(carrier, f"carrier{number}@example.org", title=f"Idée {number}")
    return carrier, project_id, await town.ask(carrier, project_id, gathering_id)


async def accept(town: Town, adviser: Browser, gathering_id: UUID, handoff_id: UUID) -> None:
    page = f"/desk/counters/{gathering_id}"
    seen = await adviser.fill(page, f"/desk/handoffs/{handoff_id}/accept")
    assert (seen.status, seen.path) == (200, page), seen.text


async def test_whoever_comes_late_waits_and_the_longest_waiting_has_the_next_place(
    town: Town,
) -> None:
    adviser = await town.officer(Role.ADVISER)
    gathering_id = await town.counter(adviser, capacity=1)
    first, second, third = [await asking(town, gathering_id, n) for n in range(3)]
    for _, _, handoff_id in (first, second, third):
        await accept(town, adviser, gathering_id, handoff_id)
    assert [(await states(town, p))[-1] for _, p, _ in (first, second, third)] == [
        "scheduled",
        "awaiting",
        "awaiting",
    ]
    assert len(await town.told("counter-appointment")) == 1
    waiting = await town.told("place-awaited")
    assert [each.contact.address for each in waiting] == [
        "carrier1@example.org",
        "carrier2@example.org",
    ]
    seen = await third[0].get(f"/projects/{third[1]}/counter")
    assert "1 idea stands before yours" in seen.words()
    assert not await lost(town)
    withdrawn = f"/projects/{first[1]}/handoffs/{first[2]}/withdraw"
    await first[0].fill(f"/projects/{first[1]}/counter", withdrawn)
    await fire(town)
    assert (await states(town, second[1]), await states(town, third[1])) == (
        ["scheduled"],
        ["awaiting"],
    )
    [_, moved] = await town.told("counter-appointment")
    assert moved.contact.address == "carrier1@example.org"
    assert (await town.events())[-1] == "handoff-scheduled"
    assert not await lost(town)


async def test_a_suspended_idea_keeps_its_turn_and_is_passed_over_meanwhile(town: Town) -> None:
    adviser, instructor = await town.officer(Role.ADVISER), await town.officer(Role.INSTRUCTOR)
    gathering_id = await town.counter(adviser, capacity=2)
    people = [await asking(town, gathering_id, n) for n in range(5)]
    for _, _, handoff_id in people:
        await accept(town, adviser, gathering_id, handoff_id)

    async def move(act: str, of: tuple[Browser, UUID, UUID]) -> None:
        page = f"/desk/projects/{of[1]}"
        await instructor.fill(f"{page}/standing", f"{page}/{act}", reason=REASON)

    async def withdraw(of: tuple[Browser, UUID, UUID]) -> None:
        await town.send(of[0], f"/projects/{of[1]}/handoffs/{of[2]}/withdraw")
        await fire(town)

    async def standing() -> list[str]:
        return [(await states(town, each[1]))[-1] for each in people]

    await move("suspend", people[2])
    await withdraw(people[0])
    assert await standing() == ["returned", "scheduled", "awaiting", "scheduled", "awaiting"]
    await move("suspend", people[4])
    await withdraw(people[1])
    assert (await standing())[2:] == ["awaiting", "scheduled", "awaiting"], "the place is free"
    people.append(await asking(town, gathering_id, 5))
    await accept(town, adviser, gathering_id, people[5][2])
    assert (await standing())[5] == "scheduled", "and waits for nobody who cannot come"
    for each in (people[4], people[2]):
        await move("resume", each)
    await withdraw(people[3])
    assert (await standing())[2:] == ["scheduled", "returned", "awaiting", "scheduled"]
    await move("suspend", people[4])
    await withdraw(people[2])
    await move("resume", people[4])
    await fire(town)
    assert (await standing())[4] == "scheduled", "the place that was free meanwhile"
    assert not await lost(town)


async def test_nobody_who_comes_now_gets_a_place_that_somebody_waits_for(town: Town) -> None:
    adviser = await town.officer(Role.ADVISER)
    gathering_id = await town.counter(adviser, capacity=1)
    first, second = [await asking(town, gathering_id, n) for n in range(2)]
    for _, _, handoff_id in (first, second):
        await accept(town, adviser, gathering_id, handoff_id)
    third = await asking(town, gathering_id, 2)
    await asyncio.gather(
        town.send(first[0], f"/projects/{first[1]}/handoffs/{first[2]}/withdraw"),
        town.send(adviser, f"/desk/handoffs/{third[2]}/accept"),
    )
    await fire(town)
    assert (await states(town, second[1]), await states(town, third[1])) == (
        ["scheduled"],
        ["awaiting"],
    )
    assert not await lost(town)


async def test_many_who_leave_and_come_at_once_never_overfill_a_session(town: Town) -> None:
    adviser = await town.officer(Role.ADVISER)
    gathering_id = await town.counter(adviser, capacity=2)
    people = [await asking(town, gathering_id, n) for n in range(6)]
    await asyncio.gather(
        *(town.send(adviser, f"/desk/handoffs/{each[2]}/accept") for each in people)
    )
    placed = [each for each in people if await states(town, each[1]) == ["scheduled"]]
    assert len(placed) == 2
    await asyncio.gather(
        *(
            town.send(carrier, f"/projects/{project_id}/handoffs/{handoff_id}/withdraw")
            for carrier, project_id, handoff_id in placed
        ),
        fire(town),
    )
    await fire(town)
    now = [(await states(town, each[1]))[-1] for each in people]
    assert sorted(now) == ["awaiting"] * 2 + ["returned"] * 2 + ["scheduled"] * 2
    assert not await lost(town)


async def test_who_has_a_place_is_reminded_of_it_once(town: Town) -> None:
    adviser = await town.officer(Role.ADVISER)
    hurried = ARTOIS.model_copy(update={"answer": "36 hours", "remind": "2 hours"})
    await begin_with_desks(town, [hurried], Counters(remind="3 days"))
    begins = datetime.now(PARIS) + timedelta(days=5)
    gathering_id = await town.counter(
        adviser,
        desk="artois-desk",
        begins_at=f"{begins:%Y-%m-%dT%H:%M}",
        ends_at=f"{begins + timedelta(hours=2):%Y-%m-%dT%H:%M}",
    )
    _, project_id, handoff_id = await asking(town, gathering_id, 0)
    await accept(town, adviser, gathering_id, handoff_id)
    due = await town.connection.fetchval(
        "select due_at from deadline where kind = 'handoff-reminder' and subject = $1", handoff_id
    )
    assert due == begins.replace(second=0, microsecond=0) - timedelta(days=3)
    await late(town, "handoff-reminder", handoff_id)
    await fire(town)
    [told] = await town.told("counter-reminder")
    assert told.values["place"] == "Centre social, 3 rue de la Paix, Arras"
    assert await states(town, project_id) == ["scheduled"]
    soon = await asking(town, await town.counter(adviser, desk="artois-desk"), 1)
    await act(town, adviser, soon[2], "accept")
    assert not await town.connection.fetchval(
        "select count(*) from deadline where kind = 'handoff-reminder' and subject = $1", soon[2]
    ), "she was told a moment ago"


async def test_a_cancelled_session_sends_each_on_its_way(town: Town) -> None:
    adviser = await town.officer(Role.ADVISER)
    gathering_id = await town.counter(adviser, capacity=1)
    placed, waits, asked = [await asking(town, gathering_id, n) for n in range(3)]
    for _, _, handoff_id in (placed, waits):
        await accept(town, adviser, gathering_id, handoff_id)
    page, form = f"/desk/counters/{gathering_id}/amend", f"/desk/counters/{gathering_id}/cancel"
    refused = await adviser.fill(page, form, reason="")
    assert refused.status == 422 and "A text is missing" in refused.text
    seen = await adviser.fill(page, form, reason="La salle est inondée.")
    assert seen.status == 200 and "This session is cancelled." in seen.words()
    await fire(town)
    assert await states(town, placed[1]) == ["accepted"], "the desk owes it another session"
    for each in (waits, asked):
        [found] = await handoffs(town, each[1])
        assert (found["state"], found["cause"]) == ("returned", "cancelled")
    [told] = await town.told("counter-cancelled")
    assert told.contact.address == "carrier0@example.org"
    assert told.values["reason"] == "La salle est inondée."
    returned = await town.told("handoff-returned")
    assert {each.values["reason"] for each in returned} == {"La salle est inondée."}
    assert len(returned) == 2
    file = (await town.browser().get(f"/counters/{gathering_id}/counter.ics")).text
    assert "METHOD:CANCEL\r\n" in file and "SEQUENCE:1\r\n" in file
    seen = await town.send(adviser, form, reason=REASON)
    assert (seen.status, "gathering_over" in seen.text) == (409, True)
    listed = await town.browser().get(f"/programmes/{town.programme_id}/counters")
    assert str(gathering_id) not in listed.text
    again = await town.counter(adviser)
    await act(town, adviser, placed[2], "schedule", counter=str(again))
    assert await states(town, placed[1]) == ["scheduled"]
    assert not await lost(town)


async def test_a_session_is_changed_and_who_has_a_place_is_told(town: Town) -> None:
    adviser = await town.officer(Role.ADVISER)
    gathering_id = await town.counter(adviser, capacity=1)
    first, second = [await asking(town, gathering_id, n) for n in range(2)]
    for _, _, handoff_id in (first, second):
        await accept(town, adviser, gathering_id, handoff_id)
    form = f"/desk/counters/{gathering_id}/amend"
    refused = await adviser.fill(form, form, reason="")
    assert refused.status == 422 and "A text is missing" in refused.text
    seen = await adviser.fill(form, form, place="Mairie", capacity="2", reason=REASON)
    assert (seen.status, seen.path) == (200, f"/desk/counters/{gathering_id}"), seen.text
    await fire(town)
    assert await states(town, second[1]) == ["scheduled"], "there is room now"
    told = [m for m in await town.told("counter-appointment") if m.values["place"] == "Mairie"]
    assert sorted(m.contact.address for m in told) == [
        "carrier0@example.org",
        "carrier1@example.org",
    ]
    seen = await adviser.fill(form, form, capacity="1", reason=REASON)
    assert seen.status == 422 and "Nobody loses a place" in seen.words()
    rows = await town.connection.fetch(
        "select type from outbox where topic = 'submission.gatherings' and id > $1 order by id",
        town.since,
    )
    assert [row["type"] for row in rows] == [
        "submission.gathering-announced.v1",
        "submission.gathering-amended.v1",
    ]
    assert not await lost(town)


async def test_the_second_officer_who_changes_a_session_sees_both_versions(town: Town) -> None:
    one, other = [await town.officer(Role.ADVISER) for _ in range(2)]
    gathering_id = await town.counter(one, capacity=1)
    form = f"/desk/counters/{gathering_id}/amend"
    read = await other.get(form)
    assert (await one.fill(form, form, place="Mairie", reason=REASON)).status == 200
    before = await town.snapshot()
    said = {n: v for n, v in read.fields(form).items() if n not in ("csrf", "once")}
    seen = await town.send(other, form, **(said | {"capacity": "5", "reason": REASON}))
    assert seen.status == 409 and "changed_meanwhile" in seen.text
    seen = await other.fill(read, form, capacity="5", reason=REASON)
    assert seen.status == 409, seen.text
    assert "Address Mairie Centre social, 3 rue de la Paix, Arras" in seen.words(), seen.words()
    fields = seen.fields(form)
    assert (fields["capacity"], fields["reason"].strip()) == ("5", REASON)
    assert await town.snapshot() == before
    assert (await other.fill(seen, form, place="Mairie")).status == 200
    row = await town.connection.fetchrow(
        "select capacity, changes from gathering where gathering_id = $1", gathering_id
    )
    assert row is not None and tuple(row) == (5, 2)


async def test_who_waits_for_a_session_that_is_moved_is_told_and_who_asks_is_answered_by_its_end(
    town: Town,
) -> None:
    adviser = await town.officer(Role.ADVISER)
    gathering_id = await town.counter(adviser, capacity=1)
    placed, waiting, asks = [await asking(town, gathering_id, n) for n in range(3)]
    for _, _, handoff_id in (placed, waiting):
        await accept(town, adviser, gathering_id, handoff_id)
    before = await town.told("place-awaited")
    form = f"/desk/counters/{gathering_id}/amend"
    begins = datetime.now(PARIS) + timedelta(days=2)
    moved = {
        "begins_at": f"{begins:%Y-%m-%dT%H:%M}",
        "ends_at": f"{begins + timedelta(hours=2):%Y-%m-%dT%H:%M}",
    }
    seen = await adviser.fill(form, form, reason=REASON, **moved)
    assert seen.status == 200, seen.text
    [told] = (await town.told("place-awaited"))[len(before) :]
    assert told.contact.address == "carrier1@example.org"
    row = await town.connection.fetchrow(
        "select h.due_at, g.ends_at, d.due_at as timer from handoff h join gathering g using"
        " (gathering_id) join deadline d on d.subject = h.handoff_id and d.kind = 'handoff'"
        " where handoff_id = $1",
        asks[2],
    )
    assert row is not None
    assert row["due_at"] == row["ends_at"] == row["timer"]


async def test_nobody_is_told_of_a_session_that_stays_where_and_when_it_is(town: Town) -> None:
    adviser = await town.officer(Role.ADVISER)
    gathering_id = await town.counter(adviser, capacity=1)
    _, _, handoff_id = await asking(town, gathering_id, 0)
    await accept(town, adviser, gathering_id, handoff_id)
    before = len(await town.told("counter-appointment"))
    form = f"/desk/counters/{gathering_id}/amend"
    assert (await adviser.fill(form, form, capacity="5", reason=REASON)).status == 200
    assert len(await town.told("counter-appointment")) == before


async def test_who_stays_away_too_often_gets_no_place_any_more(town: Town) -> None:
    adviser = await town.officer(Role.ADVISER)
    await begin_with_desks(town)
    ada = town.browser()
    project_id = await town.deposit(ada)
    for _ in range(2):
        gathering_id = await town.counter(adviser, desk="artois-desk")
        handoff_id = await town.ask(ada, project_id, gathering_id)
        await act(town, adviser, handoff_id, "accept")
        await act(town, adviser, handoff_id, "missed", reason=REASON)
    other = await town.deposit(ada, title="Une autre idée")
    for idea in (project_id, other):
        form = f"/projects/{idea}/counter"
        seen = await town.send(
            ada, form, counter=str(await town.counter(adviser, desk="artois-desk"))
        )
        assert (seen.status, "missed_too_often" in seen.text) == (409, True)
    assert await states(town, project_id) == ["returned", "missed"]
    await late(town, "handoff", (await handoffs(town, project_id))[-1]["handoff_id"])
    assert [row["cause"] for row in await handoffs(town, project_id)] == ["missed", "missed"]
    assert not await lost(town)


async def test_when_all_are_marked_it_is_said_how_many_came(town: Town) -> None:
    adviser = await town.officer(Role.ADVISER)
    gathering_id = await town.counter(adviser, capacity=2)
    people = [await asking(town, gathering_id, n) for n in range(3)]
    for _, _, handoff_id in people:
        await accept(town, adviser, gathering_id, handoff_id)
    form = f"/desk/counters/{gathering_id}/held"
    seen = await town.send(adviser, form)
    assert (seen.status, "gathering_not_over" in seen.text) == (409, True)
    await act(town, adviser, people[0][2], "attended")
    await act(town, adviser, people[1][2], "missed", reason=REASON)
    assert (await town.send(adviser, form)).status == 200
    await fire(town)
    body = await town.connection.fetchval(
        "select convert_from(body, 'UTF8')::jsonb::text from outbox"
        " where type = 'submission.gathering-held.v1' and id > $1",
        town.since,
    )
    for said in ('"registered": 2', '"attended": 1', '"missed": 1', '"waited": 1'):
        assert said in body, body
    assert await states(town, people[2][1]) == ["returned"], "nobody waits for what is over"
    assert not await lost(town)


async def test_a_list_that_nobody_closes_is_closed_and_who_was_on_it_goes_on(town: Town) -> None:
    adviser = await town.officer(Role.ADVISER)
    gathering_id = await town.counter(adviser)
    _, project_id, handoff_id = await asking(town, gathering_id, 0)
    await accept(town, adviser, gathering_id, handoff_id)
    await town.connection.execute(
        "update gathering set begins_at = now() - interval '8 days',"
        " ends_at = now() - interval '7 days' where gathering_id = $1",
        gathering_id,
    )
    await late(town, "gathering-held", gathering_id)
    await fire(town)
    [found] = await handoffs(town, project_id)
    assert (found["state"], found["cause"]) == ("returned", "unanswered")
    assert (
        await town.connection.fetchval(
            "select state from registration where handoff_id = $1", handoff_id
        )
        == "unmarked"
    )
    assert not await lost(town)


async def test_a_session_has_a_title_a_host_and_workshops(town: Town) -> None:
    adviser = await town.officer(Role.ADVISER)
    await begin_with_desks(town)
    said = {
        "desk": "artois-desk",
        "title": "De l’idée au projet",
        "host": "Ligue de l’enseignement",
        "online": "yes",
        "workshop-pitch": "yes",
    }
    gathering_id = await town.counter(adviser, 3, **said)
    page = (await town.browser().get(f"/programmes/{town.programme_id}/counters")).words()
    for words in ("De l’idée au projet", "Held by Ligue de l’enseignement", "Workshops: Pitch"):
        assert words in page
    seen = await adviser.get(f"/desk/counters/{gathering_id}/amend")
    fields = seen.fields(f"/desk/counters/{gathering_id}/amend")
    assert (fields["host"], fields["capacity"]) == ("Ligue de l’enseignement", "3")
    form = f"/desk/programmes/{town.programme_id}/counters/new"
    wrong = {**fields, "desk": "nowhere", "territory": "artois", "workshop-singing": "yes"}
    seen = await town.send(
        adviser, form, **{n: v for n, v in wrong.items() if n not in ("csrf", "once")}
    )
    assert seen.status == 422


@pytest.mark.parametrize("path", ["amend", "cancel", "held"])
async def test_a_session_is_changed_at_its_desk_alone(town: Town, path: str) -> None:
    adviser = await town.officer(Role.ADVISER)
    gathering_id = await town.counter(adviser)
    elsewhere = await town.officer(
        Role.ADVISER, programme_id=town.programme_id, territory="calaisis"
    )
    seen = await town.send(elsewhere, f"/desk/counters/{gathering_id}/{path}", reason=REASON)
    assert seen.status == 403

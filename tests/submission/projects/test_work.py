"""The work list: what is due first, filters that stay, and what is new since the last visit."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg

from comptoir.browser import Browser
from shared.contacts import Teller, encoded_key
from shared.database import Database
from shared.events.acts import RoundExtended
from shared.events.scheme import Funding, Submitting
from shared.events.voting import RoundClosed
from shared.people import Role
from submission.carriers.telling import Telling
from submission.projects.reminding import remind_carriers
from tests.opening import round_opened
from tests.submission.carrying import declare, give, say
from tests.submission.editions import BODIES
from tests.submission.hearing import Inbox, delivered
from tests.submission.proposing import KEY, REASON, Town

WORK = "/desk/work"


async def idea(town: Town, address: str = "ada@example.org", **said: str) -> tuple[Browser, UUID]:
    """Somebody with an idea."""
    carrier = town.browser()
    return carrier, await town.deposit(carrier, address, **said)


async def work(officer: Browser, town: Town, **looked: str) -> str:
    """What her list of this edition says."""
    query = "&".join(f"{n}={v}" for n, v in {"programme": town.programme_id, **looked}.items())
    seen = await officer.get(f"{WORK}?{query}")
    assert seen.status == 200, seen.text
    return seen.words()


async def test_each_officer_has_what_is_hers_to_do(town: Town) -> None:
    ada, project_id = await idea(town)
    adviser, member = await town.officer(Role.ADVISER), await town.officer(Role.COMMITTEE)
    instructor = await town.officer(Role.INSTRUCTOR)
    everybody = (adviser, member, instructor)
    for officer in everybody:
        assert "Nothing is to be done now" in await work(officer, town)
    gathering = await town.counter(adviser)
    handoff = await town.ask(ada, project_id, gathering)
    assert "answer a request" in await work(adviser, town, task="answer")
    assert "Nothing is to be done now" in await work(instructor, town)
    for act in ("accept", "attended"):
        await adviser.fill(f"/desk/counters/{gathering}", f"/desk/handoffs/{handoff}/{act}")
    await town.file(ada, project_id)
    for officer in (member, instructor):
        assert "Un verger partagé read the dossier" in await work(officer, town)
    assert "Un verger partagé hand it back" in await work(adviser, town)
    await town.review(instructor, project_id)
    assert "Un verger partagé decide about the label" in await work(member, town)
    assert "Nothing is to be done now" in await work(instructor, town)
    page = f"/desk/projects/{project_id}/standing"
    await instructor.fill(page, f"/desk/projects/{project_id}/suspend", reason=REASON)
    assert "decide about what is suspended" in await work(instructor, town, task="resume")
    assert "Nothing is to be done now" in await work(member, town)


async def test_a_desk_is_reminded_before_what_it_does_not_answer_goes_back(town: Town) -> None:
    ada, project_id = await idea(town)
    adviser = await town.officer(Role.ADVISER)
    handoff = await town.ask(ada, project_id, await town.counter(adviser))
    for left, reminded in (("4 days", False), ("2 days", True)):
        await town.connection.execute(
            "update handoff set due_at = clock_timestamp() + $2::text::interval"
            " where handoff_id = $1",
            handoff,
            left,
        )
        said = await work(adviser, town)
        assert ("answer a request" in said, "reminder: before" in said) == (True, reminded)


async def test_a_dossier_is_to_be_read_for_as_long_as_it_may_be(town: Town) -> None:
    windows = {"instruction": (-1.0, 9.0)}
    town.programme_id = await town.publish(windows, rehearsal=True, counter_attended=False)
    ada, project_id = await idea(town)
    await town.file(ada, project_id)
    officer = await town.officer(Role.INSTRUCTOR)
    assert "Un verger partagé read the dossier" in await work(officer, town, due="week")
    for closed in ("dossiers", "labelling"):
        await town.set_phase(closed, "closed")
    assert "Un verger partagé read the dossier" in await work(officer, town)
    assert "Un verger" not in await work(officer, town, due="week"), "it is due with instruction"
    await town.set_phase("instruction", "closed")
    assert "Nothing is to be done now" in await work(officer, town)


async def to_clear(town: Town, officer: Browser) -> bool:
    """Whether somebody is to be found in order."""
    said = await work(officer, town, task="clear")
    return "Nothing is to be done now" not in said


async def test_a_funded_project_waits_for_its_carrier_to_be_checked(town: Town) -> None:
    """Where something is checked of who carries it: nothing is of a person without a number."""
    await say(town, funding=Funding(contract=True, deliberation=True))
    ada, project_id = await idea(town)
    officer = await town.officer(Role.INSTRUCTOR)
    await give(ada, project_id, "lead", await declare(ada))
    assert not await to_clear(town, officer)
    await town.connection.execute(
        "update idea set stage = 'funded' where project_id = $1", project_id
    )
    assert "check the carrier before the agreement" in await work(officer, town)
    assert await to_clear(town, officer)
    await say(town, funding=Funding(contract=True, built_by="department"))
    assert not await to_clear(town, officer)


async def test_of_a_person_nothing_is_to_be_checked_but_a_number(town: Town) -> None:
    await say(town, funding=Funding(deliberation=True))
    _, project_id = await idea(town)
    officer = await town.officer(Role.INSTRUCTOR)
    await town.connection.execute(
        "update idea set stage = 'funded' where project_id = $1", project_id
    )
    assert not await to_clear(town, officer)
    await say(town, funding=Funding(identifiers=("siret",)))
    assert await to_clear(town, officer)


async def test_the_sponsor_who_came_is_to_be_checked_though_the_one_who_left_was(
    town: Town,
) -> None:
    await say(town, Submitting(sponsored=("person",)), funding=Funding(contract=True))
    ada, project_id = await idea(town)
    officer = await town.officer(Role.INSTRUCTOR)
    first = await declare(ada)
    await give(ada, project_id, "sponsor", first)
    await town.connection.execute(
        "update idea set stage = 'funded' where project_id = $1", project_id
    )
    assert await to_clear(town, officer)
    page = f"/desk/projects/{project_id}/carriers"
    seen = await officer.fill(page, f"{page}/{first}/clear", status="yes", contract_on="2026-01-01")
    assert seen.status == 200, seen.words()
    assert not await to_clear(town, officer)
    await town.connection.execute(
        "update carriage set left_at = now() where organisation_id = $1", first
    )
    await give(ada, project_id, "sponsor", await declare(ada, name="Une régie", siret=""))
    assert await to_clear(town, officer)


async def test_an_officer_of_one_territory_sees_nothing_of_another(town: Town) -> None:
    ada, project_id = await idea(town)
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    await town.file(ada, project_id)
    where = {"programme_id": town.programme_id}
    here = await town.officer(Role.INSTRUCTOR, **where, territory="artois")
    there = await town.officer(Role.INSTRUCTOR, **where, territory="boulonnais")
    assert "Un verger partagé" in await work(here, town)
    assert "Un verger partagé" not in await work(there, town)
    assert (await here.get(f"/desk/projects/{project_id}")).status == 200
    assert (await there.get(f"/desk/projects/{project_id}")).status == 403


async def test_filters_find_what_they_name_and_nothing_else(town: Town) -> None:
    ada, project_id = await idea(town)
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    await town.file(ada, project_id)
    officer = await town.officer(Role.INSTRUCTOR)
    for found in ({"stage": "dossier"}, {"territory": "artois"}, {"due": "week"}):
        assert "Un verger partagé" in await work(officer, town, **found), found
    for missed in (
        {"stage": "complete"},
        {"territory": "boulonnais"},
        {"due": "over"},
        {"task": "label"},
        {"theme": "food"},
    ):
        assert "Un verger partagé" not in await work(officer, town, **missed), missed


async def test_what_happened_since_the_last_visit_is_new_once(town: Town) -> None:
    ada, project_id = await idea(town)
    officer = await town.officer(Role.INSTRUCTOR)
    await officer.fill(f"{WORK}?programme={town.programme_id}", f"{WORK}/seen")
    assert "Nothing happened" in await work(officer, town)
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    shown = await officer.get(f"{WORK}?programme={town.programme_id}")
    assert "Un verger partagé new 4 events" in shown.words()
    await town.file(ada, project_id)
    await officer.fill(shown, f"{WORK}/seen")
    words = await work(officer, town)
    assert "1 event" in words and "4 events" not in words, "what came after the page was made"


async def test_what_is_heard_of_after_a_visit_is_new_though_it_happened_before(town: Town) -> None:
    _, project_id = await idea(town)
    officer = await town.officer(Role.INSTRUCTOR)
    await officer.fill(f"{WORK}?programme={town.programme_id}", f"{WORK}/seen")
    assert "Nothing happened" in await work(officer, town)
    await town.connection.execute(
        "insert into project_event (event_id, project_id, kind, at, about)"
        " values (gen_random_uuid(), $1, 'project-funded', now() - interval '1 hour', '{}')",
        project_id,
    )
    assert "1 event" in await work(officer, town)


async def test_what_was_noted_before_a_page_and_committed_after_it_is_new_the_next_time(
    town: Town,
) -> None:
    _, project_id = await idea(town)
    officer = await town.officer(Role.INSTRUCTOR)
    await officer.fill(f"{WORK}?programme={town.programme_id}", f"{WORK}/seen")
    slow = await asyncpg.connect(town.dsn, ssl=False)
    writing = slow.transaction()
    await writing.start()
    note = (
        "insert into project_event (event_id, project_id, kind, at, about)"
        " values (gen_random_uuid(), $1, 'project-funded', now(), '{}')"
    )
    await slow.execute(note, project_id)
    await town.connection.execute(note, project_id)
    shown = await officer.get(f"{WORK}?programme={town.programme_id}")
    assert "1 event" in shown.words(), "the one that is committed"
    await writing.commit()
    await slow.close()
    await officer.fill(shown, f"{WORK}/seen")
    shown = await officer.get(f"{WORK}?programme={town.programme_id}")
    assert "1 event" in shown.words(), "the other one"
    await officer.fill(shown, f"{WORK}/seen")
    assert "Nothing happened" in await work(officer, town)


async def test_an_earlier_page_brings_nothing_back(town: Town) -> None:
    ada, project_id = await idea(town)
    officer = await town.officer(Role.INSTRUCTOR)
    page = f"{WORK}?programme={town.programme_id}"
    before = await officer.get(page)
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    await officer.fill(page, f"{WORK}/seen")
    await officer.fill(before, f"{WORK}/seen")
    assert "Nothing happened" in await work(officer, town)


async def test_a_vote_is_work_of_the_committee_while_its_round_is_open(town: Town) -> None:
    town.programme_id = await town.publish(rehearsal=True, bodies=BODIES)
    member, instructor = await town.officer(Role.COMMITTEE), await town.officer(Role.INSTRUCTOR)
    elsewhere = await town.officer(Role.COMMITTEE, programme_id=uuid4())
    round_id, inbox = uuid4(), Inbox(town)
    [body] = BODIES
    await town.connection.execute(
        "insert into round (round_id, programme_id, options, digest, body_name)"
        " values ($1, $2, 5, $3, $4)",
        round_id,
        town.programme_id,
        "0" * 64,
        body["name"],
    )
    day = 24 * 3600
    later = datetime.now(UTC) + timedelta(days=9)
    extended = RoundExtended(
        round_id=round_id, closes_at=later, reason="box-down", officers=(uuid4(), uuid4())
    )
    for event, said, in_a_week in (
        (None, False, False),
        (round_opened(round_id, day, 2 * day), False, False),
        (round_opened(round_id, -60, 2 * day), True, True),
        (extended, True, False),
        (RoundClosed(round_id=round_id, closed_at=later), False, False),
    ):
        if event is not None:
            await inbox.handle(delivered(event))
        for looked, found in (({}, said), ({"due": "week"}, in_a_week), ({"task": "label"}, False)):
            words = await work(member, town, **looked)
            assert (f"{body['en']} votes on its dossiers" in words) == found, (event, looked)
        assert "votes on its dossiers" not in await work(instructor, town)
        assert "votes on its dossiers" not in await work(elsewhere, town)
    await inbox.close()


async def test_filters_stay_until_they_are_changed(town: Town) -> None:
    officer = await town.officer(Role.INSTRUCTOR)
    await officer.fill(f"{WORK}?stage=dossier", f"{WORK}/seen")
    seen = await officer.get(WORK)
    assert seen.url.endswith("?stage=dossier")
    assert (await officer.get(f"{WORK}?task=")).url.endswith("?task=")


async def test_an_instructor_reviews_and_decides_no_label(town: Town) -> None:
    ada, project_id = await idea(town)
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    await town.file(ada, project_id)
    officer = await town.officer(Role.INSTRUCTOR)
    seen = await town.review(officer, project_id)
    assert seen.path == f"/desk/programmes/{town.programme_id}/dossiers", seen.text
    page = await officer.get(f"/desk/projects/{project_id}")
    assert f"/desk/projects/{project_id}/label" not in page.forms()
    said = {"family": "cooperation", "reason": REASON}
    for act in ("label", "refuse"):
        seen = await town.send(officer, f"/desk/projects/{project_id}/{act}", **said)
        assert seen.status == 403


async def test_who_lacks_something_is_reminded_once_for_each_end_of_the_time(town: Town) -> None:
    ada, project_id = await idea(town)
    await idea(town, "bob@example.org", name="Bob")
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    await town.file(ada, project_id)
    await town.review(await town.officer(Role.COMMITTEE), project_id, "budget")
    [body] = await town.connection.fetch(
        "select body from outbox where type = 'submission.dossier-reviewed.v1' and id > $1",
        town.since,
    )
    assert b'"until"' in bytes(body["body"])
    database = Database(town.dsn, name="test")
    telling = Telling(Teller(encoded_key(KEY), source="submission"), town.url)

    async def reminded() -> int:
        await remind_carriers(database, telling)
        return len(await town.told("dossier-reminder"))

    assert await reminded() == 0, "there is time yet"
    for days, sent in ((2, 1), (2, 1), (1, 2), (-1, 2)):
        await town.connection.execute(
            "update phase set closes_at = now() + make_interval(days => $2)"
            " where name = 'dossiers' and programme_id = $1 and closes_at::date"
            " <> (now() + make_interval(days => $2))::date",
            town.programme_id,
            days,
        )
        assert await reminded() == sent, days
    [message, _] = await town.told("dossier-reminder")
    assert message.contact.address == "ada@example.org" and message.values["missing"]
    await database.close()

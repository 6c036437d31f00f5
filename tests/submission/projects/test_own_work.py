"""What a resident's list says of her projects: what is due and until when, the soonest first;
filters; and what is new since her last visit."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from comptoir.browser import Browser
from shared.contacts import Teller, encoded_key
from shared.database import Database
from shared.events.scheme import Funding, Labelled
from shared.people import Role
from submission.carriers.telling import Telling
from submission.deadlines.durations import later
from submission.projects.reminding import remind_of_grants
from submission.projects.work.own import to_remind
from submission.projects.work.work import Seen, read_seen
from tests.submission.carrying import SIRET, declare, filed, give
from tests.submission.planned import begin
from tests.submission.proposing import KEY, Town

MINE = "/ideas/mine"
WORKS = tuple(Labelled(name=name, fr=name, en=name) for name in ("begun", "finished"))
FUNDING = Funding(
    sign_within="6 months", begin_within="12 months", finish_within="24 months", milestones=WORKS
)


def page(town: Town, **looked: str) -> str:
    """The address of a list of this edition."""
    said = {"programme": town.programme_id, **looked}
    return f"{MINE}?{'&'.join(f'{name}={value}' for name, value in said.items())}"


async def mine(town: Town, carrier: Browser, **looked: str) -> str:
    """What her list of this edition says."""
    seen = await carrier.get(page(town, **looked))
    assert seen.status == 200, seen.text
    return seen.words()


async def happens(town: Town, project_id: UUID, kind: str, about: str = "{}") -> datetime:
    """Something of the life of a project, straight into the table; when."""
    at: datetime = await town.connection.fetchval(
        "insert into project_event (event_id, project_id, kind, at, about)"
        " values (gen_random_uuid(), $1, $2, now(), $3::text::jsonb) returning at",
        project_id,
        kind,
        about,
    )
    return at


async def stands(town: Town, project_id: UUID, stage: str) -> None:
    await town.connection.execute(
        "update idea set stage = $2 where project_id = $1", project_id, stage
    )


async def test_a_carrier_is_told_what_is_due_from_the_counter_to_the_dossier(town: Town) -> None:
    ada = town.browser()
    project_id = await town.deposit(ada)
    assert "choose a place at a counter until" in await mine(town, ada)
    adviser = await town.officer(Role.ADVISER)
    gathering = await town.counter(adviser)
    handoff = await town.ask(ada, project_id, gathering)
    words = await mine(town, ada)
    assert "choose a place" not in words and "come to the counter" not in words
    desk = f"/desk/counters/{gathering}"
    await adviser.fill(desk, f"/desk/handoffs/{handoff}/accept")
    words = await mine(town, ada)
    assert "come to the counter on" in words and "file the dossier" not in words
    await adviser.fill(desk, f"/desk/handoffs/{handoff}/attended")
    words = await mine(town, ada)
    assert "file the dossier until" in words and "counter on" not in words
    await town.file(ada, project_id)
    words = await mine(town, ada)
    assert "file the dossier" not in words and "Change the dossier · until" in words
    await town.review(await town.officer(Role.INSTRUCTOR), project_id, "budget", "statutes")
    words = await mine(town, ada)
    missing = "Provisional budget of the project, Statutes of the organisation"
    assert f"complete the dossier : missing: {missing} until" in words
    await town.set_phase("dossiers", "closed")
    words = await mine(town, ada)
    assert "complete the dossier" not in words and "Change the dossier" not in words


async def test_a_minor_s_carrier_is_told_until_when_her_representative_can_agree(
    town: Town,
) -> None:
    ada = town.browser()
    project_id = await town.deposit(ada)
    await town.connection.execute(
        "insert into consent (project_id, token, language, asked_at, address)"
        " values ($1, $2, 'fr', now(), 'x@example.org')",
        project_id,
        uuid4().bytes * 2,
    )
    assert "your legal representative has to agree until" in await mine(town, ada, due="any")
    await town.connection.execute(
        "update consent set given_at = now(), address = null where project_id = $1", project_id
    )
    assert "your legal representative" not in await mine(town, ada)


async def test_times_to_sign_begin_and_finish_are_told_until_they_are_kept(town: Town) -> None:
    await begin(town, funding=FUNDING)
    ada = town.browser()
    project_id = await town.deposit(ada)
    await town.connection.execute("update phase set state = 'closed' where state = 'open'")
    await stands(town, project_id, "funded")
    at = await happens(town, project_id, "option-decided")
    year = later(at, "6 months").year
    words = await mine(town, ada, due="any")
    assert "sign the agreement until" in words and str(year) in words
    await stands(town, project_id, "agreement")
    await happens(town, project_id, "agreement-signed", '{"amount": 100}')
    words = await mine(town, ada, due="any")
    assert "sign the agreement" not in words
    assert words.index("begin the project until") < words.index("finish the project until")
    await happens(town, project_id, "milestone-reached", '{"milestone": "begun"}')
    words = await mine(town, ada, due="any")
    assert "begin the project" not in words and "finish the project until" in words
    await happens(town, project_id, "instalment-paid", '{"amount": 60}')
    await happens(town, project_id, "grant-reduced", '{"amount": 80}')
    assert "finish the project" in await mine(town, ada, due="any"), "something is left to pay"
    await happens(town, project_id, "instalment-paid", '{"amount": 20}')
    assert "Nothing is due" in await mine(town, ada, due="any"), "of what is paid nothing lapses"


async def test_whoever_has_a_grant_is_reminded_once_before_a_time_is_over(town: Town) -> None:
    await begin(town, funding=FUNDING)
    ada = town.browser()
    project_id = await town.deposit(ada)
    await filed(town, project_id)
    await stands(town, project_id, "agreement")
    await happens(town, project_id, "agreement-signed", '{"amount": 100}')
    database = Database(town.dsn, name="test")
    telling = Telling(Teller(encoded_key(KEY), source="submission"), town.url)

    async def reminded() -> list[tuple[object, object]]:
        """What was told so far, each by its step and its day."""
        await remind_of_grants(database, telling, lambda words: {"fr": words, "en": words})
        told = await town.told("grant-reminder")
        return [(each.values["step"], str(each.values["until"])[:10]) for each in told]

    async def signed(ago: str) -> None:
        await town.connection.execute(
            "update project_event set at = now() - $2::text::interval"
            " where project_id = $1 and kind = 'agreement-signed'",
            project_id,
            ago,
        )

    assert await reminded() == [], "there is time yet"
    await signed("345 days")
    [(step, _)] = await reminded()
    assert step == "begin the project"
    assert len(await reminded()) == 1
    await happens(town, project_id, "milestone-reached", '{"milestone": "begun"}')
    await signed("715 days")
    assert [step for step, _ in await reminded()] == ["begin the project", "finish the project"]
    await signed("800 days")
    assert len(await reminded()) == 2, "it is over"
    await database.close()


def test_of_a_time_that_was_short_from_its_beginning_nobody_is_reminded() -> None:
    row = {
        "project_id": uuid4(),
        "stage": "funded",
        "decided_at": NOW.at - timedelta(days=1),
        "signed_at": None,
        "milestones": None,
        "left_to_pay": None,
    }
    for within, told in (("20 seconds", False), ("30 days", False), ("31 days", True)):
        found = to_remind(row | {"funding": {"sign_within": within}}, NOW.at)
        assert (found is not None) == told, within


async def test_of_what_is_suspended_nothing_is_due(town: Town) -> None:
    ada = town.browser()
    project_id = await town.deposit(ada)
    desk = f"/desk/projects/{project_id}"
    officer = await town.officer(Role.INSTRUCTOR)
    await officer.fill(f"{desk}/standing", f"{desk}/suspend", reason="On attend la commune.")
    assert "Nothing is due" in await mine(town, ada, due="any")


async def test_what_is_due_soonest_is_first_and_filters_find_what_they_name(town: Town) -> None:
    ada = town.browser()
    titles = ("Un verger", "Une ruche", "Un four")
    first, _, third = [await town.deposit(ada, title=title) for title in titles]
    adviser = await town.officer(Role.ADVISER)
    await town.guide(ada, adviser, first)
    await town.ask(ada, third, await town.counter(adviser))
    words = await mine(town, ada)
    # A place is chosen within three days, the dossier filed within five; the desk has the last.
    assert sorted(titles, key=words.index) == ["Une ruche", "Un verger", "Un four"]
    for looked, found in (
        ({"due": "any"}, {"Un verger", "Une ruche"}),
        ({"due": "over"}, set()),
        ({"stage": "asked"}, {"Un four"}),
        ({"programme": str(uuid4())}, set()),
        ({"stage": "guided"}, {"Un verger"}),
    ):
        words = await mine(town, ada, **looked)
        assert {title for title in titles if title in words} == found, looked
    seen = await ada.fill(page(town, stage="guided"), f"{MINE}/seen")
    assert seen.url.endswith("&stage=guided")
    assert (await ada.get(MINE)).url.endswith(MINE), "no filter hides what comes"


async def test_what_happened_since_her_last_visit_is_new_once_and_only_to_her(town: Town) -> None:
    ada, bob = town.browser(), town.browser()
    project_id = await town.deposit(ada)
    await town.deposit(bob, "bob@example.org", title="Un lavoir", name="Bob")
    for carrier in (ada, bob):
        await carrier.fill(page(town), f"{MINE}/seen")
        assert "Nothing happened" in await mine(town, carrier)
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    shown = await ada.get(page(town))
    assert "Un verger partagé new" in shown.words() and "4 events" in shown.words()
    assert "Nothing happened" in await mine(town, bob)
    await town.file(ada, project_id)
    await ada.fill(shown, f"{MINE}/seen")
    assert "1 event" in await mine(town, ada), "what came after the page was made"


async def test_whoever_has_another_part_sees_the_project_and_nothing_is_due_of_her(
    town: Town,
) -> None:
    ada, bob = town.browser(), town.browser()
    project_id = await town.deposit(ada)
    await town.deposit(bob, "bob@example.org", title="Un lavoir", name="Bob")
    await declare(bob)
    assert (await give(ada, project_id, "joint", SIRET)).status == 200
    words = await mine(town, bob)
    assert "Un verger partagé" in words and "Your organisation: carries it as well" in words
    assert words.count("choose a place at a counter") == 1, "of her own idea"
    await town.connection.execute(
        "update carriage set left_at = now() where project_id = $1 and part = 'joint'", project_id
    )
    assert "Un verger partagé" not in await mine(town, bob)


async def test_a_visit_is_forgotten_with_whoever_carries_nothing_any_more(town: Town) -> None:
    ada = town.browser()
    project_id = await town.deposit(ada, "zoe@example.org")
    await ada.fill(page(town), f"{MINE}/seen")
    known = "select count(*) from visit where officer = $1"
    resident = await town.connection.fetchval(
        "select resident from carrier where project_id = $1", project_id
    )
    assert await town.connection.fetchval(known, resident) == 1
    form = f"/projects/{project_id}/erase"
    assert (await ada.fill(form, form, sure="yes")).status == 200
    assert await town.connection.fetchval(known, resident) == 0


NOW = Seen(datetime(2027, 5, 1, 12, tzinfo=UTC), "100:120:100,110")
BEFORE = NOW.at - timedelta(hours=1)


@pytest.mark.parametrize(
    ("until", "seen", "found"),
    [
        (BEFORE.isoformat(), "90:100:90,95", Seen(BEFORE, "90:100:90,95")),
        (BEFORE.isoformat(), "90:90:", Seen(BEFORE, "90:90:")),
        (BEFORE.isoformat(), "", Seen(BEFORE)),
        (BEFORE.isoformat(), "90:121:", Seen(BEFORE)),  # later than now
        (BEFORE.isoformat(), "90:80:", Seen(BEFORE)),
        (BEFORE.isoformat(), "0:80:", Seen(BEFORE)),
        (BEFORE.isoformat(), "90:100:95,94", Seen(BEFORE)),
        (BEFORE.isoformat(), "90:100:80", Seen(BEFORE)),
        (BEFORE.isoformat(), "90:100:100", Seen(BEFORE)),
        (BEFORE.isoformat(), "90:100:91,", Seen(BEFORE)),
        (BEFORE.isoformat(), "'; drop table visit", Seen(BEFORE)),
        ((NOW.at + timedelta(hours=1)).isoformat(), "90:100:", NOW),
        ("yesterday", "90:100:", NOW),
        ("2027-05-01T11:00:00", "90:100:", NOW),
        ("0001-01-01T00:00+14:00", "90:100:", NOW),
        ("", "", NOW),
    ],
)
def test_what_a_form_says_was_seen_is_never_more_than_can_be_seen_now(
    until: str, seen: str, found: Seen
) -> None:
    assert read_seen({"until": until, "seen": seen}, NOW) == found

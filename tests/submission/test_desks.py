"""Officers' desks and everybody's pages of a programme, through forms, on a real database."""

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from comptoir.browser import Browser, Seen
from shared.canonical import commitment
from shared.charters import read_charter
from shared.database import Database
from shared.events.charter import CharterRules
from shared.events.submission import CharterPublished
from shared.people import Role
from submission.programmes.charter import charter_digest
from submission.programmes.presets import presets
from submission.programmes.writing import written
from tests.conftest import DatabaseFactory
from tests.submission.editions import NAME, all_moved, edition, labelled_project, publish
from tests.submission.proposing import Town, served_town

NEW, DESK, REASON = "/desk/programmes/new", "/desk/programmes", "so that it is tried"
YEAR = str(datetime.now(UTC).year + 1)


@pytest.fixture
async def town(database: DatabaseFactory) -> AsyncIterator[Town]:
    """On a database of its own: what is announced there is this test's."""
    async with served_town(await database("submission")) as found:
        await found.begin()
        yield found
        await found.leave()


async def bodies(town: Town, kind: str) -> list[dict[str, Any]]:
    """What was announced of a type, oldest first."""
    rows = await town.connection.fetch(
        "select body from outbox where type = $1 order by id", f"submission.{kind}.v1"
    )
    return [json.loads(row["body"]) for row in rows]


async def confirm(officer: Browser) -> Seen:
    """Confirm the one act that waits."""
    seen = await officer.get("/desk/acts")
    [action] = [each for each in seen.forms() if each.endswith("/confirm")]
    return await officer.fill(seen, action)


async def propose(officer: Browser, **filled: str) -> Seen:
    """Fill in the form of a new edition, look at the preview, and ask."""
    seen = await officer.fill(NEW, NEW, preset=NAME, edition=YEAR, **filled)
    assert seen.status == 200, seen.text
    return await officer.fill(seen, DESK, reason=REASON)


async def test_imports_are_found_from_the_desk(town: Town) -> None:
    administrator = await town.officer(Role.ADMINISTRATOR)
    imports = f"{DESK}/{town.programme_id}/imports"
    for officer in (administrator, await town.officer(Role.INSTRUCTOR)):
        assert f'href="{imports}"' in (await officer.get("/desk")).text
        assert (await officer.get(imports)).status == 200
    listed = (await administrator.get(DESK)).text
    assert f'href="{DESK}/imports/election"' in listed
    adviser = await town.officer(Role.ADVISER)
    assert imports not in (await adviser.get("/desk")).text


async def test_whoever_confirms_an_amendment_reads_what_it_changes(town: Town) -> None:
    one, two = [await town.officer(Role.ADMINISTRATOR) for _ in range(2)]
    file = f"preset: {NAME}\nedition: {YEAR}\n"
    (await one.fill(await one.fill(NEW, NEW, file=file), DESK, reason=REASON)).done()
    await confirm(two)
    programme_id = (await bodies(town, "charter-published"))[-1]["programme_id"]
    form = f"{DESK}/{programme_id}/charter"
    amended = f"{file}funding: {{sign_within: 8 months}}\n"
    read = {"shown": (await one.get(form)).fields(form)["shown"]}
    for path in (form, f"{form}/ask"):
        said = {"file": f"{amended}title: Un autre budget\n", "reason": REASON, **read}
        seen = await one.post(path, {**said, "csrf": await town.token(one), "once": str(uuid4())})
        assert seen.status == 422 and "he edition is called " in seen.words(), path
    seen = await one.fill(await one.fill(form, form, file=amended), f"{form}/ask", reason=REASON)
    assert (seen.status, seen.path) == (200, f"{DESK}/{programme_id}")
    waiting = await two.get("/desk/acts")
    assert "Amend a charter" in waiting.words()
    [link] = re.findall(f'href="({DESK}/proposed/[0-9a-f-]+)"', waiting.text)
    shown = (await two.get(link)).words()
    assert "What would change" in shown
    assert "funding.sign_within 6 months 8 months" in " ".join(shown.split())
    # Of what has a name in both languages, the one of the page: no program's notation.
    assert "An agreement that is not signed after six months lapses" in shown
    assert '{"en"' not in shown
    await confirm(two)
    assert (await bodies(town, "charter-amended"))[-1]["version"] == 2


async def test_an_amendment_undoes_none_that_was_confirmed_since_it_was_looked_at(
    town: Town,
) -> None:
    one, two, three = [await town.officer(Role.ADMINISTRATOR) for _ in range(3)]
    file = f"preset: {NAME}\nedition: {YEAR}\n"
    (await one.fill(await one.fill(NEW, NEW, file=file), DESK, reason=REASON)).done()
    await confirm(two)
    programme_id = (await bodies(town, "charter-published"))[-1]["programme_id"]
    form = f"{DESK}/{programme_id}/charter"
    opened = await three.get(form)
    mine = f"{file}envelope: 600 000 EUR\n"
    looked = await three.fill(opened, form, file=mine)
    assert "amended after you opened" not in looked.words()
    amended = f"{file}funding: {{sign_within: 8 months}}\n"
    (await one.fill(await one.fill(form, form, file=amended), f"{form}/ask", reason=REASON)).done()
    await confirm(two)
    asked = await bodies(town, "second-officer-asked")
    said = {"file": mine, "reason": REASON, "shown": looked.fields(f"{form}/ask")["shown"]}
    seen = await town.send(three, f"{form}/ask", **said)
    assert (seen.status, json.loads(seen.text)["code"]) == (409, "changed_meanwhile")
    seen = await three.fill(looked, f"{form}/ask", reason=REASON)
    assert seen.status == 409, seen.text
    since, _, would = seen.words().partition("What would change")
    assert "What was amended meanwhile" in since
    assert "funding.sign_within 6 months 8 months" in since
    assert "funding.sign_within 8 months 6 months" in would, "which her file would undo"
    assert seen.fields(f"{form}/ask")["reason"] == REASON
    told = (await three.fill(opened, form, file=mine)).words()
    assert "funding.sign_within 6 months 8 months" in told, "the page to write in says so, too"
    assert await bodies(town, "second-officer-asked") == asked
    (await three.fill(seen, f"{form}/ask")).done()
    assert len(await bodies(town, "second-officer-asked")) == len(asked) + 1, "once she was told"


async def test_an_edition_is_published_by_two_officers_with_everything_it_says(
    town: Town,
) -> None:
    one, two = [await town.officer(Role.ADMINISTRATOR) for _ in range(2)]
    seen = await one.fill(NEW, NEW, preset=NAME, edition=YEAR, title="Un budget pour voir")
    for assumed in read_charter(f"preset: {NAME}\nedition: {YEAR}", presets()).rules.assumed:
        assert f'id="assumed-{assumed.of}"' in seen.text
    seen = await one.fill(seen, DESK, reason=REASON)
    assert (seen.status, seen.path) == (200, DESK)
    assert "Un budget pour voir" in seen.text
    assert len(await bodies(town, "charter-published")) == 1, "the one that the town has"
    seen = await one.get("/desk/acts")
    assert not [each for each in seen.forms() if each.endswith("/confirm")], "not her own"
    proposed = await two.get(DESK)
    link = proposed.text.partition('href="/desk/programmes/proposed/')[2].partition('"')[0]
    assert "20,000" in (await two.get(f"{DESK}/proposed/{link}")).text
    await confirm(two)
    [_, body] = await bodies(town, "charter-published")
    event = CharterPublished.model_validate(body)
    wanted = read_charter(f"preset: {NAME}\nedition: {YEAR}", presets()).rules
    assert event.rules == wanted
    assert not event.rehearsal
    assert event.charter == charter_digest(title=event.title, rehearsal=False, rules=event.rules)
    assert event.log.startswith("un-budget-pour-voir-")
    rows = await town.connection.fetch(
        "select name, opens_at, closes_at, state from phase where programme_id = $1",
        event.programme_id,
    )
    assert {(r["name"], r["opens_at"], r["closes_at"]) for r in rows} == {
        (phase.name, phase.opens_at, phase.closes_at) for phase in wanted.phases
    }
    assert len(await bodies(town, "second-officer-asked")) == 1
    assert len(await bodies(town, "second-officer-consented")) == 1


async def test_a_rehearsal_may_be_published_by_one_officer(town: Town) -> None:
    one = await town.officer(Role.ADMINISTRATOR)
    seen = await propose(one, rehearsal="yes", alone="yes")
    assert seen.path.startswith(f"{DESK}/") and seen.status == 200, seen.text
    [_, body] = await bodies(town, "charter-published")
    assert (body["rehearsal"], body["rules"]["second_officer"]) == (True, [])
    assert not await bodies(town, "second-officer-asked")


async def test_an_edition_says_by_which_ways_one_comes_to_the_roll(town: Town) -> None:
    one = await town.officer(Role.ADMINISTRATOR)
    seen = await one.fill(NEW, NEW, preset=NAME, edition=YEAR)
    assert "declares who one is and proves a telephone" in seen.words()
    assert "FranceConnect" not in seen.words() and "in batches" not in seen.words()
    seen = await one.fill(NEW, NEW, preset=NAME, edition=YEAR, vouched="yes")
    assert "an identity provider, such as FranceConnect" in seen.words()
    flush = "vote: {flush: {k: 50, interval: 1800}}"
    seen = await one.fill(NEW, NEW, file=f"preset: {NAME}\nedition: {YEAR}\n{flush}\n")
    assert "at least 50 voters" in seen.words() and "at least 30 minutes" in seen.words()
    await propose(one, rehearsal="yes", alone="yes", vouched="yes")
    [_, body] = await bodies(town, "charter-published")
    ways = ["declared", "posted-code", "identity-provider"]
    assert body["rules"]["vote"]["identity"] == ways


async def test_a_form_that_is_sent_twice_asks_once(town: Town) -> None:
    one = await town.officer(Role.ADMINISTRATOR)
    seen = await one.fill(NEW, NEW, preset=NAME, edition=YEAR)
    fields = seen.fields(DESK) | {"reason": REASON}
    answers = [await one.post(DESK, fields) for _ in range(2)]
    assert {answer.path for answer in answers} == {DESK}
    assert len(await bodies(town, "second-officer-asked")) == 1


async def test_everything_that_is_wrong_with_a_charter_is_said_at_once(town: Town) -> None:
    one = await town.officer(Role.ADMINISTRATOR)
    filled = {"preset": NAME, "edition": YEAR, "title": "Un titre", "vote-opens": f"{YEAR}-08-01"}
    seen = await one.fill(NEW, NEW, **filled, envelope="beaucoup")
    assert seen.status == 422
    assert "<code>envelope</code>" in seen.text
    assert "<code>phases.vote.opens</code>" in seen.text
    assert seen.fields(NEW)["title"] == "Un titre", "nothing that was filled in is lost"
    file = f"preset: {NAME}\nedition: {YEAR}\nvote: {{own_project: excluded}}\n"
    seen = await one.fill(NEW, NEW, file=file)
    assert "<code>vote.own_project</code>" in seen.text
    french = await one.post(f"{NEW}?lang=fr", seen.fields(NEW))
    assert "<code>vote.own_project</code>" in french.text


GRADED = """
vote:
  format: {type: grades, grades: [insufficient, good, excellent], min: 1}
  rule:
    groups: {territory: [artois]}
    envelopes:
      - {name: all, amount: 572 000 EUR}
      - {name: artois, within: all, amount: 70 000 EUR, options: {groups: {territory: [artois]}}}
    passes: [{name: one, order: {type: median-grade, at_least: good}}]
    ties: {criteria: [cost, ask]}
"""


async def test_a_ballot_and_a_rule_are_said_in_words_before_and_after_publication(
    town: Town,
) -> None:
    one, two = [await town.officer(Role.ADMINISTRATOR) for _ in range(2)]
    file = f"preset: {NAME}\nedition: {YEAR}\ntitle: Des mentions\n{GRADED}"
    preview = await one.fill(NEW, NEW, file=file)
    english = (
        "from the worst: Insufficient, Good, Excellent",
        "70\u202f000\u202f€ are set aside for “artois”",
        "whose territory is Artois",
        "a median grade of “Good” at least",
        "until officers say the order",
    )
    for sentence in english:
        assert sentence in preview.text, sentence
    assert "A ballot names" not in preview.text, "what the preset says in short is gone"
    assert "until the envelope is exhausted" not in preview.text
    await one.fill(preview, DESK, reason=REASON)
    await confirm(two)
    [_, body] = await bodies(town, "charter-published")
    assert body["rules"]["vote"]["format"]["type"] == "grades"
    assert "least" not in body["rules"]["vote"]
    anybody, page = town.browser(), f"/programmes/{body['programme_id']}/rules"
    seen = await anybody.get(f"{page}?lang=en")
    for sentence in english:
        assert sentence in seen.text, sentence
    french = (await anybody.get(f"{page}?lang=fr")).text
    assert (
        "au moins la mention médiane « Bien »".replace(" »", "\u202f»").replace("« ", "«\u202f")
        in french
    )
    assert "de la pire à la meilleure\u202f: Insuffisant, Bien, Excellent." in french
    assert "70\u202f000\u202f€ sont réservés pour" in french


async def test_what_is_wrong_with_a_rule_is_said_with_its_place(town: Town) -> None:
    one = await town.officer(Role.ADMINISTRATOR)
    wrong = GRADED.replace("at_least: good", "at_least: fine").replace("572", "571")
    file = f"preset: {NAME}\nedition: {YEAR}\n{wrong}"
    seen = await one.fill(NEW, NEW, file=file)
    assert seen.status == 422
    assert "<code>vote.rule.passes.0.order.at_least</code>" in seen.text
    assert "<code>vote.rule.envelopes.0.amount</code>" in seen.text
    assert "571000" in seen.text and "572000" in seen.text


async def test_what_is_published_is_checked_again(town: Town) -> None:
    """A file that was changed between preview and asking is read like any other."""
    one = await town.officer(Role.ADMINISTRATOR)
    seen = await one.fill(NEW, NEW, preset=NAME, edition=YEAR)
    broken = seen.fields(DESK) | {"file": "preset: [", "reason": REASON}
    assert (await one.post(DESK, broken)).status == 422
    without = seen.fields(DESK) | {"reason": " "}
    assert (await one.post(DESK, without)).status == 422
    assert not await bodies(town, "second-officer-asked")


async def test_a_phase_is_redated_by_two_officers(town: Town) -> None:
    programme_id = await town.publish({"ideas": (1, 2)})
    page = f"{DESK}/{programme_id}"
    one, two = [await town.officer(Role.ADMINISTRATOR) for _ in range(2)]
    now = datetime.now(UTC)
    until = (now + timedelta(days=3)).isoformat()
    said = {"opens": now.isoformat(), "closes": until, "reason": REASON}
    seen = await one.fill(page, f"{page}/phases/ideas", **said)
    assert (seen.status, seen.path) == (200, page)
    assert not await bodies(town, "phase-redated")
    await confirm(two)
    [event] = await bodies(town, "phase-redated")
    assert (event["phase"], datetime.fromisoformat(event["opens_at"])) == ("ideas", now)
    assert (
        await town.connection.fetchval(
            "select value from text where content_id = $1", event["reason"]
        )
        == REASON
    )
    database = Database(town.dsn, name="test")
    await all_moved(database)
    await database.close()
    opened = [body["phase"] for body in await bodies(town, "phase-opened")]
    assert "ideas" in opened
    rules = await one.get(f"/programmes/{programme_id}/rules")
    assert "re-dated" in rules.text


async def test_a_phase_that_is_open_is_ended_by_its_end_alone(town: Town) -> None:
    programme_id = await town.publish(rehearsal=True, second_officer=[])
    page, one = f"{DESK}/{programme_id}", await town.officer(Role.ADMINISTRATOR)
    seen = await one.get(page)
    assert "opens" not in seen.fields(f"{page}/phases/ideas")
    now = datetime.now(UTC).isoformat()
    seen = await one.fill(seen, f"{page}/phases/ideas", closes=now, reason=REASON)
    assert seen.status == 200, seen.text
    database = Database(town.dsn, name="test")
    await all_moved(database)
    await database.close()
    assert "ideas" in [body["phase"] for body in await bodies(town, "phase-closed")]


async def test_a_window_that_breaks_the_rules_is_refused_in_words(town: Town) -> None:
    programme_id = await town.publish()
    page, one = f"{DESK}/{programme_id}", await town.officer(Role.ADMINISTRATOR)
    now = datetime.now(UTC)
    said = {"opens": now.isoformat(), "closes": (now + timedelta(1)).isoformat()}
    seen = await one.fill(page, f"{page}/phases/vote", **said, reason=REASON)
    assert seen.status == 422
    assert "phases.vote.opens" in seen.text
    seen = await one.fill(page, f"{page}/phases/vote", opens="soon", closes="", reason=REASON)
    assert seen.status == 422
    assert not await bodies(town, "second-officer-asked")


async def test_labelled_projects_are_frozen_by_two_returning_officers(town: Town) -> None:
    windows = {"dossiers": (-3.0, -2.0), "labelling": (-3.0, -1.0), "vote": (1.0, 2.0)}
    programme_id = await town.publish(windows)
    page = f"{DESK}/{programme_id}"
    one, two = [await town.officer(Role.RETURNING_OFFICER) for _ in range(2)]
    seen = await one.fill(page, f"{page}/freeze", reason=REASON)
    assert seen.status == 409, "there is nothing to vote on"
    labelled = await labelled_project(town.connection, programme_id)
    await labelled_project(town.connection, programme_id, None)
    await one.fill(page, f"{page}/freeze", reason=REASON)
    assert not await bodies(town, "options-frozen")
    await confirm(two)
    [event] = await bodies(town, "options-frozen")
    assert event["options"] == [str(labelled)]
    assert f"{page}/freeze" not in (await one.get(page)).forms()


async def test_options_are_not_frozen_while_projects_can_be_labelled(town: Town) -> None:
    page = f"{DESK}/{town.programme_id}"
    one = await town.officer(Role.RETURNING_OFFICER)
    await labelled_project(town.connection, town.programme_id)
    assert (await one.fill(page, f"{page}/freeze", reason=REASON)).status == 409


@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.ADVISER, DESK),
        (Role.COMMITTEE, DESK),
        (Role.RETURNING_OFFICER, NEW),
        (Role.RETURNING_OFFICER, "/desk/roles"),
        (Role.ADVISER, "/desk/roles"),
    ],
)
async def test_a_desk_is_closed_to_other_roles(town: Town, role: Role, path: str) -> None:
    assert (await (await town.officer(role)).get(path)).status == 403


async def test_a_programmes_officer_is_one_of_that_programme_only(town: Town) -> None:
    other = await town.publish()
    one = await town.officer(Role.ADMINISTRATOR, programme_id=other)
    page = f"{DESK}/{other}"
    fields = (await one.get(page)).fields(f"{page}/phases/vote")
    elsewhere = f"{DESK}/{town.programme_id}/phases/vote"
    later = {"closes": (datetime.now(UTC) + timedelta(9)).isoformat(), "reason": REASON}
    assert (await one.post(elsewhere, fields | later)).status == 403
    assert (await one.get(NEW)).status == 403
    assert not await bodies(town, "second-officer-asked")


async def _kept_with_the_officers(town: Town, content_id: str) -> str:
    """The words behind a commitment, which no topic has."""
    assert not await town.connection.fetchval(
        "select count(*) from outbox where topic = 'submission.texts' and key = $1", content_id
    )
    found = await town.connection.fetchrow("select * from text where content_id = $1", content_id)
    assert found is not None and commitment(found["salt"], found["value"]).hex() == content_id
    return str(found["value"])


async def test_roles_are_granted_and_revoked_and_announced_once(town: Town) -> None:
    one, two = await town.officer(Role.ADMINISTRATOR), await town.officer()
    someone = await town.connection.fetchval(
        "select officer_id from officer o where not exists"
        " (select from role_grant where officer_id = o.officer_id)"
    )
    assert (await two.get("/desk")).status == 403
    place = f"{town.programme_id}/artois"
    granted = {"officer": str(someone), "role": "adviser", "where": place, "reason": REASON}
    for _ in range(2):
        seen = await one.fill("/desk/roles", "/desk/roles/grant", **granted)
        assert seen.status == 200, seen.text
    [event] = await bodies(town, "role-granted")
    assert (event["officer"], event["role"], event["territory"]) == (
        str(someone),
        "adviser",
        "artois",
    )
    assert (await two.get("/desk")).status == 200
    seen = await one.get("/desk/roles")
    revoked = seen.fields("/desk/roles/revoke")
    assert revoked | {"reason": REASON} == revoked | granted
    assert (await one.post("/desk/roles/revoke", revoked)).status == 422, "it has no reason"
    await one.post("/desk/roles/revoke", revoked | {"reason": "she has moved"})
    assert await _kept_with_the_officers(town, event["reason"]) == REASON
    [event] = await bodies(town, "role-revoked")
    assert await _kept_with_the_officers(town, event["reason"]) == "she has moved"
    assert event["programme_id"] == str(town.programme_id)
    assert (await two.get("/desk")).status == 403


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"role": "king"}, 422),
        ({"where": "nowhere"}, 422),
        ({"where": "{programme}/nowhere"}, 422),
        ({"officer": "00000000-0000-4000-8000-000000000000"}, 404),
        ({"officer": "nobody"}, 404),
        ({"reason": " "}, 422),
        ({"role": "administrator", "where": "{programme}/artois"}, 422),
        ({"role": "returning-officer", "where": "{programme}/artois"}, 422),
        ({"subject": "somebody"}, 422),
        ({"csrf": "foreign"}, 403),
    ],
)
async def test_a_grant_that_makes_no_sense_is_refused(
    town: Town, changed: dict[str, str], status: int
) -> None:
    one = await town.officer(Role.ADMINISTRATOR)
    fields = (await one.get("/desk/roles")).fields("/desk/roles/grant")
    someone = str(await town.connection.fetchval("select officer_id from officer"))
    said = {"officer": someone, "role": "adviser", "where": "", "reason": REASON, **changed}
    said = {name: value.format(programme=town.programme_id) for name, value in said.items()}
    assert (await one.post("/desk/roles/grant", fields | said)).status == status
    assert not await bodies(town, "role-granted")


async def test_an_administrator_grants_within_what_she_administers(town: Town) -> None:
    one = await town.officer(Role.ADMINISTRATOR, programme_id=town.programme_id)
    someone = str(await town.connection.fetchval("select officer_id from officer"))
    fields = (await one.get("/desk/roles")).fields("/desk/roles/grant")
    said = fields | {"officer": someone, "role": "administrator", "reason": REASON}
    assert (await one.post("/desk/roles/grant", said | {"where": ""})).status == 403
    assert (
        await one.post("/desk/roles/revoke", said | {"where": str(town.programme_id)})
    ).status == 422, "she does not take the role from herself"
    within = said | {"role": "committee", "where": str(town.programme_id)}
    assert (await one.post("/desk/roles/grant", within)).status == 200


async def test_a_role_of_a_whole_programme_is_offered_for_no_territory(town: Town) -> None:
    one = await town.officer(Role.ADMINISTRATOR)
    wide, narrow = (await one.get("/desk/roles")).text.split("Grant a role at a counter")
    assert 'value="administrator"' in wide and 'value="administrator"' not in narrow
    assert all("It stays with the officers" in each for each in (wide, narrow))
    assert f"{town.programme_id}/artois" in narrow and f"{town.programme_id}/artois" not in wide
    someone = str(await town.connection.fetchval("select officer_id from officer"))
    place = f"{town.programme_id}/artois"
    said = {"officer": someone, "role": "administrator", "where": place, "reason": REASON}
    assert "role_of_whole_programme" in (await town.send(one, "/desk/roles/grant", **said)).text


async def test_a_committee_of_one_territory_decides_there_and_nowhere_else(town: Town) -> None:
    adviser, programme_id = await town.officer(Role.ADVISER), town.programme_id
    ids = {}
    for territory in ("artois", "calaisis"):
        carrier = town.browser()
        address = f"{territory}@example.org"
        ids[territory] = await town.deposit(carrier, address, territory=territory)
        await town.guide(carrier, adviser, ids[territory])
        await town.file(carrier, ids[territory])
    member = await town.officer(Role.COMMITTEE, programme_id=programme_id, territory="artois")
    desk = f"/desk/programmes/{programme_id}/dossiers"
    assert f'href="{desk}"' in (await member.get("/desk")).text
    seen = await member.get(desk)
    here, there = ids["artois"], ids["calaisis"]
    assert f"/desk/projects/{here}" in seen.text and f"/desk/projects/{there}" not in seen.text
    assert (await member.get(f"/desk/projects/{there}")).status == 403
    for act in ("review", "label", "refuse"):
        said = {"family": "cooperation", "reason": REASON}
        assert (await town.send(member, f"/desk/projects/{there}/{act}", **said)).status == 403
    assert (await town.review(member, here)).status == 200
    assert (await town.label(member, here)).status == 200
    elsewhere = await town.officer(
        Role.COMMITTEE, programme_id=await town.publish(), territory="artois"
    )
    assert (await elsewhere.get(desk)).status == 403
    assert desk not in (await elsewhere.get("/desk")).text


async def test_an_adviser_sees_what_is_due_in_her_territory_however_much_is_due(
    town: Town,
) -> None:
    adviser, ada = await town.officer(Role.ADVISER), town.browser()
    project_id = await town.deposit(ada)
    await town.ask(ada, project_id, await town.counter(adviser, territory="calaisis"))
    late = datetime.now(UTC) + timedelta(days=2)
    last = await town.counter(
        adviser, begins_at=f"{late:%Y-%m-%dT10:00}", ends_at=f"{late:%Y-%m-%dT12:00}"
    )
    await town.connection.execute(
        "with made as (insert into idea select gen_random_uuid(), programme_id, territory, title,"
        " summary, carrier, stage, deposited_at from idea, generate_series(1, 201)"
        " where project_id = $1 returning project_id)"
        " insert into handoff (handoff_id, project_id, programme_id, gathering_id, state,"
        " requested_at) select gen_random_uuid(), made.project_id, programme_id, gathering_id,"
        " state, requested_at from handoff, made where handoff.project_id = $1",
        project_id,
    )
    mine = await town.deposit(ada, title="Un rucher")
    await town.ask(ada, mine, last)
    page, more = f"/desk/programmes/{town.programme_id}/counters", "More waits than is shown here"
    seen = await adviser.get(page)
    assert "Un rucher" not in seen.text and more in seen.text
    there = await town.officer(Role.ADVISER, programme_id=town.programme_id, territory="artois")
    seen = await there.get(page)
    assert "Un rucher" in seen.text and more not in seen.text


async def test_the_home_page_says_where_it_stands_and_what_to_do(town: Town) -> None:
    visitor = town.browser()
    await town.deposit(visitor)
    seen = await visitor.get("/")
    assert seen.path == f"/programmes/{town.programme_id}", "the only one"
    assert f'href="/programmes/{town.programme_id}/deposit"' in seen.text
    assert "We are here" in seen.text
    assert "idea deposited" in seen.text
    await town.publish()
    assert (await visitor.get("/")).path == "/", "there are two to choose from"


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_page_is_there_in_both_languages(town: Town, language: str) -> None:
    one = await town.officer(*Role)
    home = f"/programmes/{town.programme_id}"
    for path in (
        *("/", home, f"{home}/rules", f"{home}/results", "/glossary"),
        *("/desk", DESK, NEW, f"{DESK}/{town.programme_id}", "/desk/roles"),
    ):
        seen = await one.get(f"{path}?lang={language}")
        assert seen.status == 200, (path, seen.text)
        assert path == "/" or f'<html lang="{language}">' in seen.text


async def test_an_import_has_a_page_and_its_charter_none(town: Town) -> None:
    visitor = town.browser()
    made = await town.connection.fetchval(
        "insert into programme (programme_id, log, title, charter, rehearsal)"
        " select gen_random_uuid(), 'imported', title, charter, true from programme"
        " returning programme_id"
    )
    assert "imported" in (await visitor.get(f"/programmes/{made}")).text
    assert (await visitor.get(f"/programmes/{made}/rules")).status == 409
    assert (await visitor.get(f"/programmes/{UUID(int=7)}")).status == 404


async def test_script_in_a_title_stays_text(town: Town) -> None:
    database = Database(town.dsn, name="test")
    programme_id = await publish(database, edition(title="<script>alert(1)</script>"))
    await database.close()
    seen = await town.browser().get(f"/programmes/{programme_id}")
    assert "<script>alert" not in seen.text
    assert "&lt;script&gt;alert(1)" in seen.text


def test_what_is_filled_in_beside_a_preset_is_a_file() -> None:
    form = {
        "preset": NAME,
        "edition": YEAR,
        "title": " Un titre ",
        "envelope": "",
        "vote-closes": f"{YEAR}-09-15T18:00",
        "ideas-opens": f"{YEAR}-01-02",
    }
    found = read_charter(written(form), presets())
    assert found.title == "Un titre"
    vote = next(phase for phase in found.rules.phases if phase.name == "vote")
    assert vote.closes_at == datetime(int(YEAR), 9, 15, 16, tzinfo=UTC), "18:00 in Paris"
    assert written({**form, "file": " a: 1 "}) == "a: 1"


def test_rules_are_read_again_as_they_were_published() -> None:
    rules = read_charter(f"preset: {NAME}\nedition: {YEAR}", presets()).rules
    kept = rules.model_dump(mode="json", exclude_none=True)
    assert CharterRules.model_validate(json.loads(json.dumps(kept))) == rules

"""What was filed is held to the charter of its day, and to the next one once its carrier amends it.

An amendment that takes effect between what was read and what is recorded is not read past.
"""

import json
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from comptoir.browser import Browser
from shared.contacts import Teller, encoded_key
from shared.database import Database
from shared.events.charter import CharterRules, Family
from shared.events.scheme import Document, Submitting
from shared.people import Role
from submission.carriers.telling import Telling
from submission.projects.reminding import remind_carriers
from tests.conftest import DatabaseFactory
from tests.submission.amending import amend_edition, overtaken
from tests.submission.carrying import code, events
from tests.submission.projects.test_at_once import last_step, written
from tests.submission.proposing import DOSSIER, KEY, Town, served_town

LEASE = Document(name="lease", fr="Bail", en="Lease")
PHOTOS = Document(name="photos", fr="Photos", en="Photographs", file=True)


@pytest.fixture
async def town(database: DatabaseFactory) -> AsyncIterator[Town]:
    """On a database of its own: who waits for a lock in it is who a test sent there."""
    async with served_town(await database("submission")) as found:
        await found.begin()
        found.programme_id = await found.publish(rehearsal=True, counter_attended=False)
        yield found
        await found.leave()


async def rules(town: Town) -> CharterRules:
    """The rules that are in force."""
    found = await town.connection.fetchval(
        "select rules from programme where programme_id = $1", town.programme_id
    )
    return CharterRules.model_validate_json(found)


async def one_more_document(town: Town, document: Document = LEASE) -> None:
    """The charter asks for one more document from now on."""
    await amend_edition(town, documents=(*(await rules(town)).documents, document))


async def lower(town: Town, ceiling: int) -> tuple[Family, ...]:
    """The families of labels, none of them with more than this, in cents."""
    return tuple(
        family.model_copy(update={"ceiling": min(family.ceiling, ceiling)})
        for family in (await rules(town)).families
    )


async def filed(town: Town, address: str = "ada@example.org", **said: str) -> tuple[Browser, UUID]:
    """A carrier with a dossier."""
    ada = town.browser()
    project_id = await town.deposit(ada, address)
    seen = await town.file(ada, project_id, **said)
    assert seen.path == f"/projects/{project_id}", seen.words()
    return ada, project_id


async def versions(town: Town, kind: str) -> list[int]:
    """Under which versions dossiers were announced."""
    return [each["charter_version"] for each in await events(town, kind)]


async def test_a_dossier_is_complete_by_the_charter_of_its_filing(town: Town) -> None:
    _, project_id = await filed(town)
    await one_more_document(town)
    officer = await town.officer(Role.INSTRUCTOR)
    page = f"/desk/projects/{project_id}"
    assert "missing-lease" not in (await officer.get(page)).fields(f"{page}/review")
    seen = await town.review(officer, project_id)
    assert seen.status == 200, seen.words()
    await filed(town, "bea@example.org", **{"document-lease": "yes"})
    assert await versions(town, "dossier-filed") == [1, 2]


async def test_a_dossier_that_its_carrier_amends_is_held_to_the_charter_of_that_day(
    town: Town,
) -> None:
    ada, project_id = await filed(town)
    await one_more_document(town)
    form = f"/projects/{project_id}/dossier"
    seen = await ada.get(form)
    assert "what you send now is held to their version 2" in seen.words()
    assert (await ada.fill(seen, form)).status == 200, "the same, under the new version"
    assert "what you send now" not in (await ada.get(form)).words()
    assert await versions(town, "dossier-amended") == [2]
    officer = await town.officer(Role.INSTRUCTOR)
    shown = await town.shown(officer, project_id)
    refused = await town.send(officer, f"/desk/projects/{project_id}/review", **shown)
    assert code(refused) == (409, "dossier_incomplete")
    await town.file(ada, project_id, **{"document-lease": "yes"})
    assert await versions(town, "dossier-amended") == [2, 2]
    assert (await town.review(officer, project_id)).status == 200


async def test_what_is_sent_again_unchanged_under_the_same_version_says_nothing(
    town: Town,
) -> None:
    ada, project_id = await filed(town)
    form = f"/projects/{project_id}/dossier"
    assert (await ada.fill(form, form)).status == 200
    assert await versions(town, "dossier-amended") == []


async def test_a_label_has_the_ceiling_of_the_charter_that_the_dossier_was_filed_under(
    town: Town,
) -> None:
    _, project_id = await filed(town, cost="18 000")
    member = await town.officer(Role.COMMITTEE)
    assert (await town.review(member, project_id)).status == 200
    await amend_edition(town, families=await lower(town, 10_000_00))
    seen = await town.label(member, project_id)
    assert seen.status == 200, seen.words()
    [event] = await events(town, "project-labelled")
    assert (event["family"], event["ceiling"]) == ("cooperation", 20_000_00)
    [told] = await town.told("labelled")
    assert told.values["ceiling"] == 20_000_00
    late = town.browser()
    other = await town.deposit(late, "bea@example.org")
    path = f"/projects/{other}/dossier"
    refused = await town.send(late, path, **DOSSIER | {"cost": "18 000", "revision": "0"})
    assert code(refused) == (422, "cost_over_ceiling")


async def test_files_are_asked_for_by_the_charter_of_the_filing(town: Town) -> None:
    ada, project_id = await filed(town)
    officer = await town.officer(Role.INSTRUCTOR)
    pages = ((ada, f"/projects/{project_id}"), (officer, f"/desk/projects/{project_id}"))
    await one_more_document(town, PHOTOS)
    for reader, page in pages:
        assert "Photographs" not in (await reader.get(f"{page}/documents")).words()
    await town.file(ada, project_id)
    for reader, page in pages:
        assert "Photographs" in (await reader.get(f"{page}/documents")).words()


async def test_a_carrier_is_reminded_of_a_document_that_is_asked_for_no_more(town: Town) -> None:
    _, project_id = await filed(town)
    officer = await town.officer(Role.INSTRUCTOR)
    assert (await town.review(officer, project_id, "budget")).status == 200
    left = tuple(each for each in (await rules(town)).documents if each.name != "budget")
    await amend_edition(town, documents=left)
    await town.set_phase("dossiers", "open")
    database = Database(town.dsn, name="test")
    telling = Telling(Teller(encoded_key(KEY), source="submission"), town.url)
    await remind_carriers(database, telling)
    await database.close()
    [told] = await town.told("dossier-reminder")
    assert "Budget" in json.dumps(told.values["missing"])


async def test_a_dossier_is_not_filed_under_rules_that_an_amendment_replaces_first(
    town: Town,
) -> None:
    """The filing would stand behind the amendment in the log, and be held to the one before it."""
    ada = town.browser()
    project_id = await town.deposit(ada)
    path, said = f"/projects/{project_id}/dossier", DOSSIER | {"cost": "18 000", "revision": "0"}
    await town.token(ada)
    seen = await overtaken(
        town, town.send(ada, path, **said), families=await lower(town, 10_000_00)
    )
    assert code(seen) == (422, "cost_over_ceiling")
    assert await versions(town, "dossier-filed") == []


@pytest.mark.parametrize("before", [None, 5], ids=["at once", "in a session"])
async def test_an_idea_is_not_deposited_under_rules_that_an_amendment_replaces_first(
    town: Town, before: int | None
) -> None:
    ada = town.browser()
    if before is not None:
        await amend_edition(town, submitting=Submitting(most_ideas=before))
    await town.deposit(ada)
    step = await written(town, ada, "Une mare")
    seen = await overtaken(town, last_step(ada, step), submitting=Submitting(most_ideas=1))
    assert seen.status == 409 and "Une mare" not in seen.path
    assert await town.events() == ["idea-deposited"]

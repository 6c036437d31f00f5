"""From an idea to its label, through the forms that people fill in."""

from collections.abc import AsyncIterator

import pytest

from shared.people import Role
from tests.conftest import DatabaseFactory
from tests.submission.proposing import REASON, Town
from tests.submission.proposing import town as served_town


@pytest.fixture
async def town(database: DatabaseFactory) -> AsyncIterator[Town]:
    async with served_town(database) as found:
        yield found


async def test_an_idea_becomes_a_labelled_project(town: Town) -> None:
    ada, adviser = town.browser(), await town.officer(Role.ADVISER)
    member = await town.officer(Role.COMMITTEE)
    project_id = await town.deposit(ada)
    await town.guide(ada, adviser, project_id)
    seen = await town.file(ada, project_id)
    assert (seen.status, seen.path) == (200, f"/projects/{project_id}"), seen.text
    seen = await town.review(member, project_id, "budget")
    assert seen.status == 200, seen.text
    seen = await town.file(ada, project_id, cost="4 500,50")
    assert seen.status == 200, seen.text
    seen = await town.review(member, project_id)
    assert seen.status == 200, seen.text
    seen = await town.label(member, project_id)
    assert seen.status == 200, seen.text
    assert await town.events() == [
        "idea-deposited",
        "handoff-requested",
        "handoff-accepted",
        "handoff-attended",
        "dossier-filed",
        "dossier-reviewed",
        "dossier-amended",
        "dossier-reviewed",
        "project-labelled",
    ]
    told = await town.told()
    assert [message.name for message in told] == [
        "sign-in-link",
        "idea-received",
        "counter-appointment",
        "dossier-incomplete",
        "dossier-complete",
        "labelled",
    ]
    assert {message.contact.address for message in told} == {"ada@example.org"}
    assert told[-1].values["reason"] == REASON
    page = await town.browser().get(f"/projects/{project_id}")
    assert page.status == 200
    assert REASON in page.text

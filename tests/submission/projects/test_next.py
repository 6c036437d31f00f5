"""What a project's page says comes next is what its charter has."""

from uuid import UUID

from shared.events.charter import Body
from tests.submission.planned import begin
from tests.submission.proposing import Town
from tests.submission.test_bodies import body


async def complete(town: Town, project_id: UUID) -> None:
    """Its dossier is complete."""
    await town.connection.execute(
        "update idea set stage = 'complete' where project_id = $1", project_id
    )


async def test_without_counters_the_dossier_comes_next(town: Town) -> None:
    await begin(
        town, desks=None, counter_attended=False, carrier_statuses=(), families=(), bodies=None
    )
    ada = town.browser()
    project_id = await town.deposit(ada)
    page = f"/projects/{project_id}"
    seen = await ada.get(page)
    assert "Next: the dossier is filed." in seen.words()
    assert "where an adviser helps" not in seen.words()
    await complete(town, project_id)
    assert "Next: the vote." in (await ada.get(page)).words()


async def test_a_jury_that_gives_money_comes_next_by_its_name(town: Town) -> None:
    await begin(town, families=(), bodies=(Body.model_validate(body()),))
    ada = town.browser()
    project_id = await town.deposit(ada)
    assert "where an adviser helps" in (await ada.get(f"/projects/{project_id}")).words()
    await complete(town, project_id)
    assert "Next: The jury decides." in (await ada.get(f"/projects/{project_id}")).words()

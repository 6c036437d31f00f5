"""An election from a `.pb` file becomes a programme, whose voters cast what the file says."""

from collections.abc import Sequence

import pytest

from comptoir.scenarios.imported import ImportedBudget, held_again, small_election
from comptoir.scenarios.stage import Stage
from tests.end_to_end.elections import expected_winners
from tests.end_to_end.scenarios.records import assert_audited
from tests.published import there

pytestmark = pytest.mark.slow

PUBLISHED = "poland_czestochowa_2020_grabowka.pb"


@pytest.fixture(scope="module")
async def imported(stage: Stage) -> ImportedBudget:
    return await held_again(stage, small_election())


def outcomes(outcome: str, budget: ImportedBudget) -> Sequence[str]:
    """The same for every row of the file."""
    return [outcome] * len(budget.election.projects)


def test_every_row_is_reported_before_it_is_recorded(imported: ImportedBudget) -> None:
    before, _ = imported.rows
    assert before == outcomes("new", imported)


def test_the_same_file_twice_changes_nothing(imported: ImportedBudget) -> None:
    _, again = imported.rows
    assert again == outcomes("known", imported)
    before, recorded, twice = imported.numbered
    # Who had the file recorded; then an idea, its dossier, and that it is complete.
    assert recorded - before == 1 + 3 * len(imported.election.projects)
    assert twice == recorded


def test_those_win_who_win_by_the_file(imported: ImportedBudget) -> None:
    assert imported.funded == expected_winners(imported.election)
    costs = {each.id: each.cost for each in imported.election.projects}
    assert imported.held.funded_cents == sum(costs[id] for id in imported.funded)
    assert imported.held.decisions == len(costs)


async def test_an_auditor_takes_the_record_and_counts_the_same(
    stage: Stage, imported: ImportedBudget
) -> None:
    held = imported.held
    await assert_audited(stage, held)
    # The voter who changed her mind has two.
    assert held.types["voting.ballot-cast.v1"] == len(imported.election.votes) + 1
    assert held.types["voting.result-validated.v1"] == 1


async def test_the_election_of_a_city_has_here_the_points_that_the_city_published(
    stage: Stage,
) -> None:
    """Points and not approvals, of which a voter gives ten; those with most are funded first."""
    budget = await held_again(stage, there(PUBLISHED).read_bytes())
    assert budget.held.verified, budget.held.differences
    assert budget.rows == [outcomes("new", budget), outcomes("known", budget)]
    election = budget.election
    published = {each.id: each.score_recorded for each in election.projects}
    assert budget.points == published
    left, funded = election.budget, []
    for project in sorted(election.projects, key=lambda each: -(published[each.id] or 0)):
        if project.cost <= left:
            left -= project.cost
            funded.append(project.id)
    assert budget.funded == funded

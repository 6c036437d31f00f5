"""The citizen budget of the Pas-de-Calais, held by each of its two outcome rules: what the record,
the pages and the mails say of it afterwards."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from comptoir.browser import Browser
from comptoir.mailbox import Mailbox
from comptoir.scenarios import citizens, pas_de_calais
from comptoir.scenarios.citizens import (
    CAFE,
    CHOIR,
    FUNDED,
    GARDEN,
    GROCERY,
    KITCHEN,
    LABELLED,
    ORCHARD,
    RADIO,
    WORKSHOP,
    Project,
)
from comptoir.scenarios.held import Held
from comptoir.scenarios.pas_de_calais import CitizenBudget
from comptoir.scenarios.stage import staged
from comptoir.stack import Stack
from tests.end_to_end.elections import Entries, silent
from tests.end_to_end.scenarios.records import assert_audited, recorded

pytestmark = pytest.mark.slow

VOTES = {ORCHARD: 5, WORKSHOP: 4, RADIO: 3, GROCERY: 2}


@dataclass(frozen=True)
class Over:
    """An edition that is over, and its record."""

    budget: CitizenBudget
    held: Held
    entries: Entries

    def of(self, project: Project, *kinds: str) -> list[dict[str, Any]]:
        """What the record says of a project, by kinds of submission's events."""
        wanted = {f"submission.{kind}.v1" for kind in kinds}
        named = str(self.budget.ids[project])
        return [
            entry["body"]
            for entry in self.entries.all
            if entry["type"] in wanted and entry["body"].get("project_id") == named
        ]

    def results(self) -> dict[Project, dict[str, Any]]:
        """What residents' votes came to."""
        projects = {str(id): project for project, id in self.budget.ids.items()}
        listed = self.budget.residents.results["projects"]
        return {projects[each["option_id"]]: each for each in listed}

    async def page(self, project: Project) -> str:
        """What everybody reads about a project."""
        return await self.budget.carriers[project].page(self.budget.ids[project])

    def mails(self, project: Project) -> Counter[str]:
        """How many mails its carrier had, by what their subjects say before the title."""
        mailbox = Mailbox(self.budget.scheme.stage.addresses.mails)
        sent = mailbox.mails(self.budget.carriers[project].address)
        return Counter(mail.subject.partition("\u00a0:")[0] for mail in sent)


@pytest.fixture(scope="module", params=[citizens.RANKED, citizens.ALL])
async def over(request: pytest.FixtureRequest, stack: Stack) -> AsyncIterator[Over]:
    # A stage each: no two payments have one reference.
    async with (
        staged(stack.addresses, silent) as stage,
        pas_de_calais.edition(stage, request.param) as budget,
    ):
        held = await budget.scheme.held()
        yield Over(budget, held, await recorded(stage, held))


async def test_an_auditor_takes_the_record_and_counts_both_votes_again(over: Over) -> None:
    await assert_audited(over.budget.scheme.stage, over.held)
    assert over.held.types["voting.result-validated.v1"] == 2
    # The committee had five dossiers, the residents four projects.
    assert over.held.decisions == 9


def test_the_outcome_rule_says_who_is_funded(over: Over) -> None:
    """Ranked until the envelope is exhausted: who costs more than what is left makes room. Else
    everything that has a label is funded, however few voted for it."""
    results = over.results()
    assert {project: each["votes"] for project, each in results.items()} == VOTES
    funded = FUNDED[over.budget.outcome]
    assert {project for project, each in results.items() if each["funded"]} == {*funded}
    assert over.held.funded_cents == sum(project.euros * 100 for project in funded)
    if over.budget.outcome == citizens.RANKED:
        assert results[RADIO]["reason"] == "does_not_fit"


def test_what_is_not_allowed_is_refused_with_its_code(over: Over) -> None:
    assert over.held.refused == (
        "counter_not_attended",  # talked with her desk on the telephone
        "counter_not_attended",  # missed her session
        "counter_not_attended",  # nobody answered her
        "carrier_status_refused",
        "carrier_type_refused",  # a person
        "carrier_type_refused",  # a municipality
        "cost_over_ceiling",
        "too_young",
        "conditions_missing",
    )
    assert over.held.types["submission.dossier-filed.v1"] == len(citizens.FILED)


def test_every_idea_went_its_way_between_the_desks(over: Over) -> None:
    steps = ("requested", "accepted", "scheduled", "attended", "missed", "redirected", "returned")
    ways = {
        ORCHARD: {"requested": 1, "accepted": 1, "scheduled": 1, "attended": 1},
        # Who gives it a place has accepted it.
        WORKSHOP: {"requested": 2, "redirected": 1, "accepted": 1, "scheduled": 1, "attended": 1},
        # The telephone is no session.
        RADIO: {"requested": 2, "accepted": 2, "scheduled": 1, "attended": 1, "returned": 1},
        CAFE: {"requested": 1, "returned": 1},
    }
    for project, way in ways.items():
        found = {step: len(over.of(project, f"handoff-{step}")) for step in steps}
        assert {step: many for step, many in found.items() if many} == way, project.title
    assert len(over.of(GROCERY, "handoff-missed")) == 1
    assert len(over.of(GROCERY, "handoff-attended")) == 1
    [unanswered], [guided] = over.of(CAFE, "handoff-returned"), over.of(RADIO, "handoff-returned")
    assert (unanswered["cause"], guided["cause"]) == ("unanswered", "done")


async def test_what_was_merged_withdrawn_or_refused_is_not_voted_on(over: Over) -> None:
    assert over.results().keys() == {*LABELLED}
    [merger] = over.of(ORCHARD, "projects-merged")
    assert merger["merged"] == [str(over.budget.ids[GARDEN])]
    assert len(over.of(KITCHEN, "project-withdrawn")) == 1
    assert len(over.of(CHOIR, "label-refused")) == 1
    assert "gave it no label" in await over.page(CHOIR)
    for project in LABELLED:
        [labelled] = over.of(project, "project-labelled")
        assert labelled["family"] == project.family


def test_carriers_are_told_what_became_of_their_ideas(over: Over) -> None:
    told = over.mails
    assert told(CAFE)["Votre projet vous revient"] == 1
    assert told(WORKSHOP)["Un autre bureau s’occupe de votre projet"] == 1
    assert told(GARDEN)["Votre projet continue avec un autre"] == 1
    assert told(GROCERY)["Il manque quelque chose à votre dossier"] == 1
    assert told(CHOIR)["Votre projet n’a pas reçu le label"] == 1
    for project in LABELLED:
        assert told(project)["Votre projet a le label"] == 1
        funded = project in FUNDED[over.budget.outcome]
        assert told(project)["Votre projet est financé"] == int(funded)
        assert told(project)["Votre projet n’est pas financé cette fois"] == int(not funded)
        assert told(project)["La convention est signée"] == int(funded)
    assert told(ORCHARD)["Un versement a été fait"] == 2


async def test_what_is_paid_can_be_followed_by_everybody(over: Over) -> None:
    said = await over.budget.grants.said()
    first, second = FUNDED[over.budget.outcome][:2]
    assert said["sums"]["paid"] == (first.euros + second.euros // 2) * 100
    assert said["sums"]["signed"] == said["sums"]["granted"] == over.held.funded_cents
    by_id = {each["option_id"]: each for each in said["grants"]}
    orchard = by_id[str(over.budget.ids[first])]
    assert [each["name"] for each in orchard["milestones"]] == ["begun"]
    assert all(each["reference"].startswith("MDT-62-") for each in orchard["instalments"])
    async with Browser(over.budget.scheme.desks.sites["count"]) as anybody:
        page = await anybody.get(f"/rounds/{over.budget.residents.round_id}/follow-up")
    assert first.idea.title in page.done().text and "The project has begun" in page.words()

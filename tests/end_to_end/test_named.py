"""A named round on the whole platform: a committee votes on labels from its seats, twice.

The first time too few members come. The second time one dossier is adopted, one has equal votes,
one has its quorum only since members are recused on it, and one misses its quorum.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import ledger_audit
from comptoir.client import Client
from comptoir.committee import Committee
from comptoir.desks import Desks, name_of
from comptoir.edition import generated_edition
from comptoir.proof import proven
from comptoir.proposing import Proposing
from comptoir.sitting import MEMBERS, NO, OFFICERS, YES
from comptoir.stack import Stack
from tests.end_to_end.elections import Entries, silent
from tests.shared.conftest import eventually

pytestmark = pytest.mark.slow

ADOPTED, TIED, RECUSED, MISSED = 1, 2, 3, 4
LISTED = "voting.option-listed.v1"


@dataclass
class Labelled:
    """An edition whose committee has voted; its rounds, first to last."""

    client: Client
    proposing: Proposing
    rounds: list[Committee] = field(default_factory=list)
    first_pages: dict[int, str] = field(default_factory=dict)

    async def page(self, number: int) -> str:
        """What everybody reads about a project."""
        carrier = self.proposing.carriers[number]
        seen = await carrier.get(f"/projects/{self.proposing.projects[number]}")
        return seen.done().words()

    async def begin(self) -> Committee:
        """The committee is given what is complete, and its round is open."""
        committee = Committee(self.proposing, self.client)
        await committee.receive()
        await self.proposing.desks.prepare_round(OFFICERS[0], committee.round_id)
        if not self.rounds:
            await committee.seat(*MEMBERS)
        await committee.open_round()
        self.rounds.append(committee)
        return committee

    async def vote(self, committee: Committee, said: dict[str, dict[int, str]]) -> None:
        """Members vote on projects by their numbers in the edition."""
        numbers = {idea.number: number for number, idea in committee.ideas.items()}
        for subject, sheet in said.items():
            ballot = {f"option-{numbers[which]}": answer for which, answer in sheet.items()}
            await committee.cast(subject, ballot)

    def reasons(self, committee: Committee) -> dict[int, str]:
        """Why each project is where it is, by its number in the edition."""
        by_id = {str(id): number for number, id in self.proposing.projects.items()}
        return {by_id[p["option_id"]]: p["reason"] for p in committee.results["projects"]}


@pytest.fixture(scope="module")
async def labelled(stack: Stack, client: Client) -> AsyncIterator[Labelled]:
    edition = generated_edition(ideas=4, dossiers=4, labelled=4, declared=0, posted=0, seed=11)
    async with AsyncExitStack() as entered:
        desks = await entered.enter_async_context(Desks(stack.addresses))
        made = Proposing(stack.addresses, desks, edition, silent)
        proposing = await entered.enter_async_context(made)
        await proposing.publish()
        await proposing.deposit()
        await proposing.announce_counters()
        await proposing.attend()
        await proposing.file()
        await proposing.review()
        held = Labelled(client, proposing)
        await too_few_come(held)
        await enough_come(held)
        yield held


async def too_few_come(held: Labelled) -> None:
    """Two of five members vote: a quorum is half of them, which is three."""
    committee = await held.begin()
    everything = dict.fromkeys((ADOPTED, TIED, RECUSED, MISSED), YES)
    await held.vote(committee, dict.fromkeys(MEMBERS[:2], everything))
    await committee.decide()
    held.first_pages = {number: await held.page(number) for number in everything}


async def enough_come(held: Labelled) -> None:
    """Four members vote. On the third dossier two of them answer, and two are recused, one of them
    by the chair: so they are two of three. On the fourth, two of five."""
    committee = await held.begin()
    elise, farid, ines, jules = MEMBERS[:4]
    number = next(n for n, idea in committee.ideas.items() if idea.number == RECUSED)
    await committee.recuse(ines, number)
    await recuse_another(committee, elise, jules, number)
    await held.vote(
        committee,
        {
            elise: {ADOPTED: YES, TIED: YES, RECUSED: YES, MISSED: YES},
            farid: {ADOPTED: YES, TIED: YES, RECUSED: YES, MISSED: YES},
            ines: {ADOPTED: YES, TIED: NO},
            jules: {ADOPTED: NO, TIED: NO},
        },
    )
    await committee.decide()


async def recuse_another(committee: Committee, chair: str, subject: str, number: int) -> None:
    """The chair says that another member has no say on a project."""
    desks = committee.proposing.desks
    page = f"{desks.sites['count']}/desk/seats/rounds/{committee.round_id}"
    seen = await (await desks.at(chair, "count")).get(page)
    shown = f'<option value="([0-9a-f-]{{36}})"[^>]*>[^<]*{name_of(subject)}</option>'
    seat = re.search(shown, seen.text)
    assert seat is not None, seen.words()
    await (await desks.at(chair, "count")).act(
        seen,
        f"/desk/seats/rounds/{committee.round_id}/recusals",
        seat=seat[1],
        option=str(number),
        reason="Sa sœur porte ce projet.",
    )


def test_what_misses_its_quorum_is_neither_labelled_nor_refused(labelled: Labelled) -> None:
    first = labelled.rounds[0]
    assert set(labelled.reasons(first).values()) == {"no_quorum"}
    for page in labelled.first_pages.values():
        assert "has not decided: it can vote again" in page
        assert "gave it the label" not in page and "gave it no label" not in page


async def test_a_majority_labels_a_tie_does_not_and_who_is_recused_is_not_missed(
    labelled: Labelled,
) -> None:
    assert labelled.reasons(labelled.rounds[1]) == {
        ADOPTED: "funded",
        TIED: "rejected",
        RECUSED: "funded",
        MISSED: "no_quorum",
    }
    for number in (ADOPTED, RECUSED):
        assert "The committee voted, and gave it the label" in await labelled.page(number)
    assert "The committee voted, and gave it no label." in await labelled.page(TIED)
    missed = await labelled.page(MISSED)
    assert "gave it the label" not in missed and "gave it no label" not in missed


async def test_residents_vote_on_what_the_committee_labelled(labelled: Labelled) -> None:
    """And on nothing else: the rest of the year goes on without it."""
    await labelled.proposing.freeze()
    await labelled.proposing.desks.prepare_round(OFFICERS[0], labelled.proposing.round_id)
    path = f"/rounds/{labelled.proposing.round_id}/options"
    options = await labelled.client.get("voting.count", path)
    wanted = {str(labelled.proposing.projects[number]) for number in (ADOPTED, RECUSED)}
    assert {each["option_id"] for each in options} == wanted
    families = {
        str(labelled.proposing.projects[idea.number]): idea.family
        for idea in labelled.proposing.edition.ideas
        if idea.number in (ADOPTED, RECUSED)
    }
    listed = await eventually(lambda: listed_families(labelled), lambda found: len(found) == 2)
    assert listed == families


async def listed_families(labelled: Labelled) -> dict[str, str | None]:
    """The family of each option of the residents' round, in the record."""
    log = f"{labelled.client.addresses.urls('ledger')[0]}/logs/{labelled.rounds[0].results['log']}"
    text = await asyncio.to_thread(lambda: list(ledger_audit.read(log).entries()))
    round_id = str(labelled.proposing.round_id)
    bodies = [each["body"] for each in Entries([json.loads(t) for t in text]).of(LISTED)]
    return {b["option_id"]: b.get("family") for b in bodies if b["round_id"] == round_id}


async def test_an_auditor_counts_both_votes_again_and_finds_the_ground_of_each_label(
    labelled: Labelled, tmp_path: Path
) -> None:
    log = labelled.rounds[0].results["log"]
    proof = await proven(labelled.client, log, 2, lambda n: None)
    assert proof.holds, proof.differences
    archive = tmp_path / "export.tar"
    await labelled.client.save("ledger", f"/logs/{log}/export", archive)
    entries = Entries([json.loads(entry) for entry in ledger_audit.read(archive).entries()])
    second = str(labelled.rounds[1].round_id)
    for kind, numbers in (("project-labelled", {ADOPTED, RECUSED}), ("label-refused", {TIED})):
        found = {e["body"]["project_id"]: e["body"] for e in entries.of(f"submission.{kind}.v1")}
        assert found.keys() == {str(labelled.proposing.projects[number]) for number in numbers}
        assert {body["round_id"] for body in found.values()} == {second}
        assert not any("officer" in body or "reason" in body for body in found.values())

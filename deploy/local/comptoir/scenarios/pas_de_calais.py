"""The citizen budget of the Pas-de-Calais, held whole: counters, labels, the vote of residents by
one of its two outcome rules, agreements and what is paid of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from comptoir.proposing import find_round
from comptoir.scenarios import citizens
from comptoir.scenarios.citizens import (
    CAFE,
    CHOIR,
    FILED,
    FUNDED,
    GARDEN,
    GROCERY,
    HALL,
    KITCHEN,
    LABELLED,
    ORCHARD,
    PROJECTS,
    RADIO,
    WISHES,
    WORKSHOP,
    Project,
)
from comptoir.scenarios.granting import Grants
from comptoir.scenarios.guided import Guided
from comptoir.scenarios.guiding import Guide
from comptoir.scenarios.held import Held
from comptoir.scenarios.labels import Labels, Reader, freeze_options
from comptoir.scenarios.residents import Residents
from comptoir.scenarios.scheme import Scheme
from comptoir.scenarios.stage import Stage
from comptoir.scenarios.unseen import refuse_unseen
from comptoir.sitting import OFFICERS
from comptoir.waiting import at_once

PRESET: Final = "pas-de-calais-citizen-budget"
AT_ONCE: Final = 4
TITLE: Final = "Budget citoyen du Pas-de-Calais (scénario)"


@dataclass
class CitizenBudget:
    """One edition under way; `ids` are its projects, `carriers` who deposited them."""

    scheme: Scheme
    outcome: str
    ids: dict[Project, UUID] = field(default_factory=dict)
    carriers: dict[Project, Guided] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    committee: Labels = field(init=False)
    residents: Residents = field(init=False)
    grants: Grants = field(init=False)

    async def walk(self) -> None:
        """Everything, in its order."""
        await self.scheme.publish()
        await self.deposit()
        await self.meet()
        await self.redirect()
        await self.miss()
        await self.wait()
        await self.merge()
        await self.file()
        await self.review()
        await self.label()
        await self.open_vote()
        await self.vote()
        await self.fund()

    async def deposit(self) -> None:
        """Whoever likes deposits an idea. One asks at once the desk that answers nobody."""
        await at_once(AT_ONCE, (self._deposit(project) for project in PROJECTS))
        await self.carriers[CAFE].ask_desk(self.ids[CAFE], citizens.SILENT)

    async def _deposit(self, project: Project) -> None:
        number = PROJECTS.index(project) + 1
        carrier = Guided.of(self.scheme, f"Porteuse {number}", f"porteuse{number}")
        self.carriers[project] = carrier
        self.ids[project] = await carrier.deposit(project.idea)
        self.scheme.did("ideas", len(PROJECTS))

    async def meet(self) -> None:
        """Advisers announce sessions; some ask for a place, are given it, and come. With one the
        desk talks on the telephone, and hands her idea back: she comes to a session all the same,
        since nobody files before."""
        camille = self.guide("camille")
        near, far = "boulonnais", "lens-henin"
        self.sessions[near] = await camille.announce(near, near, "Centre social, Outreau")
        self.sessions[far] = await camille.announce(far, far, "Maison des associations, Lens")
        met = {ORCHARD: near, KITCHEN: near, CHOIR: far, HALL: far}
        await at_once(AT_ONCE, (self.attend(project, desk) for project, desk in met.items()))
        await self.carriers[RADIO].ask_desk(self.ids[RADIO], "artois")
        await camille.act(self.ids[RADIO], "accept")
        reason = "Le projet est mûr : venez le présenter au comptoir."
        await camille.act(self.ids[RADIO], "return", reason=reason)
        await self._file_unmet(RADIO)
        await self.attend(RADIO, far)

    async def attend(self, project: Project, desk: str) -> None:
        """A carrier asks for a place at a session, has it, and comes."""
        await self.carriers[project].ask_session(self.ids[project], self.sessions[desk])
        for act in ("accept", "attended"):
            await self.guide("camille").act(self.ids[project], act)
        self.scheme.did("handoffs", 7)

    async def redirect(self) -> None:
        """A desk hands an idea on to another one, which finds it a session."""
        await self.carriers[WORKSHOP].ask_desk(self.ids[WORKSHOP], "boulonnais")
        camille, dominique = self.guide("camille"), self.guide("dominique")
        reason = "L'atelier sera près de la gare de Lens."
        await camille.act(self.ids[WORKSHOP], "redirect", desk="lens-henin", reason=reason)
        session = self.sessions["lens-henin"]
        await dominique.act(self.ids[WORKSHOP], "schedule", counter=session)
        await dominique.act(self.ids[WORKSHOP], "attended")
        self.scheme.did("handoffs", 7)

    async def miss(self) -> None:
        """Somebody stays away, and can file nothing until she has come to another session."""
        await self.carriers[GROCERY].ask_session(self.ids[GROCERY], self.sessions["boulonnais"])
        camille, reason = self.guide("camille"), "Elle a écrit que le train ne roulait pas."
        await camille.act(self.ids[GROCERY], "accept")
        await camille.act(self.ids[GROCERY], "missed", reason=reason)
        await self._file_unmet(GROCERY)
        await self.attend(GROCERY, "lens-henin")

    async def wait(self) -> None:
        """Nobody has answered a carrier in time: her idea comes back to her, as it went."""
        await self.carriers[CAFE].told("vous revient")
        await self._file_unmet(CAFE)
        self.scheme.did("handoffs", 7)

    async def _file_unmet(self, project: Project) -> None:
        carrier, said = self.carriers[project], project.dossier()
        await carrier.refused_unseen("counter_not_attended", self.ids[project], **said)

    async def merge(self) -> None:
        """Two instructors have one idea go on in another."""
        page = f"/desk/projects/{self.ids[ORCHARD]}"
        reason = "Le jardin et le verger sont sur le même terrain."
        await self.scheme.desks.together(
            "submission",
            ("oriane", "paulin"),
            f"{page}/standing?q={GARDEN.title.split()[-1]}",
            f"{page}/merge",
            **{f"merged-{self.ids[GARDEN]}": "yes", "reason": reason},
        )

    async def file(self) -> None:
        """Organisations of the social and solidarity economy file dossiers, and nobody else."""
        hall, carrier = self.ids[HALL], self.carriers[HALL]
        said = HALL.dossier() | {"status": "limited-company"}
        await carrier.refused("carrier_status_refused", hall, **said)
        await carrier.refused("carrier_type_refused", hall, **HALL.dossier())
        await carrier.declare("La commune", "municipality")
        await carrier.lead(hall)
        await carrier.refused("carrier_type_refused", hall, **HALL.dossier())
        await at_once(AT_ONCE, (self._file(project) for project in FILED))

    async def _file(self, project: Project) -> None:
        carrier, without = self.carriers[project], "budget" if project == GROCERY else ""
        await carrier.declare(project.organisation, project.status)
        await carrier.lead(self.ids[project])
        await carrier.file(self.ids[project], **project.dossier(without))
        self.scheme.did("dossiers", len(FILED))

    async def review(self) -> None:
        """A member reads the dossiers: one lacks a document, one asks for more than the label of
        another family gives, and one is withdrawn before it is read."""
        reason = "Une autre commune nous prête sa cuisine."
        await self.carriers[KITCHEN].withdraw(self.ids[KITCHEN], reason)
        elise = Reader(self.scheme, "elise")
        await elise.review(self.ids[GROCERY], "budget")
        await self.carriers[GROCERY].told("manque quelque chose")
        await self.carriers[GROCERY].file(self.ids[GROCERY], **GROCERY.dossier())
        await elise.refused("cost_over_ceiling", self.ids[WORKSHOP], "sse-values")
        for project in (*LABELLED, CHOIR):
            await elise.find_complete(self.ids[project], project.family)
            self.scheme.did("reviews", len(LABELLED) + 1)

    async def label(self) -> None:
        """The committee labels all but one of the dossiers that it was given."""
        self.scheme.stage.progress("committee", 0, 1)
        self.committee = Labels(self.scheme)
        await self.committee.meet()
        await self.committee.vote({self.ids[project]: 3 for project in LABELLED})
        await self.committee.decide()
        self.scheme.stage.progress("committee", 1, 1)

    async def open_vote(self) -> None:
        """What came before the vote ends, its options are frozen, and it is opened."""
        await freeze_options(self.scheme)
        self.residents = Residents(
            self.scheme.stage.addresses,
            self.scheme.stage.client,
            self.scheme.desks,
            citizens.voters(self.scheme.stage),
            self.committee,
            await find_round(self.scheme.desks, self.scheme.programme_id),
            {self.ids[project]: 1.0 for project in LABELLED},
            self.scheme.stage.progress,
            in_person=False,
        )
        await self.residents.open_round()

    async def vote(self) -> None:
        """Residents of eleven years or more choose up to three projects."""
        residents = self.residents
        numbers = {project: residents.numbers[self.ids[project]] for project in LABELLED}
        residents.wishes = [sorted(numbers[project] for project in wish) for wish in WISHES]
        ten = citizens.born(residents.edition.declared[0], 11, days_ago=-5)
        self.scheme.refused.append(await residents.refused(ten))
        await residents.put_on_roll()
        await residents.vote()
        await residents.decide()
        self.scheme.stage.progress("decision", 1, 1)
        self.scheme.rounds.append(residents.round_id)

    async def fund(self) -> None:
        """Agreements once carriers are in order, payments with their references, a milestone."""
        funded = [self.ids[project] for project in FUNDED[self.outcome]]
        self.grants = Grants(self.scheme, self.residents.round_id)
        await self._sign_too_soon()
        for project in funded:
            await self.guide("oriane").clear(project)
            await self.grants.sign(project)
            self.scheme.did("funding", len(funded))
        await self.grants.pay(funded[0], "first", "MDT-62-1")
        await self.grants.pay(funded[0], "balance", "MDT-62-2")
        await self.grants.pay(funded[1], "first", "MDT-62-3")
        await self.grants.reach(funded[0], "begun")

    async def _sign_too_soon(self) -> None:
        """Nobody has looked at any carrier, and no agreement can be signed."""
        page = f"/desk/rounds/{self.residents.round_id}/agreements"
        gaelle = await self.scheme.desks.at(OFFICERS[0], "count")
        where, reason = f"{self.scheme.desks.sites['count']}{page}", "Les conventions sont prêtes."
        await refuse_unseen(self.scheme, "conditions_missing", gaelle, where, page, reason=reason)

    def guide(self, subject: str) -> Guide:
        """An officer at her desk."""
        return Guide(self.scheme, subject)


@asynccontextmanager
async def edition(stage: Stage, outcome: str) -> AsyncIterator[CitizenBudget]:
    """An edition by an outcome rule, that is over, and whose people are there still."""
    async with Scheme(stage, PRESET, TITLE, citizens.says(outcome)) as scheme:
        budget = CitizenBudget(scheme, outcome)
        await budget.walk()
        yield budget


async def hold(stage: Stage) -> Held:
    """The edition whose projects are ranked until the envelope is exhausted, as the preset says."""
    async with edition(stage, citizens.RANKED) as budget:
        return await budget.scheme.held()

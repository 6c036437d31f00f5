"""`haute-garonne-rebound-fund`: a standing fund of 100,000 € a year. Its committee votes several
times in a year, each time on what is left; what lapses, or is not spent, can be given again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from comptoir.proposing import PARIS
from comptoir.scenarios.bodies import Body
from comptoir.scenarios.carrying import Carrier, Idea
from comptoir.scenarios.granting import Grants
from comptoir.scenarios.guiding import Guide
from comptoir.scenarios.held import Held
from comptoir.scenarios.scheme import Scheme
from comptoir.scenarios.stage import Stage
from comptoir.waiting import at_once

PRESET = "haute-garonne-rebound-fund"
TITLE = "Fonds de rebond de l’innovation sociale (répétition)"
PHASES = ("ideas", "counters", "dossiers", "instruction")
WHERE = "haute-garonne"
# What this edition says of grants, of which nothing is published.
SAYS = {
    "funding": {
        "instalments": [
            {
                "name": "order",
                "fr": "À la commande",
                "en": "On the order",
                "percent": 50,
                "on": "order",
            },
            {
                "name": "balance",
                "fr": "Solde, sur le bilan",
                "en": "Balance, on the report",
                "percent": 50,
                "on": "report",
            },
        ],
        "prorate": True,
        "sign_within": "2 seconds",
        "milestones": [
            {"name": "begun", "fr": "Étude lancée", "en": "Study begun"},
            {"name": "report", "fr": "Rapport remis", "en": "Report handed in"},
        ],
    }
}
DOSSIER = {
    "principle-uncovered-need": "yes",
    "principle-territorial-logic": "yes",
    "document-budget": "yes",
    "document-statutes": "yes",
}


@dataclass(frozen=True)
class Study:
    """A dossier: what it costs, and what is asked for, in euros; its kind of cost."""

    who: str
    organisation: str
    kind: str
    title: str
    theme: str
    cost: int
    asked: int
    type: str = "association"

    def fields(self) -> dict[str, str]:
        """As its form says it."""
        own = self.cost - self.asked
        return DOSSIER | {
            "carrier": self.organisation,
            "status": self.type,
            "cost": str(self.asked),
            "cost-kind-1": self.kind,
            "cost-amount-1": str(self.cost),
            "income-own": str(own) if own else "",
        }


FIRST = {
    # Asks for more than a project can have in a year, and spends less than it said.
    "workshop": Study(
        "Mathilde Castex",
        "L’Atelier des Pyrénées",
        "operational-study",
        "Un tiers-lieu de la réparation à Saint-Gaudens",
        "third-places",
        24_000,
        18_000,
    ),
    "market": Study(
        "Hugo Lafforgue",
        "La Halle paysanne",
        "feasibility-study",
        "Une halle paysanne coopérative à Revel",
        "short-circuits",
        20_000,
        15_000,
        "cooperative",
    ),
    "laundry": Study(
        "Aïcha Benhamou",
        "Linge & Lien",
        "first-employee",
        "Une laverie d’insertion au Mirail",
        "circular-economy",
        30_000,
        15_000,
    ),
    # Had so much public aid that its agreement cannot be signed.
    "timber": Study(
        "Rémi Soulé",
        "Bois de Comminges",
        "impact-qualification",
        "Mesurer l’impact d’une filière de bois local",
        "circular-economy",
        18_000,
        14_000,
        "sse-company",
    ),
    # Renounces its grant.
    "fabric": Study(
        "Claire Duran",
        "Fil d’Oc",
        "feasibility-study",
        "Une filature de laine pyrénéenne",
        "short-circuits",
        16_000,
        12_000,
    ),
    "karaoke": Study(
        "Loïc Marty",
        "Chante Toulouse",
        "operational-study",
        "Un karaoké itinérant",
        "third-places",
        9_000,
        8_000,
    ),
    "water": Study(
        "Inès Azéma",
        "Eau vive",
        "feasibility-study",
        "Des points d’eau partagés dans les cités",
        "circular-economy",
        17_000,
        15_000,
    ),
}
LATER = {
    "seeds": Study(
        "Bastien Rouquette",
        "Graines du Lauragais",
        "operational-study",
        "Une maison des semences à Villefranche",
        "short-circuits",
        16_000,
        14_000,
    ),
    # Does not fit into what is left of the year, until something lapses.
    "canteen": Study(
        "Sarah Pons",
        "La Cantine de Bagatelle",
        "first-employee",
        "Une cantine de quartier à Bagatelle",
        "third-places",
        21_000,
        15_000,
    ),
}
ALL = FIRST | LATER
KEY_OF_DE_MINIMIS = "timber"


async def hold(stage: Stage) -> Held:
    """Seven studies in a first vote, two in a second one, and in a third what did not fit."""
    async with Scheme(stage, PRESET, TITLE, SAYS) as scheme:
        await scheme.publish(*PHASES)
        fund = Fund(scheme)
        await fund.refuse_what_is_not_paid_for()
        await fund.propose(FIRST)
        first = await fund.decide(
            workshop=4, market=4, laundry=4, timber=4, fabric=4, water=4, karaoke=1
        )
        await fund.follow(first)
        await fund.propose(LATER)
        second = await fund.decide(seeds=4, canteen=3)
        await fund.carriers["canteen"].told("Votre projet n’est pas financé")
        await fund.lapse(first)
        await fund.sign(second, "seeds")
        third = await fund.decide(canteen=4)
        await fund.sign(third, "canteen")
        return await scheme.held()


class Fund:
    """One year of the fund: its projects, and who carries them."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self.unit = Guide(scheme, "oriane")
        self.carriers = {
            key: Carrier.of(scheme, study.who, key, "en" if key == "water" else "fr")
            for key, study in ALL.items()
        }
        self.projects: dict[str, UUID] = {}

    async def refuse_what_is_not_paid_for(self) -> None:
        """A person carries no dossier, and no other kind of cost is paid."""
        await self._deposit("workshop")
        carrier, project = self.carriers["workshop"], self.projects["workshop"]
        study = FIRST["workshop"].fields()
        await carrier.refused("carrier_type_refused", project, **study)
        await self._declare("workshop")
        furniture = study | {"cost-kind-1": "furniture"}
        await carrier.refused("cost_kind_refused", project, **furniture)
        short = study | {"income-own": ""}
        await carrier.refused("plan_unbalanced", project, **short)
        alone = {n: v for n, v in study.items() if n != "principle-uncovered-need"}
        await carrier.refused("principle_missing", project, **alone)

    async def propose(self, studies: dict[str, Study]) -> None:
        """Ideas go by the fund's desk, and come back as complete dossiers of organisations."""
        await at_once(4, (self._propose(key) for key in studies))

    async def _propose(self, key: str) -> None:
        if key not in self.projects:
            await self._deposit(key)
            await self._declare(key)
        carrier, project, study = self.carriers[key], self.projects[key], ALL[key]
        await carrier.ask_desk(project, "sse-unit")
        await self.unit.act(project, "accept")
        await self.unit.act(project, "return", reason="Le besoin n’est pas couvert localement.")
        self.scheme.did("handoffs", len(ALL))
        await carrier.file(project, **study.fields())
        self.scheme.did("dossiers", len(ALL))
        await self.unit.review(project)
        if key == KEY_OF_DE_MINIMIS:
            await self.unit.clearing_refused(project, "de_minimis_passed")
        else:
            await self.unit.clear(project)
        self.scheme.did("reviews", len(ALL))

    async def _deposit(self, key: str) -> None:
        study = ALL[key]
        summary = f"{study.title} : une étude portée par {study.organisation}."
        idea = Idea(study.title, summary, WHERE, theme=study.theme)
        self.projects[key] = await self.carriers[key].deposit(idea)
        self.scheme.did("ideas", len(ALL))

    async def _declare(self, key: str) -> None:
        study, carrier = ALL[key], self.carriers[key]
        await carrier.declare(study.organisation, study.type, seat=WHERE)
        if key == KEY_OF_DE_MINIMIS:
            day = f"{datetime.now(PARIS):%Y-%m-%d}"
            await carrier.declare_aid("290 000", day, "Région Occitanie")
        await carrier.lead(self.projects[key], study.type)

    async def decide(self, **yes: int) -> Body:
        """The committee votes on what it is given; so many of four members say yes."""
        committee = Body(self.scheme, "committee")
        await committee.meet()
        await committee.vote({self.projects[key]: many for key, many in yes.items()})
        await committee.decide()
        self.scheme.did("bodies", 3)
        return committee

    async def follow(self, committee: Body) -> None:
        """Agreements are signed and paid; one is refused, one costs less, one is followed."""
        grants, projects = Grants(self.scheme, committee.round_id), self.projects
        for key in ("workshop", "market", "laundry", "water"):
            await self.sign(committee, key)
        number = committee.number(projects[KEY_OF_DE_MINIMIS])
        await grants.sign_refused(projects[KEY_OF_DE_MINIMIS], number, "conditions_missing")
        await grants.pay(projects["market"], "order", "HG/1")
        await grants.reach(projects["market"], "begun")
        await grants.pay(projects["workshop"], "order", "HG/2")
        await self.carriers["workshop"].told("Un versement a été fait")
        # Of the 24,000 € that it was to cost: three quarters, as of the grant.
        await grants.reduce(projects["workshop"], 18_000)
        await self.carriers["workshop"].told("Le montant de votre subvention change")
        await grants.pay(projects["workshop"], "balance", "HG/3")

    async def sign(self, committee: Body, key: str) -> None:
        """The agreement of a project is signed."""
        await Grants(self.scheme, committee.round_id).sign(self.projects[key])
        signed = "The agreement is signed" if key == "water" else "La convention est signée"
        await self.carriers[key].told(signed)
        self.scheme.did("funding", 8)

    async def lapse(self, committee: Body) -> None:
        """One renounces, and one whose agreement could not be signed has had its time."""
        grants, projects = Grants(self.scheme, committee.round_id), self.projects
        reason = "Le porteur renonce par courrier."
        await grants.lapse(projects["fabric"], "renounced", reason)
        await self.carriers["fabric"].told("Le reste de votre subvention")
        self.scheme.did("funding", 8)
        reason = "Le plafond des aides de minimis est atteint."
        await grants.lapse(projects[KEY_OF_DE_MINIMIS], "not-signed", reason)
        await self.carriers[KEY_OF_DE_MINIMIS].told("Le reste de votre subvention")
        self.scheme.did("funding", 8)

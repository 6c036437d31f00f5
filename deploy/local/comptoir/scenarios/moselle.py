"""`moselle-social-innovation`: a yearly call for associations. A jury chooses, the assembly
deliberates on each amount; the impact of a project is measured by those who won before."""

from dataclasses import dataclass
from uuid import UUID

from comptoir.scenarios.bodies import Body
from comptoir.scenarios.carrying import Carrier, Idea
from comptoir.scenarios.granting import Grants
from comptoir.scenarios.guiding import Guide
from comptoir.scenarios.held import Held
from comptoir.scenarios.scheme import Scheme
from comptoir.scenarios.stage import Stage

PRESET = "moselle-social-innovation"
TITLE = "Innovation sociale en Moselle (répétition)"
PHASES = ("ideas", "dossiers", "instruction")
WHERE = "moselle"
# What this edition says of grants, of which nothing is published.
SAYS = {
    "funding": {
        "instalments": [
            {
                "name": "advance",
                "fr": "Avance à la signature",
                "en": "Advance on signature",
                "percent": 40,
                "on": "signature",
            },
            {
                "name": "invoices",
                "fr": "Sur factures",
                "en": "On invoices",
                "percent": 40,
                "on": "invoice",
            },
            {
                "name": "balance",
                "fr": "Solde, sur le bilan",
                "en": "Balance, on the report",
                "percent": 20,
                "on": "report",
            },
        ],
        "milestones": [
            {"name": "begun", "fr": "Action lancée", "en": "Action begun"},
            {"name": "report", "fr": "Bilan remis", "en": "Report handed in"},
        ],
    }
}
DOSSIER = {
    "principle-social-innovation": "yes",
    "principle-competences": "yes",
    "principle-cohesion": "yes",
    "document-budget": "yes",
    "document-statutes": "yes",
}


@dataclass(frozen=True)
class Project:
    """What an association proposes; amounts in euros."""

    who: str
    organisation: str
    status: str
    title: str
    theme: str
    category: str
    kind: str
    cost: int
    asked: int

    def fields(self) -> dict[str, str]:
        """As its dossier's form says it."""
        return DOSSIER | {
            "carrier": self.organisation,
            "status": self.status,
            "cost": str(self.asked),
            "cost-kind-1": self.kind,
            "cost-amount-1": str(self.cost),
            "income-own": str(self.cost - self.asked),
        }


PROJECTS = {
    "bus": Project(
        "Léa Schneider",
        "Le Bus des Possibles",
        "association-local-law",
        "Un bus de services pour les villages du Saulnois",
        "territorial-solidarity",
        "start-up",
        "equipment",
        40_000,
        25_000,
    ),
    "radio": Project(
        "Karim Weber",
        "Ondes du Bassin",
        "association-1901",
        "Une radio faite par les jeunes de Behren",
        "inclusion",
        "innovation",
        "engineering",
        18_000,
        12_000,
    ),
    "shop": Project(
        "Odile Klein",
        "La Boutique sans Étiquette",
        "association-1901",
        "Essaimer une boutique gratuite à Sarreguemines",
        "circular-economy",
        "replication",
        "communication",
        9_000,
        6_000,
    ),
}
IMPACT = Project(
    "Léa Schneider",
    "Le Bus des Possibles",
    "association-local-law",
    "Ce que le bus de services a changé dans le Saulnois",
    "territorial-solidarity",
    "diversification",
    "impact-measurement",
    10_000,
    7_500,
)


async def hold(stage: Stage) -> Held:
    """Three associations before the jury; the winner comes again, to have the impact measured."""
    async with Scheme(stage, PRESET, TITLE, SAYS) as scheme:
        await scheme.publish(*PHASES)
        call = Call(scheme)
        await call.deposit()
        await call.file()
        first = await call.choose(bus=4, radio=3, shop=1)
        await call.carriers["shop"].told("Votre projet n’est pas financé")
        await call.fund(first, "bus", 20_000)
        await call.fund(first, "radio", 12_000)
        await call.pay(first, "bus", "advance", "invoices", "balance")
        await call.come_again()
        second = await call.choose(impact=4)
        await call.fund(second, "impact", 7_500)
        await call.pay(second, "impact", "advance")
        await scheme.erase(call.projects["shop"], "La porteuse ne souhaite plus être nommée.")
        return await scheme.held()


class Call:
    """One year of the call: its projects, and who carries them."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self.officer = Guide(scheme, "paulin")
        self.carriers = {key: Carrier.of(scheme, each.who, key) for key, each in PROJECTS.items()}
        self.projects: dict[str, UUID] = {}

    async def deposit(self) -> None:
        """Three people deposit ideas for their associations."""
        for key, project in PROJECTS.items():
            await self._deposit(key, self.carriers[key], project)

    async def file(self) -> None:
        """Associations file dossiers; what the call does not pay for is refused."""
        carrier, project = self.carriers["bus"], self.projects["bus"]
        fields = PROJECTS["bus"].fields()
        await carrier.refused("carrier_type_refused", project, **fields)
        company = "Les Cars du Saulnois"
        await carrier.declare(company, "cooperative", seat=WHERE)
        await carrier.lead(project)
        await carrier.refused("carrier_type_refused", project, **fields)
        await self._declare("bus", seat="")
        await carrier.refused("seat_elsewhere", project, **fields)
        for key in PROJECTS:
            await self._declare(key)
        consumables = fields | {"cost-kind-1": "consumables"}
        await carrier.refused("cost_excluded", project, **consumables)
        impact = fields | {"cost-kind-1": "impact-measurement"}
        await carrier.refused("winners_only", project, **impact)
        await self.officer_incomplete()
        for key, each in PROJECTS.items():
            await self._file(key, self.carriers[key], each)

    async def officer_incomplete(self) -> None:
        """A dossier without its budget comes back, with what is missing."""
        carrier, project = self.carriers["shop"], self.projects["shop"]
        fields = PROJECTS["shop"].fields()
        await carrier.file(project, **{n: v for n, v in fields.items() if n != "document-budget"})
        await self.officer.review(project, "budget")
        await carrier.told("Il manque quelque chose à votre dossier")

    async def choose(self, **yes: int) -> Body:
        """The jury votes by name; so many of four members say yes."""
        jury = Body(self.scheme, "jury")
        await jury.meet()
        await jury.vote({self.projects[key]: many for key, many in yes.items()})
        await jury.decide()
        self.scheme.did("bodies", 2)
        return jury

    async def fund(self, jury: Body, key: str, euros: int) -> None:
        """The assembly deliberates on an amount, and the agreement is signed."""
        grants, project = Grants(self.scheme, jury.round_id), self.projects[key]
        act = f"CD57-2026-{len(self.scheme.rounds)}-{key}"
        await grants.confirm(project, euros, act)
        carrier = self.carriers.get(key, self.carriers["bus"])
        title = (IMPACT if key == "impact" else PROJECTS[key]).title
        await carrier.told("Votre subvention est confirmée", title)
        await grants.sign(project)
        await carrier.told("La convention est signée", title)
        self.scheme.did("funding", 3)

    async def pay(self, jury: Body, key: str, *parts: str) -> None:
        """The finance system paid these parts; the project is begun, and at its end reported on."""
        grants, project = Grants(self.scheme, jury.round_id), self.projects[key]
        await grants.reach(project, "begun")
        for part in parts:
            await grants.pay(project, part, f"PAIERIE-57/{key}-{part}")
        if "balance" in parts:
            await grants.reach(project, "report")

    async def come_again(self) -> None:
        """Who won before may have the impact measured."""
        carrier = self.carriers["bus"]
        await self._deposit("impact", carrier, IMPACT)
        await carrier.lead(self.projects["impact"], IMPACT.status)
        await self._file("impact", carrier, IMPACT)

    async def _deposit(self, key: str, carrier: Carrier, said: Project) -> None:
        idea = Idea(
            said.title,
            f"{said.title} : un projet de l’association {said.organisation}.",
            WHERE,
            said.theme,
            said.category,
        )
        self.projects[key] = await carrier.deposit(idea)
        self.scheme.did("ideas", len(PROJECTS) + 1)

    async def _declare(self, key: str, seat: str = WHERE) -> None:
        carrier, said = self.carriers[key], PROJECTS[key]
        await carrier.declare(said.organisation, "association", seat=seat)
        await carrier.lead(self.projects[key], said.status)

    async def _file(self, key: str, carrier: Carrier, said: Project) -> None:
        project = self.projects[key]
        await carrier.file(project, **said.fields())
        await self.officer.review(project)
        await carrier.told("Votre dossier est complet")
        await self.officer.clear(project)
        self.scheme.did("dossiers", len(PROJECTS) + 1)

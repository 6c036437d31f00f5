"""`bid-54`: territorial officers receive, orient and follow initiatives; a jury chooses, and the
assembly deliberates on what each gets."""

from uuid import UUID

from comptoir.scenarios.bodies import Body
from comptoir.scenarios.carrying import Carrier, Idea
from comptoir.scenarios.granting import Grants
from comptoir.scenarios.guiding import Guide
from comptoir.scenarios.held import Held
from comptoir.scenarios.scheme import Scheme
from comptoir.scenarios.stage import Stage

PRESET = "bid-54"
TITLE = "Boîte à initiatives départementales 54 (répétition)"
PHASES = ("ideas", "counters", "dossiers", "instruction", "follow-up")
WHERE = "meurthe-et-moselle"
PRINCIPLES = {"principle-social-innovation": "yes", "principle-competences": "yes"}
IDEAS = {
    "sabine": Idea(
        "Une cuisine partagée pour les aidants de Toul",
        "Cuisiner ensemble une fois par semaine, et repartir avec des repas pour la maison.",
        WHERE,
        category="emergence",
    ),
    "yannis": Idea(
        "Le covoiturage solidaire du Lunévillois",
        "Des habitants conduisent ceux qui n’ont pas de voiture à leurs rendez-vous de santé.",
        WHERE,
        category="experimentation",
    ),
    "nadia": Idea(
        "Un répit à la ferme pour les jeunes de l’aide sociale",
        "Trois jours par mois dans des fermes du Saintois, avec un éducateur.",
        WHERE,
        category="experimentation",
    ),
    "olivier": Idea(
        "Une piste de karting à Longwy",
        "Un circuit pour les entreprises et leurs salariés.",
        WHERE,
    ),
}
NAMES = {
    "sabine": "Sabine Humbert",
    "yannis": "Yannis Colin",
    "nadia": "Nadia Ferry",
    "olivier": "Olivier Thiriet",
}


async def hold(stage: Stage) -> Held:
    """Four initiatives: two are guided and chosen, one is guided and not, one is declined."""
    async with Scheme(stage, PRESET, TITLE) as scheme:
        await scheme.publish(*PHASES)
        held = Initiatives(scheme)
        await held.deposit()
        await held.receive()
        await held.file()
        body = await held.choose()
        await held.fund(body)
        await held.forget()
        return await scheme.held()


class Initiatives:
    """The initiatives of one edition, and who carries them."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self.carriers = {key: Carrier.of(scheme, NAMES[key], key) for key in IDEAS}
        self.projects: dict[str, UUID] = {}
        self.reception, self.orientation = Guide(scheme, "oriane"), Guide(scheme, "paulin")

    async def deposit(self) -> None:
        """Residents deposit their ideas, and ask the desk that receives all of them."""
        for key, idea in IDEAS.items():
            self.projects[key] = await self.carriers[key].deposit(idea)
            await self.carriers[key].ask_desk(self.projects[key], "reception")
            self.scheme.did("ideas", len(IDEAS))

    async def receive(self) -> None:
        """One is met at a session, two are handed on to those who know, one is declined."""
        await self._meet("sabine")
        await self._hand_on("yannis", "Relève des mobilités, que l’autre bureau connaît.")
        await self._hand_on("nadia", "Relève de l’aide sociale à l’enfance.")
        reason = "Une activité de loisir marchande ne relève pas de l’innovation sociale."
        await self.reception.act(self.projects["olivier"], "decline", reason=reason)
        await self.carriers["olivier"].told("Votre projet vous revient")
        self.scheme.did("handoffs", len(IDEAS))

    async def _meet(self, key: str) -> None:
        project = self.projects[key]
        place = "Maison du Département, 1 rue de la Halle, Toul"
        session = await self.reception.announce("reception", WHERE, place)
        await self.reception.act(project, "accept")
        await self.reception.act(project, "schedule", counter=session)
        await self.reception.act(project, "attended")
        reason = "L’idée est mûre : le dossier peut être déposé."
        await self.reception.act(project, "return", reason=reason)
        await self.carriers[key].told("Votre projet vous revient")
        self.scheme.did("handoffs", len(IDEAS))

    async def _hand_on(self, key: str, why: str) -> None:
        project = self.projects[key]
        await self.reception.act(project, "redirect", desk="orientation", reason=why)
        await self.carriers[key].told("Un autre bureau s’occupe de votre projet")
        await self.orientation.act(project, "accept")
        reason = "Le service concerné est prêt à accompagner le projet."
        await self.orientation.act(project, "return", reason=reason)
        await self.carriers[key].told("Votre projet vous revient")
        self.scheme.did("handoffs", len(IDEAS))

    async def file(self) -> None:
        """Dossiers say what they keep to, or are refused; instructors find them complete."""
        costs = {"sabine": "8 000", "yannis": "15 000", "nadia": "22 000"}
        for key, cost in costs.items():
            said = {"carrier": f"Collectif {NAMES[key]}", "cost": cost}
            carrier, project = self.carriers[key], self.projects[key]
            if key == "sabine":
                one = {"principle-competences": "yes"}
                await carrier.refused("principle_missing", project, **said, **one)
            await carrier.file(project, **said, **PRINCIPLES)
            await self.orientation.review(project)
            await carrier.told("Votre dossier est complet")
            self.scheme.did("dossiers", len(costs))

    async def choose(self) -> Body:
        """The jury votes by name on each: it chooses two of three, without an amount."""
        self.scheme.stage.progress("bodies", 0, 1)
        jury = Body(self.scheme, "jury")
        await jury.meet()
        projects = self.projects
        await jury.vote({projects["sabine"]: 4, projects["yannis"]: 3, projects["nadia"]: 2})
        await jury.decide()
        await self.carriers["nadia"].told("Votre projet n’est pas financé")
        self.scheme.did("bodies", 1)
        return jury

    async def fund(self, jury: Body) -> None:
        """The assembly deliberates on each amount; agreements are signed, and the money is paid."""
        grants, projects = Grants(self.scheme, jury.round_id), self.projects
        for number, (key, euros) in enumerate((("sabine", 6_000), ("yannis", 15_000)), 1):
            await grants.confirm(projects[key], euros, f"CD54-2026-{number:03d}")
            await grants.sign(projects[key])
            await grants.pay(projects[key], "grant", f"MDT-54-{euros}")
            await self.carriers[key].told("Un versement a été fait")
            self.scheme.did("funding", 2)

    async def forget(self) -> None:
        """Who was declined has his idea erased: his words and his name go, what was done stays."""
        self.scheme.stage.progress("forgetting", 0, 1)
        await self.carriers["olivier"].erase(self.projects["olivier"])
        self.scheme.did("forgetting", 1)

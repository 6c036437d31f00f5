"""Rounds of other formats and rules than a charter's short one, decided: for looking at."""

from random import Random
from typing import Any

from pydantic import TypeAdapter

from comptoir.client import Client
from comptoir.pabulib import Held
from comptoir.replay import Rehearsal
from comptoir.waiting import until
from shared.events.ballots import Format
from shared.events.rules import Option, Rule
from shared.pabulib import Choices, Election, Project, Terms
from tests.end_to_end.elections import silent

FORMAT: TypeAdapter[Format] = TypeAdapter(Format)
NAMES = (
    "Vergers partagés du Ternois",
    "Atelier vélo solidaire de Lens",
    "Épicerie itinérante du Haut-Pays et des villages de la vallée de la Course",
    "Café des parents",
    "Mare aux tritons",
    "Four à pain du marché",
    "Un jardin sur le toit de l’école Jean-Macé",
)
COSTS = (40_000_00, 12_500_00, 30_000_00, 8_000_00, 25_000_00, 18_000_50, 9_000_00)
BUDGET, VOTERS = 70_000_00, 14
AREAS = ("Arrageois", "Artois", "Boulonnais")
APPROVAL = {"type": "approval", "max": 3}
VOTES = {"type": "votes"}


def rule(order: dict[str, Any], **others: Any) -> Rule:
    """One envelope and one pass, of equals the cheaper first."""
    said = {
        "groups": {"territory": AREAS},
        "envelopes": ({"name": "all", "amount": BUDGET},),
        "passes": ({"name": "all", "order": order},),
        "ties": {"criteria": ("cost", "option")},
    }
    return Rule.model_validate(said | others)


STEPS = rule(
    VOTES,
    envelopes=(
        {"name": "all", "amount": BUDGET, "remainder": "next-year"},
        {
            "name": "boulonnais",
            "within": "all",
            "amount": 30_000_00,
            "options": {"groups": {"territory": ("Boulonnais",)}},
        },
    ),
    passes=(
        {"name": "one-each", "envelopes": ("boulonnais",), "order": VOTES, "most": 1},
        {
            "name": "everybody",
            "envelopes": ("all",),
            "order": VOTES,
            "misfit": {"policy": "part-fund", "at_least": "1/3", "otherwise": "skip"},
        },
    ),
    caps=({"of": "territory", "most": 2},),
    prizes={"prizes": ({"place": 1, "sponsor": "La Caisse du Nord", "amount": 500_00},)},
)
# By the name of the place where it is looked at.
ROUNDS: dict[str, tuple[dict[str, Any], Rule]] = {
    "shares": (APPROVAL, rule({"type": "equal-shares"}, electorate={"blank": "counted"})),
    "steps": ({"type": "cumulative", "total": 6, "most_each": 3}, STEPS),
    "grades": (
        {"type": "grades", "grades": ("a-rejeter", "passable", "bien", "tres-bien")},
        rule({"type": "median-grade", "at_least": "passable"}),
    ),
    "decision": ({"type": "decision", "members": 20}, rule(VOTES)),
    "against": ({"type": "plus-minus", "most_plus": 3, "most_minus": 2}, rule(VOTES)),
}


def ballots(form: dict[str, Any]) -> tuple[Choices, ...]:
    """What voters say: a few say nothing, and in some formats a few say too much."""
    chance, made = Random(form["type"]), list[Choices]()
    for voter in range(VOTERS):
        named = sorted(chance.sample(range(1, len(NAMES) + 1), min(voter, 3)))
        if form["type"] == "approval":
            made.append(named)
        else:
            values = {"plus-minus": (1, 1, -1), "decision": (1, 1, 1, 2, 0, 3)}
            wide = values.get(form["type"], (1, 2, 3))
            several = range(1, len(NAMES)) if form["type"] == "decision" else named
            made.append([[number, chance.choice(wide)] for number in several])
    return tuple(made)


async def hold(client: Client, name: str) -> str:
    """Hold one of these rounds as a rehearsal; its id once it is decided."""
    form, decides = ROUNDS[name]
    projects = tuple(
        Project(id=f"{n}", cost=cost, name=title)
        for n, (cost, title) in enumerate(zip(COSTS, NAMES, strict=True), start=1)
    )
    options = tuple(
        Option(
            id=project.id,
            number=number,
            cost=project.cost,
            groups={"territory": (AREAS[number % len(AREAS)],)},
        )
        for number, project in enumerate(projects, start=1)
    )
    terms = Terms(title=f"Budget des deux rives : {name}", vote_type="approval", budget=BUDGET)
    election = Election(file=name, terms=terms, projects=projects, votes=())
    held = Held(election, name, decides, FORMAT.validate_python(form), options, ballots(form))
    rehearsal = Rehearsal(client, held, silent)
    await rehearsal.propose()
    await rehearsal.open_round()
    await rehearsal.vote(range(VOTERS))
    await rehearsal.close_round()
    await until("the decision", rehearsal.state, lambda state: state["state"] == "decided")
    return str(rehearsal.round_id)

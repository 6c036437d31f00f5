"""An election that the project makes itself: for the demo, and for tests that need no file."""

import random

from shared.pabulib import Election, Limits, Project, Terms

WORDS = {
    "what": ("A garden", "Benches", "A workshop", "Bicycle stands", "A reading room", "Trees"),
    "where": ("at the station", "by the canal", "on the market square", "for the school", "uphill"),
}
LEAST_COST, MOST_COST = 2_000, 60_000
MOST_CHOICES = 5


def generated_election(projects: int = 40, voters: int = 2_000, seed: int = 62) -> Election:
    """An approval election; the same arguments give the same one.

    Projects have unlike appeal, and the budget pays for about a third of them.
    """
    chance = random.Random(seed)
    made = tuple(
        Project(
            id=f"{number:03d}",
            cost=chance.randrange(LEAST_COST, MOST_COST, 500) * 100,
            name=f"{chance.choice(WORDS['what'])} {chance.choice(WORDS['where'])}",
        )
        for number in range(1, projects + 1)
    )
    appeal = [chance.paretovariate(1.2) for _ in made]
    ids = [project.id for project in made]
    votes = []
    for _ in range(voters):
        wanted = chance.choices(ids, appeal, k=chance.randint(1, MOST_CHOICES))
        votes.append(tuple(dict.fromkeys(wanted)))
    return Election(
        file="generated",
        terms=Terms(
            title="A rehearsal: forty projects, two thousand voters",
            vote_type="approval",
            budget=sum(project.cost for project in made) // 3,
            limits=Limits(least=1, most=MOST_CHOICES),
        ),
        projects=made,
        votes=tuple(votes),
    )

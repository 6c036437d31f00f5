"""A small election in Pabulib's format, made by chance that is always the same."""

import random
from collections.abc import Mapping

DISTRICTS = ("Centre", "Les Prés")


def election(
    projects: int = 40, voters: int = 300, seed: int = 8, meta: Mapping[str, str] | None = None
) -> bytes:
    """Approval of at most five projects in two districts, greedy."""
    chance = random.Random(seed)
    said = {
        "description": "Budget participatif d’Exempleville",
        "country": "France",
        "unit": "Exempleville",
        "instance": "2026",
        "num_projects": str(projects),
        "num_votes": str(voters),
        "budget": "250000",
        "vote_type": "approval",
        "rule": "greedy",
        "date_begin": "2026",
        "date_end": "2026",
        "min_length": "1",
        "max_length": "5",
        **(meta or {}),
    }
    costs = [chance.randrange(5, 60) * 1000 for _ in range(projects)]
    lines = ["META", "key;value", *(f"{key};{value}" for key, value in said.items())]
    lines += ["PROJECTS", "project_id;cost;name;district"]
    lines += [
        f"p{n};{cost};Projet {n} « été »;{DISTRICTS[n % 2]}"
        for n, cost in enumerate(costs, start=1)
    ]
    lines += ["VOTES", "voter_id;vote"]
    for voter in range(1, voters + 1):
        named = chance.sample(range(1, projects + 1), chance.randint(1, min(5, projects)))
        lines.append(f"v{voter};{','.join(f'p{n}' for n in sorted(named))}")
    return ("\n".join(lines) + "\n").encode()

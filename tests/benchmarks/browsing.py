"""`pages-20k`: list, search and map of an edition with 20,000 projects."""

import random
from collections.abc import AsyncIterator, Mapping, Sequence

from tests.benchmarks.figure import Figure, say
from tests.benchmarks.proposals import THEMES, Proposing, Vocabulary, fill, proposing
from tests.benchmarks.requests import ask, get

PROJECTS, TIMES, WARM_UP = 20_000, 200, 10


async def browsing() -> AsyncIterator[Figure]:
    """Each page asked for 200 times, one after the other, words drawn anew each time; the slowest
    page's 95th percentile. It is the time until the whole page is there, at a client beside it."""
    async with proposing() as found:
        say(f"making {PROJECTS:,} projects")
        vocabulary = await fill(found, PROJECTS)
        slowest = 0.0
        for name, paths in _pages(found, vocabulary).items():
            requests = [get(path) for path in paths]
            (await ask([found.submission], requests[:WARM_UP], 1)).only(200)
            answers = (await ask([found.submission], requests, 1)).only(200)
            took = answers.percentile(95)
            say(f"{name}: p50 {answers.percentile(50):.1f} ms, p95 {took:.1f} ms")
            slowest = max(slowest, took)
        yield Figure("pages-20k", slowest, "ms p95", "<= 100")


def _pages(found: Proposing, vocabulary: Vocabulary) -> Mapping[str, Sequence[str]]:
    drawn, words = random.Random(7), vocabulary.words
    here = f"/programmes/{found.programme_id}"

    def searches(first: int, last: int, page: str = "projects") -> list[str]:
        return [f"{here}/{page}?q={words[drawn.randrange(first, last)]}" for _ in range(TIMES)]

    def several() -> str:
        return "+".join(words[drawn.randrange(0, 200)] for _ in range(3))

    return {
        "first page": [f"{here}/projects"] * TIMES,
        "any page": [f"{here}/projects?page={drawn.randint(1, 1_000)}" for _ in range(TIMES)],
        "frequent words": searches(0, 20),
        "rare words": searches(10_000, 20_000),
        "no word": [f"{here}/projects?q=xylophone{n}" for n in range(TIMES)],
        "beginnings": [f"{here}/projects?q={drawn.choice(words)[:1]}" for _ in range(TIMES)],
        "three words": [f"{here}/projects?q={several()}" for _ in range(TIMES)],
        "theme": [f"{here}/projects?theme={drawn.choice(THEMES)}" for _ in range(TIMES)],
        "stage and word": [f"{path}&stage=guided" for path in searches(0, 20)],
        "map": [f"{here}/map"] * TIMES,
        "map of a word": searches(0, 20, "map"),
    }

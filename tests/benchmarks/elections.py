"""Elections to count: a published one with the library, and large ones that are drawn.

Each count runs in a process of its own (`python -m tests.benchmarks.elections WHAT …`), so that its
time and the most memory it ever had are its own. It prints one line of JSON.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from shared.events.ballots import Approval
from shared.events.rules import Option, Rule
from shared.rules import presets
from tests.benchmarks.memory import forget_own_peak, peak
from voting.count.allocation.engine import count
from voting.count.allocation.profile import Profile, of_arrays

EACH = 6  # approvals on a drawn ballot


def main(what: str, *arguments: str) -> None:
    """Count once, and say how long it took and how much memory it had at most, in MB."""
    print(json.dumps(COUNTS[what](*arguments)))


def ours(file: str, rule: str) -> dict[str, Any]:
    """A published election, by us; three times, the first one told."""
    from tests.voting.count.allocation import pb

    election = pb.election(file)
    by = _rule(rule, election.budget)
    return _counted(by, election.form, election.options, election.ballots)


def library(file: str, rule: str) -> dict[str, Any]:
    """The same by the library, each ballot by itself."""
    from tests.voting.count.allocation import pb
    from tests.voting.count.allocation.library import Library

    election = pb.election(file)
    ballots = election.ballots
    rows = np.split(ballots.options, ballots.starts[1:-1])
    entries = [[(option, 1) for option in row.tolist()] for row in rows]
    theirs = Library(election.options, entries, election.budget)
    forget_own_peak()
    began = time.perf_counter()
    if rule == "greedy":
        winners = theirs.greedy()
    else:
        winners = theirs.equal_shares("cost", 100 if rule == "add1" else None)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "memory": peak([os.getpid()])[0], "winners": winners}


def drawn(rule: str, voters: str, options: str) -> dict[str, Any]:
    """A drawn election, by us."""
    listed, ballots = draw(int(voters), int(options))
    budget = sum(option.cost for option in listed) // 3
    return _counted(_rule(rule, budget), Approval(max=EACH), listed, ballots)


def reading(file: str) -> dict[str, Any]:
    """A file of a million ballots, read."""
    from voting.count.published import read_published

    data = Path(file).read_bytes()
    began = time.perf_counter()
    published = read_published(data, file)
    seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "ballots": len(published.starts) - 1,
        "memory": peak([os.getpid()])[0],
    }


def _rule(name: str, budget: int) -> Rule:
    match name:
        case "greedy":
            return presets.library_greedy(budget, by_cost=False)
        case "mes":
            return presets.equal_shares(budget)
        case "add1":
            return presets.equal_shares(budget, completion=presets.add1(exhaustive=True))
    completion = presets.add_fraction("1/1000", exhaustive=True)
    return presets.equal_shares(budget, completion=completion)


def _counted(rule: Rule, form: Any, options: list[Option], ballots: Profile) -> dict[str, Any]:
    forget_own_peak()
    began = time.perf_counter()
    result = count(rule, form, options, ballots)
    seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "memory": peak([os.getpid()])[0],
        "winners": list(result.winners),
        "spent": sum(decided.amount for decided in result.options),
        "budget": rule.envelopes[0].amount,
        **{key: str(value) for key, value in result.steps[0].facts.items()},
    }


def draw(voters: int, options: int) -> tuple[list[Option], Profile]:
    """Ballots of six approvals each: the n-th option is liked in proportion to 1/√n.

    Costs are even between 10,000 and 200,000 euros; the same for the same numbers.
    """
    random = np.random.default_rng(1)
    liked = -0.5 * np.log(np.arange(1, options + 1))
    chosen = np.empty((voters, EACH), np.int64)
    for begin in range(0, voters, 20_000):
        end = min(voters, begin + 20_000)
        drawn_ones = liked + random.gumbel(size=(end - begin, options))
        best = np.argpartition(-drawn_ones, EACH, axis=1)[:, :EACH]
        chosen[begin:end] = np.sort(best, axis=1)
    costs = random.integers(10_000_00, 200_000_00, options)
    listed = [
        Option(id=f"{number:04d}", number=number, cost=int(cost))
        for number, cost in enumerate(costs, start=1)
    ]
    return listed, of_arrays(options, np.full(voters, EACH), chosen.ravel())


COUNTS: dict[str, Callable[..., dict[str, Any]]] = {
    "ours": ours,
    "library": library,
    "drawn": drawn,
    "reading": reading,
}

if __name__ == "__main__":
    main(*sys.argv[1:])

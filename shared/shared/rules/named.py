"""The rules that a published file can be counted by without saying more than a name.

They count as `pabutools` does, so that whoever has that library can repeat them: where ballots give
points, greedy goes by points per cost, and equal shares take points for utility. How a city itself
counts is another rule.
"""

from shared.events.exact import Cents
from shared.events.rules import Completion, Rule
from shared.rules import presets

GREEDY = "greedy"
# No rule of ours: the one that a file says it was decided by.
AS_DECLARED = "as-declared"
# One unit of currency more a voter and round; `None`: no completion.
_COMPLETIONS: dict[str, Completion | None] = {
    "equal-shares": None,
    "equal-shares-cardinality": None,
    "equal-shares-add1": presets.add1(exhaustive=False),
    "equal-shares-add1-exhaustive": presets.add1(exhaustive=True),
}
NAMES = (GREEDY, *_COMPLETIONS)


def named(name: str, budget: Cents, *, points: bool) -> Rule:
    """The rule of a name in `NAMES`, ties by id; `points`: ballots give more than one vote each."""
    if name == GREEDY:
        return presets.library_greedy(budget, by_cost=points)
    alone = points or name == "equal-shares-cardinality"
    utility = "cardinality" if alone else "cost"
    return presets.equal_shares(budget, completion=_COMPLETIONS[name], utility=utility)

"""Whether the editions that share an envelope have no more of it together than there is.

A charter says of its cycle how many editions share how much; what the others take, it cannot know.
Rehearsals give no money, and share none.
"""

from collections.abc import Sequence

from shared.charters.form import euros
from shared.charters.problems import CharterRefused, Problem
from shared.events.charter import CharterRules


def check_cycle(rules: CharterRules, others: Sequence[CharterRules]) -> None:
    """Whether an edition says the same total as the others of its cycle, and has with them no more
    than that. Raises `CharterRefused`."""
    cycle = rules.cycle
    if cycle is None:
        return
    sharing = [each for each in others if _begins(each) == _begins(rules)]
    for each in sharing:
        if each.cycle is not None and each.cycle.total != cycle.total:
            values = {"edition": each.edition, "total": euros(each.cycle.total)}
            raise CharterRefused([Problem("cycle_total_differs", "cycle.total", values)])
    taken, own = sum(each.envelope or 0 for each in sharing), rules.envelope or 0
    if taken + own > cycle.total:
        values = {"envelope": euros(own), "taken": euros(taken), "total": euros(cycle.total)}
        raise CharterRefused([Problem("cycle_spent", "envelope", values)])


def _begins(rules: CharterRules) -> tuple[int, int] | None:
    """How many share an envelope, and the first year of the first of them: each follows the one
    before it, and is as long. None where nothing is shared."""
    if rules.cycle is None:
        return None
    first, last = int(rules.edition[:4]), int(rules.edition[-4:])
    return rules.cycle.of, first - (rules.cycle.number - 1) * (last - first + 1)

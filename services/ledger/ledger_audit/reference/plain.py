"""The rule of a round that names no other: greedy over one envelope, option by option."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Looked:
    """What the rule says when it looks at an option; `left` is what was left before it."""

    option: str
    funded: bool
    reason: str
    left: int


def greedy(
    costs: Mapping[str, int], votes: Mapping[str, int], budget: int, tie_order: Sequence[str]
) -> list[Looked]:
    """Look at the options from the most voted to the least; fund each that still fits.

    Equal votes are told apart by the declared criteria in turn (`cost`: the cheaper; `option`: the
    smaller id, as text), and last by the id in any case. No votes, no money. Money is in cents.
    """
    criteria = {"cost": lambda option: costs[option], "option": lambda option: option}
    order = sorted(costs)
    for name in reversed(tie_order):
        order.sort(key=criteria[name])
    order.sort(key=lambda option: votes.get(option, 0), reverse=True)
    left, looked = budget, []
    for option in order:
        if votes.get(option, 0) == 0:
            looked.append(Looked(option, False, "no_votes", left))
        elif costs[option] > left:
            looked.append(Looked(option, False, "does_not_fit", left))
        else:
            looked.append(Looked(option, True, "funded", left))
            left -= costs[option]
    return looked

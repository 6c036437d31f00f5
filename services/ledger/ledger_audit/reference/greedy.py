"""Orders that look at one option after the other: votes, votes per cost, grades, jury ranks."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ledger_audit.reference.envelopes import Purses
from ledger_audit.reference.grades import medians
from ledger_audit.reference.groups import Won, comes_first
from ledger_audit.reference.step import Step

type Data = Mapping[str, Any]
type Rank = tuple[Any, ...]


def fund(step: Step, won: list[Won], purses: Purses) -> None:
    """Look at every option of the step in order; fund it if it may win and fits."""
    ranks = _ranks(step)
    left, stopped, last = [o for o in step.options if o["id"] in ranks], False, None
    lost = set[str]()  # level with a winner, and would have fitted in its place
    while left:
        promised = [option for option in left if comes_first(option, step.each, won)]
        best = max(ranks[option["id"]] for option in promised or left)
        level = [option for option in promised or left if ranks[option["id"]] == best]
        option = step.first(level)
        left.remove(option)
        amount, spendable = step.amounts[option["id"]], purses.spendable(step.envelope)
        if stopped:
            code = "after_stop"
        elif forbidden := step.forbidden(option, won):
            code = forbidden
        elif amount <= spendable:
            code, paid = "funded", amount
        else:
            code, stopped = _misfit(step.each["misfit"], amount, spendable)
            # Funded in full, the envelope is below zero by what somebody else has to give.
            paid = amount if code == "funded" else spendable
            if code == "does_not_fit" and option["id"] in lost:
                code = "lost_tie"
        step.reasons[option["id"]] = code
        if code in ("funded", "part_funded"):
            purses.pay(step.envelope, paid)
            won.append(Won(option, paid, step.number, last == best))
            lost |= {o["id"] for o in level if step.amounts[o["id"]] <= spendable}
            last = best


def _misfit(misfit: Data, amount: int, spendable: int) -> tuple[str, bool]:
    """The reason, and whether the step stops, for what costs more than is left."""
    policy = misfit["policy"]
    if policy in ("fund-next", "part-fund"):
        if spendable > 0 and spendable >= Fraction(misfit["at_least"]) * amount:
            return ("funded" if policy == "fund-next" else "part_funded"), True
        policy = misfit["otherwise"]
    return "does_not_fit", policy == "stop"


def _ranks(step: Step) -> dict[str, Rank]:
    """Where the order puts each option, by id: more is better, equal is level."""
    order, ranks = step.each["order"], dict[str, Rank]()
    for option in step.options:
        id, votes, amount = option["id"], step.votes[option["id"]], step.amounts[option["id"]]
        if order["type"] == "votes":
            ranks[id] = (votes,)
        elif order["type"] == "votes-per-cost":
            # What costs nothing comes first, then the votes for each cent.
            ranks[id] = (1, votes) if amount == 0 else (0, Fraction(votes, amount))
        elif order["type"] == "jury-rank":
            ranks[id] = (-option["jury_rank"],)
        else:
            ranks[id] = tuple(medians(step.grades(option)))
    return ranks

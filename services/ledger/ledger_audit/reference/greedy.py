"""Orders that look at one option after the other: votes, votes per cost, grades, jury ranks."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ledger_audit.reference.chances import say_chances
from ledger_audit.reference.envelopes import Purses
from ledger_audit.reference.grades import medians, outwards
from ledger_audit.reference.groups import Won
from ledger_audit.reference.step import Look, Step

type Data = Mapping[str, Any]
type Rank = tuple[Any, ...]


def fund(step: Step, won: list[Won], purses: Purses) -> None:
    """Look at every option of the step in order; fund it if it may win and fits."""
    ranks = _ranks(step)
    waiting, stopped, last = list(step.options), False, None
    while waiting:
        step.work.spend(len(waiting))
        promised = step.promised(waiting, won)
        best = max(ranks[option["id"]] for option in promised or waiting)
        level = [option for option in promised or waiting if ranks[option["id"]] == best]
        spendable = purses.spendable(step.envelope)
        if stopped:
            option = step.first_unasked(level)
        else:
            option = step.next(level, won, spendable, promised=bool(promised))
        waiting.remove(option)
        ids = frozenset(o["id"] for o in level)
        look = Look(option, "after_stop", left=spendable, level=ids)
        if not stopped:
            stopped = _look(step, look, won)
        if look.code == "does_not_fit":
            _lost_tie(step, look)
        step.looks.append(look)
        if look.paid is not None:
            purses.pay(step.envelope, look.paid)
            won.append(Won(option, look.paid, step.number, last == best))
            last = best
    say_chances(step)


def _look(step: Step, look: Look, won: list[Won]) -> bool:
    """What becomes of an option that is next; whether the step stops with it."""
    amount, left = step.amounts[look.option["id"]], look.left
    if (why := step.forbidden(look.option, won)) is not None:
        look.code, look.facts = why
        return False
    if amount <= left:
        look.code, look.paid = "funded", amount
        return False
    if step.at_least(amount, left):
        if step.each["misfit"]["policy"] == "fund-next":
            # The envelope is below zero by what somebody else has to give.
            look.code, look.paid, look.facts = "funded", amount, {"missing": amount - left}
        else:
            look.code, look.paid, look.facts = "part_funded", left, {"wanted": amount}
        return True
    look.code, look.facts = "does_not_fit", {"needs": amount, "left": left}
    return step.stops()


def _lost_tie(step: Step, look: Look) -> None:
    """Whoever was level with a winner, and would have fitted in its place, lost by a criterion."""
    amount = step.amounts[look.option["id"]]
    for before in step.looks:
        if before.code == "funded" and before.left >= amount and look.option["id"] in before.level:
            step.lost_to(look, before.option)
            return


def _ranks(step: Step) -> dict[str, Rank]:
    """Where the order puts each option, by id: more is better, equal is level."""
    order, ranks = step.each["order"], dict[str, Rank]()
    if order["type"] == "median-grade" and step.tally.recused:
        graded = {option["id"]: step.grades(option) for option in step.options}
        step.work.compare(len(graded) * sum({len(grades) for grades in graded.values()}))
        return {id: (bytes(found),) for id, found in outwards(graded).items()}
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
            ranks[id] = (bytes(medians(step.grades(option))),)
    return ranks

"""A step of equal shares: the method, its completion, its top-up, and greedy beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.events.rules import (
    ByVotes,
    ByVotesPerCost,
    EqualShares,
    Misfit,
    Option,
    Order,
    Pass,
    Ties,
)
from voting.count.allocation.limits import Limits
from voting.count.allocation.ordering import ordering
from voting.count.allocation.ranked import Look, go_through
from voting.count.allocation.result import Tied
from voting.count.allocation.shares import completing
from voting.count.allocation.shares.backing import backing
from voting.count.allocation.shares.run import Run
from voting.count.allocation.tally import Tally

BY: dict[str, Order] = {"votes": ByVotes(), "votes-per-cost": ByVotesPerCost()}


@dataclass
class Outcome:
    """What a step of equal shares did: a look at every candidate, winners in order first."""

    looks: list[Look] = field(default_factory=list)
    facts: dict[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Divide:
    """What a step of equal shares is given; `room` is its money in cents."""

    each: Pass
    envelope: str
    order: EqualShares
    ties: Ties
    candidates: Sequence[int]
    options: Sequence[Option]
    amounts: Sequence[int]
    tally: Tally
    limits: Limits
    room: int
    answers: Sequence[str]

    def ask(self, tied: Sequence[int]) -> None:
        """Suspend the count: nothing separates these options."""
        raise Tied(tuple(sorted(self.options[i].id for i in tied)), (self.each.name, self.envelope))


def equal_shares(step: Divide) -> Outcome:
    """Fund by equal shares. `step.limits` learns of every winner."""
    outcome = Outcome()
    voters = step.tally.counted
    if not voters or step.room < 0 or not step.candidates:
        outcome.looks = [_unaffordable(step, option, 0) for option in step.candidates]
        return outcome
    winners = _method(step, outcome)
    if step.order.top_up is not None:
        spent = sum(step.amounts[option] for option in winners)
        winners += _greedy(step, step.order.top_up, winners, step.room - spent)
    if step.order.comparison is not None:
        winners = _compared(step, winners, outcome)
    _settle(step, winners, outcome)
    return outcome


def _method(step: Divide, outcome: Outcome) -> list[int]:
    order, tally = step.order, step.tally
    backed = backing(tally.profile, tally.worth, step.amounts, cost_utility=order.utility == "cost")
    divided = completing.money(order, step.room, tally.counted)
    by = ordering(order, step.ties, step.options, step.amounts, tally, step.answers)
    run = completing.run_until_complete(
        order,
        backed,
        step.candidates,
        divided,
        lambda option: by.ties[option],
        by.last,
        None if step.limits.none else step.limits,
        lambda tied: step.ask(tied) if by.asks(tied) else None,
    )
    outcome.facts |= {"share": str(divided.share), "last_share": str(run.history.share)}
    outcome.looks = _left(step, run)
    return run.winners


def _left(step: Divide, run: Run) -> list[Look]:
    """What the supporters of each loser have in the end."""
    won = set(run.winners)
    return [
        _unaffordable(step, option, run.left(option))
        for option in step.candidates
        if option not in won
    ]


def _unaffordable(step: Divide, option: int, have: int) -> Look:
    needs = step.amounts[option]
    return Look(option, "unaffordable", left=step.room, facts={"needs": needs, "have": have})


def _greedy(step: Divide, by: str, before: Sequence[int], room: int) -> list[int]:
    """Whom votes (or votes per cost) fund with what is left after these winners."""
    tried = step.limits.copy()
    for option in before:
        tried.take(option, step.amounts[option])
    rest = [option for option in step.candidates if option not in set(before)]
    greedy = step.each.model_copy(update={"misfit": Misfit()})
    by_votes = ordering(BY[by], step.ties, step.options, step.amounts, step.tally, step.answers)
    looks = go_through(
        greedy,
        step.envelope,
        rest,
        step.options,
        step.amounts,
        by_votes,
        tried,
        room,
    )
    return [look.index for look in looks if look.reason == "funded"]


def _compared(step: Divide, winners: list[int], outcome: Outcome) -> list[int]:
    comparison = step.order.comparison
    assert comparison is not None
    greedy = _greedy(step, "votes", (), step.room)
    ours, theirs = completing.preferred(
        comparison, step.tally.profile, step.tally.worth, step.amounts, winners, greedy
    )
    outcome.facts |= {"compared_by": comparison.by, "equal_shares": ours, "greedy": theirs}
    better = theirs < ours if comparison.by == "excluded" else theirs > ours
    outcome.facts |= {"result": "greedy" if better else "equal-shares"}
    return greedy if better else winners


def _settle(step: Divide, winners: Sequence[int], outcome: Outcome) -> None:
    """Looks at winners, in order, before those at losers; `limits` learns of them."""
    losing = {look.index: look for look in outcome.looks}
    room, looks = step.room, []
    for option in winners:
        amount = step.amounts[option]
        looks.append(Look(option, "funded", amount, room))
        step.limits.take(option, amount)
        room -= amount
    won = set(winners)
    for option in step.candidates:
        if option not in won:
            look = losing.get(option) or Look(option, "outvoted")
            forbidden = step.limits.forbidden(option, step.amounts[option])
            if forbidden is not None:
                look.reason, look.facts = forbidden
            looks.append(look)
    outcome.looks = looks

"""A step of equal shares: the method, its completion, its top-up, and greedy beside it."""

from collections.abc import Mapping, Sequence
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
from voting.count.allocation.ordering import Met, Ordering, ordering
from voting.count.allocation.ranked import Look, go_through, lost_to
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
    order: EqualShares
    ties: Ties
    candidates: Sequence[int]
    options: Sequence[Option]
    amounts: Sequence[int]
    tally: Tally
    limits: Limits
    room: int
    said: Mapping[str, int]
    met: list[Met]

    def by(self, order: Order) -> Ordering:
        """An order of this step."""
        return ordering(
            order, self.ties, self.options, self.amounts, self.tally, self.said, self.met
        )


def equal_shares(step: Divide) -> Outcome:
    """Fund by equal shares. `step.limits` learns of every winner."""
    outcome = Outcome()
    voters = step.tally.counted
    if not voters or step.room < 0 or not step.candidates:
        losers = [_unaffordable(step, option, 0) for option in step.candidates]
        outcome.looks = _settled(step, [], losers)
        return outcome
    by = step.by(step.order)
    run = _method(step, by, outcome)
    ours = _bought(step, run)
    if step.order.top_up is not None:
        spent = sum(look.amount for look in ours)
        ours += _greedy(step, step.order.top_up, ours, step.room - spent)
    winners = ours if step.order.comparison is None else _compared(step, ours, outcome)
    losers = _losers(step, run, winners)
    if winners is ours:
        _lost_ties(step, run, losers, by)
    else:
        _outvoted(losers, ours)
    outcome.looks = _settled(step, winners, losers)
    return outcome


def _method(step: Divide, by: Ordering, outcome: Outcome) -> Run:
    order, tally = step.order, step.tally
    backed = backing(tally.profile, tally.worth, step.amounts, cost_utility=order.utility == "cost")
    divided = completing.money(order, step.room, tally.counted)
    run = completing.run_until_complete(
        order,
        backed,
        step.candidates,
        divided,
        lambda option: by.ties[option],
        by.last,
        None if step.limits.none else step.limits,
        by.meet,
    )
    outcome.facts |= {"share": str(divided.share), "last_share": str(run.history.share)}
    return run


def _bought(step: Divide, run: Run) -> list[Look]:
    """The winners of a run. One is level with the one before where it had the same price then."""
    looks: list[Look] = []
    level, tied = 0, tuple[int, ...]()
    for paid in run.history.paid:
        level += paid.option not in tied
        amount = step.amounts[paid.option]
        looks.append(Look(paid.option, "funded", amount, level=("price", level)))
        tied = paid.tied
    return looks


def _losers(step: Divide, run: Run, winners: Sequence[Look]) -> list[Look]:
    """What the supporters of all others have in the end."""
    won = {look.index for look in winners}
    return [
        _unaffordable(step, option, run.left(option))
        for option in step.candidates
        if option not in won
    ]


def _lost_ties(step: Divide, run: Run, losers: Sequence[Look], by: Ordering) -> None:
    """Who had a winner's price when that one won, and cannot be paid any more, lost to it."""
    to: dict[int, int] = {}
    for paid in run.history.paid:
        for option in paid.tied:
            to.setdefault(option, paid.option)
    for look in losers:
        if look.index in to:
            lost_to(look, to[look.index], step.options, by)


def _outvoted(losers: Sequence[Look], ours: Sequence[Look]) -> None:
    """Who won but for the comparison."""
    tried = {look.index for look in ours}
    for look in losers:
        if look.index in tried:
            look.reason, look.facts = "outvoted", {}


def _unaffordable(step: Divide, option: int, have: int) -> Look:
    needs = step.amounts[option]
    return Look(option, "unaffordable", left=step.room, facts={"needs": needs, "have": have})


def _greedy(step: Divide, by: str, before: Sequence[Look], room: int) -> list[Look]:
    """Whom votes (or votes per cost) fund with what is left after these winners."""
    tried = step.limits.copy()
    for look in before:
        tried.take(look.index, look.amount)
    funded = {look.index for look in before}
    rest = [option for option in step.candidates if option not in funded]
    greedy = step.each.model_copy(update={"misfit": Misfit()})
    looks = go_through(greedy, rest, step.options, step.amounts, step.by(BY[by]), tried, room)
    return [look for look in looks if look.reason == "funded"]


def _compared(step: Divide, winners: list[Look], outcome: Outcome) -> list[Look]:
    comparison = step.order.comparison
    assert comparison is not None
    greedy = _greedy(step, "votes", (), step.room)
    ours, theirs = completing.preferred(
        comparison,
        step.tally.profile,
        step.tally.worth,
        step.amounts,
        [look.index for look in winners],
        [look.index for look in greedy],
    )
    outcome.facts |= {"compared_by": comparison.by, "equal_shares": ours, "greedy": theirs}
    better = theirs < ours if comparison.by == "excluded" else theirs > ours
    outcome.facts |= {"result": "greedy" if better else "equal-shares"}
    return greedy if better else winners


def _settled(step: Divide, winners: list[Look], losers: list[Look]) -> list[Look]:
    """Looks at winners, in order, before those at losers; `limits` learns of the winners."""
    room = step.room
    for look in winners:
        look.left = room
        room -= look.amount
        step.limits.take(look.index, look.amount)
    for look in losers:
        forbidden = step.limits.forbidden(look.index, step.amounts[look.index])
        if forbidden is not None:
            look.reason, look.facts = forbidden
    return [*winners, *losers]

"""Equal shares to the end: with larger shares, and beside greedy."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from shared.events.exact import fraction
from shared.events.rules import Comparison, Completion, EqualShares
from voting.count.allocation.limits import Limits
from voting.count.allocation.profile import Ints, Profile
from voting.count.allocation.shares.backing import Backing
from voting.count.allocation.shares.following import LARGE, Following, followed
from voting.count.allocation.shares.run import Ask, Run, TieKey


@dataclass(frozen=True)
class Money:
    """What equal shares divide: `cents` among `voters`; `share` is what each has at first."""

    cents: int
    voters: int
    share: Fraction

    @property
    def one(self) -> Fraction:
        """The unit of floats: about the share, and never zero."""
        return Fraction(max(self.cents, 1), self.voters)


def money(order: EqualShares, cents: int, voters: int) -> Money:
    """The share at first, rounded down where the rule says so."""
    share = Fraction(cents, voters)
    if order.unit is not None:
        share = Fraction(share // order.unit * order.unit)
    return Money(cents, voters, share)


def run_until_complete(
    order: EqualShares,
    backing: Backing,
    options: Sequence[int],
    divided: Money,
    tie: TieKey,
    last: TieKey,
    limits: Limits | None,
    ask: Ask,
    large: int = LARGE,
) -> Run:
    """The run that counts: of the first share, or by the rule's completion of a larger one.

    With so many entries on ballots as are `large`, it is found by what follows, not by runs.
    """

    def run(share: Fraction, most: int | None) -> tuple[Run, bool]:
        fresh = None if limits is None else limits.copy()
        one = Run(backing, options, share, divided.one, (tie, last), fresh, ask)
        return one, one.go(most)

    best, _ = run(divided.share, None)
    if order.completion is None:
        return best
    step, share = increment(order.completion, divided), divided.share
    following = None
    if followed(backing, options, large):
        following = Following(backing, options, divided.one, step, limits)
    counts, winners = share, best.winners
    while not _complete(order.completion, winners, backing, options, divided, limits):
        share += step
        found = None if following is None else following.winners(share, divided.cents)
        if found is None:
            anew, affordable = run(share, divided.cents)
            if not affordable:
                break
            best, found = anew, anew.winners
        if sum(backing.amounts[winner] for winner in found) > divided.cents:
            break
        counts, winners = share, found
    if best.history.share != counts:
        best, _ = run(counts, divided.cents)
        if best.winners != winners:
            raise RuntimeError("a run has other winners than floats that followed")
    return best


def increment(completion: Completion, divided: Money) -> Fraction:
    """By how many cents a share grows; a part of a share that is nothing is a cent."""
    if completion.cents is not None:
        return Fraction(completion.cents)
    return fraction(completion.share or "0") * divided.share or Fraction(1)


def _complete(
    completion: Completion,
    winners: Sequence[int],
    backing: Backing,
    options: Sequence[int],
    divided: Money,
    limits: Limits | None,
) -> bool:
    """Whether no larger share is to be tried."""
    after = None if limits is None else limits.copy()
    for winner in winners if after is not None else ():
        if after is not None:
            after.take(winner, backing.amounts[winner])
    spent = sum(backing.amounts[winner] for winner in winners)
    won = set(winners)
    open_ones = [
        option
        for option in options
        if option not in won
        and backing.total[option]
        and (after is None or after.forbidden(option, backing.amounts[option]) is None)
    ]
    if completion.stop == "exhaustive":
        return all(backing.amounts[option] > divided.cents - spent for option in open_ones)
    return all(backing.amounts[option] > divided.cents for option in open_ones)


def preferred(
    comparison: Comparison,
    ballots: Profile,
    worth: Ints,
    amounts: Sequence[int],
    ours: Sequence[int],
    theirs: Sequence[int],
) -> tuple[int, int]:
    """How many ballots prefer each of two results; for "excluded", how many each leaves out."""

    def has(result: Sequence[int]) -> Ints:
        value = np.zeros(ballots.size, np.int64)
        value[list(result)] = (
            [amounts[option] for option in result] if comparison.by == "money" else 1
        )
        each = np.where(worth > 0, value[ballots.options], 0)
        sums = np.concatenate((np.zeros(1, np.int64), np.cumsum(each)))
        have: Ints = sums[ballots.starts[1:]] - sums[ballots.starts[:-1]]
        return have

    one, other = has(ours), has(theirs)
    if comparison.by == "excluded":
        return int(ballots.weights[one == 0].sum()), int(ballots.weights[other == 0].sum())
    return int(ballots.weights[one > other].sum()), int(ballots.weights[other > one].sum())

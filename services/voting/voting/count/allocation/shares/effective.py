"""Effective support: how near an option came under equal shares, in percent. It decides nothing."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from voting.count.allocation.profile import Ints, Profile
from voting.count.allocation.shares.backing import Floats

# What floats may have wrong, of a share or a percent: these are figures to be read.
NEARLY = 1e-9


def effective_support(
    ballots: Profile,
    worth: Ints,
    amounts: Sequence[int],
    share: Fraction,
    winners: Sequence[int],
    candidates: Sequence[int],
    *,
    cost_utility: bool,
) -> Mapping[int, int]:
    """Of each candidate, what its supporters could pay for it of what it costs, in whole percents.

    As `pabutools.analysis.mesanalytics` has it ("the ratio of budget received to budget required
    to win"): each time an option is funded, what the candidate's supporters could pay at that
    price per utility, each at most what she has left; in the end, all that they have left; the
    most of these counts. A loser's is what it would take to win, 100, had its supporters had so
    much more money. A winner has 100: how much more, only a count without it would say. Unlike
    there, supporters are looked at before the winner is paid, when it was the candidate's turn as
    well. Winners that equal shares could not pay were a top-up, and are passed over.
    """
    paying = _Paying(ballots, worth, amounts, float(share), cost_utility=cost_utility)
    reached = np.zeros(ballots.size)
    for winner in winners:
        rank = paying.rank(winner)
        if rank is not None:
            reached = np.maximum(reached, paying.covered(rank))
            paying.pay(winner, rank)
    reached = np.maximum(reached, paying.covered(float("inf")))
    percent = np.floor(reached * 100 + NEARLY).astype(np.int64)
    won = set(winners)
    return {option: 100 if option in won else int(percent[option]) for option in candidates}


class _Paying:
    """What voters have left while winners are paid."""

    def __init__(
        self,
        ballots: Profile,
        worth: Ints,
        amounts: Sequence[int],
        share: float,
        *,
        cost_utility: bool,
    ) -> None:
        keep = worth > 0
        self._size, self._weights = ballots.size, ballots.weights.astype(np.float64)
        self._rows, self._options = ballots.rows[keep], ballots.options[keep]
        self._amounts = np.asarray(amounts, np.float64)
        unit = self._amounts if cost_utility else np.ones(ballots.size)
        self._utility: Floats = worth[keep] * unit[self._options]
        self._share = share
        self._money: Floats = np.full(len(ballots.weights), share)

    def covered(self, rank: float) -> Floats:
        """Of each option's amount, the part that its supporters could pay at a price per utility;
        what costs nothing is covered."""
        asked = self._utility * rank if rank < float("inf") else np.full(len(self._rows), rank)
        paid = np.minimum(self._money[self._rows], asked) * self._weights[self._rows]
        sums = np.bincount(self._options, paid, self._size)
        free = self._amounts == 0
        return np.where(free, 1.0, sums / np.where(free, 1.0, self._amounts))

    def rank(self, option: int) -> float | None:
        """The price per utility at which supporters pay an option; None where they cannot."""
        mine = self._options == option
        money, utility = self._money[self._rows[mine]], self._utility[mine]
        many, cost = self._weights[self._rows[mine]], self._amounts[option]
        if (money * many).sum() < cost * (1 - NEARLY) - NEARLY:
            return None
        if not cost:
            return 0.0
        # Whoever runs out first, by price, pays all she has; the others pay by their utility.
        order = np.argsort(money / utility, kind="stable")
        money, utility, many = money[order], utility[order], many[order]
        spent = np.concatenate(([0.0], np.cumsum(money * many)[:-1]))
        rest = np.cumsum((utility * many)[::-1])[::-1]
        price = (cost - spent) / rest
        able = price * utility <= money * (1 + NEARLY)
        return float(price[int(np.argmax(able))]) if able.any() else float(price[-1])

    def pay(self, option: int, rank: float) -> None:
        """Its supporters pay."""
        mine = self._options == option
        rows = self._rows[mine]
        self._money[rows] = np.maximum(0.0, self._money[rows] - self._utility[mine] * rank)

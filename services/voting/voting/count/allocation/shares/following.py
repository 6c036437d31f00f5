"""Runs of equal shares that follow one another, each with a share a little larger.

What one sees of an option's supporters serves the next ones too, so that most of them look at few
voters. They say who wins where floats tell that for certain, and nothing otherwise: two prices
closer than `CLOSE` are for a run that computes in fractions.
"""

import heapq
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from voting.count.allocation.limits import Limits
from voting.count.allocation.shares.backing import Backing
from voting.count.allocation.shares.exact import CLOSE
from voting.count.allocation.shares.run import ROUGH
from voting.count.allocation.shares.sight import Bought, Price, Sight, Supporters, look, nothing

# How far a sight reaches, in steps of the share: the farther, the more voters it looks at again.
REACHES = (5, 30)
# Of the share at first, the least step that reaches are made for.
LEAST = 1e-4
# Of entries on ballots; with fewer, a run anew takes less time.
LARGE = 1_500_000
# For each entry its ballot is kept, so long that all have so many entries together.
ROOM = 200_000_000


class Undecided(Exception):
    """Floats do not tell who wins."""


class Following:
    """Who wins, with one share after the other, each larger than the one before."""

    def __init__(
        self,
        backing: Backing,
        options: Sequence[int],
        one: Fraction,
        step: Fraction,
        limits: Limits | None,
    ) -> None:
        self._backing = backing
        self._options = [c for c in options if backing.total[c]]
        self._one = one
        self._limits = limits
        self._sights = Sights(backing, float(one), max(float(step / one), LEAST))

    def winners(self, share: Fraction, most: int) -> list[int] | None:
        """In order, until they cost more than `most`; None where floats do not tell."""
        limits = None if self._limits is None else self._limits.copy()
        begin = float(share / self._one)
        self._sights.forget(begin)
        race = Race(self._backing, self._options, begin, self._sights, limits)
        winners: list[int] = []
        spent = 0
        try:
            while spent <= most and (winner := race.next()) is not None:
                winners.append(winner)
                spent += self._backing.amounts[winner]
        except Undecided:
            return None
        return winners


def followed(backing: Backing, options: Sequence[int], large: int = LARGE) -> bool:
    """Whether floats that follow are faster than to run anew, and there is room for what they see.

    A vote has to be one, and nothing free.
    """
    entries = int(backing.profile.lengths.sum())
    longest = int(backing.profile.lengths.max(initial=0))
    return (
        large <= entries <= ROOM / max(longest, 1)
        and all(worth is None for worth in backing.worth)
        and all(backing.amounts[option] for option in options)
    )


class Sights:
    """What was seen of options, by the option and the set of winners before it, as bits."""

    def __init__(self, backing: Backing, one: float, step: float) -> None:
        self._backing = backing
        self._cost = [amount / one for amount in backing.amounts]
        self._reaches = [reach * step for reach in REACHES]
        self._table = backing.table()
        self._supporters: dict[int, Supporters] = {}
        self._seen: list[dict[int, Sight]] = [{} for _ in backing.amounts]

    def least(self, option: int) -> float:
        """What a vote costs if all supporters can pay it."""
        return self._cost[option] / self._backing.total[option]

    def bound(self, option: int, won: int, bought: Bought, known: float) -> float:
        """What a vote costs at least, if this can be told at once to be more than is known."""
        before, sight = self._latest(option, won)
        if sight is None:
            return known
        bound = sight.bound(bought)
        if bound <= known * (1 + CLOSE) and before != won:
            seen = sight.now(bought.only(sight.winners))
            bound = bound if seen is None else seen.price - seen.error
        return max(bound, known)

    def see(self, option: int, won: int, bought: Bought, known: float) -> tuple[Price, float]:
        """The price of a vote, which is `known` at least, and its rate."""
        sight = self._seen[option].get(won)
        price = None if sight is None else sight.now(bought)
        if sight is None or price is None:
            supporters = self._of(option)
            sight = look(supporters, self._cost[option], bought, known, self._reaches)
            self._seen[option][won] = sight
            price = sight.now(bought)
        if price is None:
            raise Undecided
        return price, sight.rate

    def forget(self, share: float) -> None:
        """What was seen with shares too far below this one tells nothing any more."""
        for option, seen in enumerate(self._seen):
            self._seen[option] = {
                won: sight
                for won, sight in seen.items()
                if share - sight.bought.share <= self._reaches[-1]
            }

    def _latest(self, option: int, won: int) -> tuple[int, Sight | None]:
        """The one after the most of these winners, and nobody else."""
        seen = self._seen[option]
        if won in seen:
            return won, seen[won]
        before = max((w for w in seen if not w & ~won), key=int.bit_count, default=-1)
        return before, seen.get(before)

    def _of(self, option: int) -> Supporters:
        if option not in self._supporters:
            groups, many = self._backing.of[option], self._backing.many
            self._supporters[option] = Supporters(
                self._table.take(groups, axis=1), None if many is None else many[groups]
            )
        return self._supporters[option]


class Race:
    """One run, as far as floats tell: `next` is who wins next, the cheapest for its supporters."""

    def __init__(
        self,
        backing: Backing,
        options: Sequence[int],
        share: float,
        sights: Sights,
        limits: Limits | None,
    ) -> None:
        self._backing = backing
        self._sights = sights
        self._limits = limits
        self._bought = nothing(share, backing.options)
        self._won = 0
        self._waiting = [(self._rank(option, sights.least(option)), option) for option in options]
        heapq.heapify(self._waiting)

    def next(self) -> int | None:
        """Who wins now; None: nobody any more."""
        best, found = np.inf, []
        while self._waiting and self._waiting[0][0] <= best * (1 + 2 * CLOSE):
            known, option = heapq.heappop(self._waiting)
            amount = self._backing.amounts[option]
            if self._limits is not None and self._limits.forbidden(option, amount):
                continue
            least = self._price(option, known)
            bound = self._sights.bound(option, self._won, self._bought, least)
            if bound > least * (1 + CLOSE):
                # Infinite: its supporters have less than its cost, and never more.
                if bound < np.inf:
                    heapq.heappush(self._waiting, (self._rank(option, bound), option))
                continue
            seen, rate = self._sights.see(option, self._won, self._bought, least)
            if seen.price < np.inf:
                rank = self._rank(option, seen.price)
                near = self._rank(option, seen.error) + CLOSE * rank
                found.append((rank - near, option, seen, rate))
                best = min(best, rank + near)
        close = [each for each in found if each[0] <= best]
        if not close:
            return None
        if len(close) > 1 or close[0][2].error > ROUGH:
            raise Undecided
        _, winner, price, rate = close[0]
        for rank, option, _, _ in found:
            if option != winner:
                heapq.heappush(self._waiting, (rank, option))
        self._buy(winner, price, rate)
        return winner

    def _buy(self, winner: int, price: Price, rate: float) -> None:
        bought = self._bought
        bought.prices[winner], bought.errors[winner] = price
        bought.rates[winner] = rate
        self._won |= 1 << winner
        if self._limits is not None:
            self._limits.take(winner, self._backing.amounts[winner])

    def _rank(self, option: int, price: float) -> float:
        """What options are compared by, times a constant: a price for what a vote is worth."""
        return price / self._backing.unit[option]

    def _price(self, option: int, rank: float) -> float:
        return rank * self._backing.unit[option]

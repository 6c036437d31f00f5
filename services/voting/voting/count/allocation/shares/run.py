"""One run of equal shares: with one share, until no option can be paid by its supporters."""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from voting.count.allocation.limits import Limits
from voting.count.allocation.profile import Ints
from voting.count.allocation.shares.backing import Backing, Floats
from voting.count.allocation.shares.exact import CLOSE, History, Paid

# A float price whose error could be more than this is not used: the fraction is.
ROUGH = 1e-11
# What somebody has who paid a price exactly, so that only those who could not have nothing.
BARELY = 1e-300
# Who has run out is left out of an option's supporters once they are fewer than this part of them.
MOSTLY = 0.75
type TieKey = Callable[[int], Any]
# Told of options whose price is the same and that no criterion separates.
type Ask = Callable[[Sequence[int]], None]


@dataclass
class Seen:
    """What floats say of an option: the price of a vote, in shares at first, and who could pay.

    `votes`: those of `rich` supporters; 0 where it is more than all have.
    """

    price: float
    votes: float
    error: float


class Run:
    """A run of equal shares over some options; winners are in `history`."""

    def __init__(
        self,
        backing: Backing,
        options: Sequence[int],
        share: Fraction,
        one: Fraction,
        tie: tuple[TieKey, TieKey],
        limits: Limits | None,
        ask: Ask,
    ) -> None:
        self.backing = backing
        self.history = History(backing, share)
        self._one = float(one)
        self._start = float(share / one)
        self._tie, self._last = tie
        self._limits = limits
        self._ask = ask
        self.money: Floats = np.full(len(backing.profile.weights), self._start)
        self._of: dict[int, Ints] = {c: backing.of[c] for c in options}
        self._worth = {c: backing.worth[c] for c in options}
        self._cost = {c: backing.amounts[c] / self._one for c in options}
        self._gathered: dict[int, Floats] = {}
        # How much money floats may have wrong in all, in shares: every rounding there was.
        self._error = 1e-15
        self._waiting = [
            (self._rank(c, self._cost[c] / backing.total[c]), c)
            for c in options
            if backing.total[c]
        ]
        heapq.heapify(self._waiting)

    @property
    def winners(self) -> list[int]:
        """Who has won so far, in order."""
        return [paid.option for paid in self.history.paid]

    def go(self, most: int | None = None) -> bool:
        """Fund options until none can be paid; False as soon as they cost more than `most`."""
        spent = 0
        while (chosen := self._next()) is not None:
            paid, price = chosen
            self._pay(paid, price)
            spent += self.backing.amounts[paid.option]
            if most is not None and spent > most:
                return False
        return True

    def left(self, option: int) -> int:
        """What the supporters of an option have now, in whole cents, rounded down.

        By floats, unless they are too near to a whole cent to tell.
        """
        groups = self.backing.of[option]
        money, voters = self.money[groups], self.backing.many
        have = float(money.sum() if voters is None else (money * voters[groups]).sum()) * self._one
        if abs(have - round(have)) > 1e-6 + have * CLOSE:
            return int(have)
        return int(self.history.money(groups[money > 0.0], len(self.history.paid)))

    def _rank(self, option: int, price: float) -> float:
        """What options are compared by: the price of a vote for what it is worth."""
        unit = self.backing.unit[option]
        return price * self._one / unit if unit else 0.0

    def _price(self, option: int, rank: float) -> float:
        unit = self.backing.unit[option]
        return rank * unit / self._one if unit else 0.0

    def _next(self) -> tuple[Paid, float] | None:
        """The option that is the cheapest for its supporters; ties by the declared order."""
        best, found = float("inf"), []
        looked: list[tuple[float, int]] = []
        while self._waiting and self._waiting[0][0] <= best * (1 + 2 * CLOSE):
            rank, option = heapq.heappop(self._waiting)
            if self._forbidden(option):
                continue
            seen = self._see(option, self._price(option, rank), best)
            if seen is None:
                continue
            rank = self._rank(option, seen.price)
            if seen.votes:
                near = self._rank(option, seen.error) + CLOSE * rank
                found.append((rank - near, rank, option, seen))
                best = min(best, rank + near)
            looked.append((rank - self._rank(option, seen.error), option))
        close = [(rank, option, seen) for least, rank, option, seen in found if least <= best]
        chosen = self._chosen(close)
        for rank, option in looked:
            if chosen is None or option != chosen[0].option:
                heapq.heappush(self._waiting, (rank, option))
        return chosen

    def _forbidden(self, option: int) -> bool:
        limits, amount = self._limits, self.backing.amounts[option]
        return limits is not None and limits.forbidden(option, amount) is not None

    def _see(self, option: int, price: float, best: float) -> Seen | None:
        """The price of a vote by floats, from a lower bound; None: more than its supporters have.

        Splits supporters into those that cannot pay the price and those that can, again and again:
        a price that does not bring in the cost rises for those who can. Where that passes `best`
        already, the bound reached will do.
        """
        cost = self._cost[option]
        if not cost:
            return Seen(0.0, 1.0, 0.0)
        money = self._money_of(option)
        groups, worth = self._of[option], self._worth[option]
        if np.count_nonzero(money) < MOSTLY * len(money):
            money, weight, worth = self._alive(option)
        else:
            weight = self.backing.weight(option, groups, worth)
        voters = weight if worth is None or weight is None else weight / worth
        cutoff = self._price(option, best) * (1 + 4 * CLOSE) if best < float("inf") else best
        while True:
            asked = price if worth is None else price * worth
            able = money >= asked
            rich = float(np.count_nonzero(able) if weight is None else weight[able].sum())
            if not rich:
                break
            paid = np.minimum(money, asked)
            # What those pay who have less; who ran out is among them, with nothing.
            short = float(paid.sum() if voters is None else (paid * voters).sum()) - price * rich
            now = (cost - short) / rich
            if now <= price * (1 + 1e-14):
                return Seen(now, rich, (self._error + 4e-15 * cost) / rich)
            if now > cutoff:
                return Seen(now, 0.0, (self._error + 4e-15 * cost) / rich)
            price = now
        return self._on_the_edge(option, cost)

    def _on_the_edge(self, option: int, cost: float) -> Seen | None:
        """An option that costs more than all have, by floats: certainly, or as fractions say?"""
        money, weight, worth = self._alive(option)
        if not len(money):
            return None
        voters = weight if weight is None or worth is None else weight / worth
        have = float(money.sum() if voters is None else (money * voters).sum())
        if have < cost * (1 - CLOSE) - 10 * self._error:
            return None
        guess = float((money if worth is None else money / worth).max())
        paid = self._exactly(option, guess)
        if paid is None or paid.price is None:
            return None
        return Seen(self._float(paid, 0.0), float(paid.rich), self._error / paid.rich)

    def _money_of(self, option: int) -> Floats:
        """What an option's supporters have, gathered once between two winners."""
        if option not in self._gathered:
            self._gathered[option] = self.money.take(self._of[option])
        return self._gathered[option]

    def _alive(self, option: int) -> tuple[Floats, Floats | None, Floats | None]:
        """What supporters that have not run out have, their votes, and what each gives."""
        money = self._money_of(option)
        groups, worth = self._of[option], self._worth[option]
        alive = money > 0.0
        out = len(money) - int(np.count_nonzero(alive))
        if out:
            money, groups = money[alive], groups[alive]
            worth = None if worth is None else worth[alive]
            self._of[option], self._worth[option] = groups, worth
            self._gathered[option] = money
        return money, self.backing.weight(option, groups, worth), worth

    def _chosen(self, close: Sequence[tuple[float, int, Seen]]) -> tuple[Paid, float] | None:
        """Of options with nearly the same price the cheapest, exactly."""
        if not close:
            return None
        if len(close) == 1:
            only = self._paid(close[0][1], close[0][2])
            return only, self._float(only, close[0][2].price)
        exact = []
        for _, option, seen in close:
            paid = self._exactly(option, seen.price)
            if paid is not None and paid.price is not None:
                unit = self.backing.unit[option]
                exact.append((paid.price / unit if unit else Fraction(0), option, paid))
        if not exact:
            return None
        least = min(rank for rank, _, _ in exact)
        level = [(option, paid) for rank, option, paid in exact if rank == least]
        first = min(self._tie(option) for option, _ in level)
        tied = [(option, paid) for option, paid in level if self._tie(option) == first]
        if len(tied) > 1:
            self._ask([option for option, _ in tied])
        _, won = min(tied, key=lambda each: self._last(each[0]))
        won.tied = tuple(option for option, _ in level if option != won.option)
        return won, self._float(won, 0.0)

    def _float(self, paid: Paid, price: float) -> float:
        return price if paid.price is None else float(paid.price / Fraction(self._one))

    def _paid(self, option: int, seen: Seen) -> Paid:
        """The winner as floats see it, where they see it well enough."""
        if seen.error <= ROUGH:
            money, _, worth = self._alive(option)
            distance = money - (seen.price if worth is None else seen.price * worth)
            near = CLOSE if worth is None else CLOSE * np.maximum(1.0, worth)
            if not (np.abs(distance) <= near).any():
                poor = self._of[option][distance < 0]
                return Paid(option, poor, round(seen.votes))
        paid = self._exactly(option, seen.price)
        if paid is None:
            raise RuntimeError("an option that could be paid can not")
        return paid

    def _exactly(self, option: int, guess: float) -> Paid | None:
        if not self.backing.amounts[option]:
            return Paid(option, np.zeros(0, np.int64), self.backing.total[option], Fraction(0))
        money, _, worth = self._alive(option)
        return self.history.evaluate(option, self._of[option], money, worth, guess)

    def _pay(self, paid: Paid, price: float) -> None:
        """Take the price from its supporters; who cannot pay it gives all there is."""
        option = paid.option
        if self._limits is not None:
            self._limits.take(option, self.backing.amounts[option])
        money, _, worth = self._alive(option)
        left = money - (price if worth is None else price * worth)
        self.money[self._of[option]] = np.maximum(left, BARELY)
        self.money[paid.poor] = 0.0
        self._gathered.clear()
        self._error += 1.2e-16 * self._start * paid.rich + 4e-15 * self._cost[option]
        self.history.paid.append(paid)

"""What was seen of an option's supporters, and what it says when the share is a little larger.

Who ran out stays so: after some winners a voter has the share less their prices, or nothing where
that is less than nothing, in whatever order they won. So of all who were far from being able to pay
it is enough to know how many they are, and how many of them support each winner; of all who were
able by far, how many. Only who was near to being otherwise is looked at again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from voting.count.allocation.profile import Bools, Ints
from voting.count.allocation.shares.backing import Floats, Rows
from voting.count.allocation.shares.exact import CLOSE

# So many entries are added up at once, more of them place by place, which stays in the cache.
AT_ONCE = 10_000


@dataclass(frozen=True)
class Bought:
    """A run so far, in shares at first: by option, for winners, the price of a vote; else 0.

    `errors`: how wrong floats may have it. `rates`: about how much it falls for each unit that the
    share grows. All have one entry more, for what is not on a short ballot.
    """

    share: float
    prices: Floats
    errors: Floats
    rates: Floats

    def only(self, winners: Ints) -> "Bought":
        """As if nobody else had won."""
        prices = np.zeros(len(self.prices))
        prices[winners] = self.prices[winners]
        return replace(self, prices=prices)


def nothing(share: float, options: int) -> Bought:
    """Before the first winner."""
    return Bought(share, *(np.zeros(options + 1) for _ in range(3)))


class Supporters(NamedTuple):
    """Groups that support an option: what is on their ballots, by place and group.

    `many`: voters of each group, or None where all are one.
    """

    rows: Rows
    many: Floats | None

    @property
    def voters(self) -> float:
        """How many they are."""
        return float(self.rows.shape[1] if self.many is None else self.many.sum())

    def voters_of(self, which: Ints) -> float:
        """How many those of these numbers are."""
        return float(len(which) if self.many is None else self.many[which].sum())

    def some(self, which: Ints) -> "Supporters":
        """Those of these numbers."""
        many = None if self.many is None else self.many[which]
        return Supporters(self.rows.take(which, axis=1), many)

    def sum(self, each: Floats) -> float:
        """Of all voters together."""
        return float(each.sum() if self.many is None else each @ self.many)

    def number(self, which: Bools) -> float:
        """How many voters some are."""
        return float(np.count_nonzero(which) if self.many is None else which @ self.many)

    def votes(self, size: int) -> Floats:
        """By option, how many voters support it."""
        many = None if self.many is None else np.tile(self.many, len(self.rows))
        return np.bincount(self.rows.ravel(), many, size).astype(np.float64)

    def added(self, each: Floats) -> Floats:
        """By group, what its options have together."""
        if self.rows.size < AT_ONCE:
            return np.asarray(each.take(self.rows).sum(axis=0))
        sums = np.zeros(self.rows.shape[1])
        for options in self.rows:
            sums += each.take(options)
        return sums


@dataclass(frozen=True)
class Split:
    """Supporters of an option, as they are while nothing moves farther than its rate by `reach`.

    `poor`: how many voters certainly have something, but less than the price; `paid`: by option,
    how many of them support it. `rich`: how many certainly have the price. Who is `near` may cross.
    """

    reach: float
    poor: float
    paid: Floats
    rich: float
    near: Supporters

    @cached_property
    def short(self) -> float:
        """How many at most have something, but less than the price."""
        return self.poor + self.near.voters

    @cached_property
    def open(self) -> Floats:
        """By option, how many of these support it."""
        return self.paid + self.near.votes(len(self.paid))


class Price(NamedTuple):
    """Of a vote; infinite if nobody can pay it. `error`: how wrong floats may have it."""

    price: float
    error: float


@dataclass(frozen=True)
class Said:
    """What a sight said last: for which share and prices of its winners, and how far they were.

    `rich`: how many could pay; `have`: what all had, if nobody could.
    """

    share: float
    prices: Floats
    moved: float
    price: float
    rich: float
    have: float


@dataclass
class Sight:
    """An option's supporters after some winners, with the share and the prices of `bought`.

    `cost` is the option's, `least` what a vote costs if all can pay it. Then it cost `price`, or
    nobody could pay it; `rate`: about how much that falls for each unit that the share grows.
    `splits` by reach, the least one first.
    """

    cost: float
    least: float
    winners: Ints
    bought: Bought
    price: float
    rate: float
    splits: Sequence[Split]
    said: Said | None = field(default=None, init=False)

    def moved(self, bought: Bought) -> float:
        """How far share and prices are from what they were, in parts of their rates."""
        share = abs(bought.share - self.bought.share)
        if not len(self.winners):
            return share
        then, rates = self._then
        return max(share, float((np.abs(bought.prices.take(self.winners) - then) / rates).max()))

    @cached_property
    def _then(self) -> tuple[Floats, Floats]:
        return self.bought.prices[self.winners], self.bought.rates[self.winners]

    def bound(self, bought: Bought) -> float:
        """What a vote costs at least after these winners, or more: fast, and often too little.

        Who could not pay has gained at most what the share grew and what winners' prices fell.
        """
        said = self.said
        if said is None:
            return self.least
        moved = max(self.moved(bought), said.moved)
        split = next((split for split in self.splits if moved <= split.reach), None)
        if split is None:
            return self.least
        fallen = np.maximum(said.prices - bought.prices.take(self.winners), 0.0)
        gained = float(split.open.take(self.winners) @ fallen)
        gained += max(bought.share - said.share, 0.0) * split.short
        if said.price < np.inf:
            return said.price - gained / said.rich - CLOSE
        return np.inf if said.have + gained < self.cost * (1 - CLOSE) else self.least

    def now(self, bought: Bought) -> Price | None:
        """The price after these winners; None: too much has moved to tell."""
        moved = self.moved(bought)
        for split in self.splits:
            if moved <= split.reach and (found := self._price(split, bought, moved)):
                return found
        return None

    def _price(self, split: Split, bought: Bought, moved: float) -> Price | None:
        """From those who certainly pay all they have, or the price, and those near."""
        near = split.near
        money = np.maximum(bought.share - near.added(bought.prices), 0.0)
        paid = float(split.paid @ bought.prices)
        sure = bought.share * split.poor - paid
        # Floats round once for each number added, by at most half of 2.3e-16 of the sum of all.
        wrong = float(split.open @ bought.errors) + 1.2e-16 * (len(bought.prices) + 20) * (
            self.cost + bought.share * split.short + paid
        )
        prices = bought.prices.take(self.winners)
        if self.price == np.inf:
            have = sure + near.sum(money)
            if have >= self.cost * (1 - CLOSE) - 10 * wrong:
                return None
            self.said = Said(bought.share, prices, moved, np.inf, 0.0, have)
            return Price(np.inf, 0.0)
        price, first = self.price, True
        while True:
            able = near.number(money >= price)
            rich = split.rich + able
            if not rich:
                return None
            short = sure + near.sum(np.minimum(money, price)) - price * able
            found = max((self.cost - short) / rich, self.least)
            # Wherever one begins, one step leads below the price, and the others up to it.
            if found <= price * (1 + 1e-14) and not first:
                break
            price, first = found, False
        moved = max(moved, abs(found - self.price) / self.rate)
        if moved > split.reach:
            return None
        self.said = Said(bought.share, prices, moved, found, rich, 0.0)
        return Price(found, wrong / rich)


def look(
    supporters: Supporters, cost: float, bought: Bought, bound: float, reaches: Sequence[float]
) -> Sight:
    """Look at all supporters of an option; a vote costs `bound` at least. `reaches` ascend."""
    money = bought.share - supporters.added(bought.prices)
    have = np.maximum(money, 0.0)
    price, rate = bound, 0.0
    while rich := supporters.number(have >= price):
        found = price + (cost - supporters.sum(np.minimum(have, price))) / rich
        if found <= price * (1 + 1e-14):
            rate = 0.05 + 2 * (supporters.number(have > 0.0) - rich) / rich
            break
        price = found
    else:
        price = np.inf
    then = replace(bought, prices=bought.prices.copy(), rates=bought.rates.copy())
    return Sight(
        cost=cost,
        least=cost / supporters.voters,
        winners=np.flatnonzero(bought.prices),
        bought=then,
        price=price,
        rate=rate,
        splits=_splits(supporters, money, then, price, rate, reaches),
    )


def _splits(
    supporters: Supporters,
    money: Floats,
    bought: Bought,
    price: float,
    rate: float,
    reaches: Sequence[float],
) -> list[Split]:
    """Supporters by how far all has to move before they could be on another side."""
    rich = money >= price
    poor = (money > 0.0) & ~rich
    near, until = _until(supporters, money, bought, price, rate, reaches[-1])
    able, short = rich.copy(), poor.copy()
    able[near] = short[near] = False
    few, size = supporters.some(np.flatnonzero(short)), len(bought.prices)
    split = Split(
        reaches[-1],
        few.voters,
        few.votes(size),
        supporters.number(able),
        supporters.some(near),
    )
    found = [split]
    for reach in reaches[-2::-1]:
        farther = near[until > reach]
        few = supporters.some(farther[poor[farther]])
        near, until = near[until <= reach], until[until <= reach]
        split = Split(
            reach,
            split.poor + few.voters,
            split.paid + few.votes(size),
            split.rich + supporters.voters_of(farther[rich[farther]]),
            supporters.some(near),
        )
        found.append(split)
    return found[::-1]


def _until(
    supporters: Supporters,
    money: Floats,
    bought: Bought,
    price: float,
    rate: float,
    reach: float,
) -> tuple[Ints, Floats]:
    """Who may cross nothing or the price within this reach, and how far all has to move for it."""
    off = np.abs(money)
    if price < np.inf:
        off = np.minimum(off, np.abs(money - price) - reach * rate)
    fastest = 1.0 + float(np.sort(bought.rates)[-len(supporters.rows) :].sum())
    perhaps = np.flatnonzero(off <= reach * fastest)
    speed, has = 1.0 + supporters.some(perhaps).added(bought.rates), money[perhaps]
    until = np.abs(has) / speed
    if price < np.inf:
        until = np.minimum(until, np.abs(has - price) / (speed + rate))
    return perhaps[until <= reach], until[until <= reach]

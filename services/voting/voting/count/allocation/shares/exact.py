"""Prices and money in fractions, computed when somebody asks."""

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from voting.count.allocation.profile import Ints, Profile
from voting.count.allocation.shares.backing import Backing, Floats

# Closer than this (as parts of the share at first), floats do not decide.
CLOSE = 1e-9


@dataclass
class Paid:
    """A winner: `poor` are the groups that paid all they had left for it, not those out before.

    `rich`: the votes for it of those that could pay the price.
    """

    option: int
    poor: Ints
    rich: int
    price: Fraction | None = None  # of one vote, in cents
    tied: tuple[int, ...] = ()  # who was to be had at the same price, and came after by a criterion


@dataclass
class History:
    """What was paid in a run so far. `share` in cents."""

    backing: Backing
    share: Fraction
    paid: list[Paid] = field(default_factory=list)

    def price(self, number: int) -> Fraction:
        """The exact price of a vote for the winner of this number."""
        paid = self.paid[number]
        if paid.price is None:
            for earlier in range(number):
                self.price(earlier)
            money = self.money(paid.poor, number)
            paid.price = (self.backing.amounts[paid.option] - money) / paid.rich
        return paid.price

    def money(self, groups: Ints, before: int) -> Fraction:
        """What these groups' voters, none of whom has run out, had before that winner."""
        weights = self.backing.profile.weights[groups]
        whole = self.share * int(weights.sum())
        if not len(groups) or not before:
            return whole
        votes = self._votes(groups)
        spent = sum(
            (self.price(n) * votes[self.paid[n].option] for n in range(before)), Fraction(0)
        )
        return whole - spent

    def one(self, group: int, before: int) -> Fraction:
        """What one voter of a group that has not run out had before that winner."""
        profile = self.backing.profile
        row = slice(int(profile.starts[group]), int(profile.starts[group + 1]))
        gives = dict(zip(profile.options[row].tolist(), profile.values[row].tolist(), strict=True))
        spent = (
            self.price(n) * gives[self.paid[n].option]
            for n in range(before)
            if self.paid[n].option in gives
        )
        return self.share - sum(spent, Fraction(0))

    def evaluate(
        self, option: int, groups: Ints, money: Floats, worth: Floats | None, guess: float
    ) -> Paid | None:
        """What an option would be paid by whom, exactly; None: more than its supporters have.

        `groups` support it and have not run out; `money` is what floats say they have, `guess`
        roughly the price of a vote, both in shares at first. Who is farther than `CLOSE` from it
        is taken as floats see them, everybody else is looked at in fractions.
        """
        backing, before = self.backing, len(self.paid)
        given = np.ones(len(groups)) if worth is None else worth
        distance = money - guess * given
        near = CLOSE * np.maximum(1.0, given)
        poor = groups[distance < -near]
        doubtful = np.abs(distance) <= near
        cost = backing.amounts[option] - self.money(poor, before)
        votes = int((given * backing.profile.weights[groups])[distance >= -near].sum())
        for ratio, members, weight in self._patterns(option, groups[doubtful], before):
            if cost <= ratio * votes:
                break
            cost -= ratio * weight
            votes -= weight
            poor = np.concatenate((poor, members))
        return Paid(option, poor, votes, cost / votes) if votes else None

    def _patterns(self, option: int, groups: Ints, before: int) -> list[tuple[Fraction, Ints, int]]:
        """Groups by what they have for each vote that they give, the poorest first.

        Those that support the same winners have the same, so that one of them is looked at.
        """
        if not len(groups):
            return []
        profile = self.backing.profile
        winners = np.zeros(profile.size, np.bool_)
        winners[[paid.option for paid in self.paid[:before]] + [option]] = True
        part = profile.kept(_only(groups, len(profile.weights)))
        entries = winners[part.options]
        lengths = np.add.reduceat(entries.astype(np.int64), part.starts[:-1])
        alike = Profile(
            part.size,
            np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths))),
            part.options[entries],
            part.values[entries],
            np.ones(len(lengths), np.int64),
            part.kinds,
        )
        found = []
        ascending = np.sort(groups)
        for members in _alike(alike, ascending):
            gives = self._given(option, members)
            ratio = self.one(int(members[0]), before) / int(gives[0])
            weight = int((gives * profile.weights[members]).sum())
            found.append((ratio, members, weight))
        return sorted(found, key=lambda each: each[0])

    def _given(self, option: int, groups: Ints) -> Ints:
        """What each of these supporters gives an option."""
        worth, of = self.backing.worth[option], self.backing.of[option]
        if worth is None:
            return np.ones(len(groups), np.int64)
        return worth[np.searchsorted(of, groups)].astype(np.int64)

    def _votes(self, groups: Ints) -> list[int]:
        """By option, all votes of the voters of these groups."""
        profile = self.backing.profile
        starts, lengths = profile.starts[groups], profile.lengths[groups]
        begins = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)[:-1]))
        entries = np.arange(int(lengths.sum())) + np.repeat(starts - begins, lengths)
        votes = profile.values[entries] * np.repeat(profile.weights[groups], lengths)
        sums = np.bincount(profile.options[entries], votes, profile.size)
        return [int(n) for n in sums]


def _only(groups: Ints, size: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    keep = np.zeros(size, np.bool_)
    keep[groups] = True
    return keep


def _alike(ballots: Profile, names: Ints) -> list[Ints]:
    """The names of ballots, those of identical ones together."""
    together: dict[bytes, list[int]] = {}
    for i, name in enumerate(names.tolist()):
        row = slice(int(ballots.starts[i]), int(ballots.starts[i + 1]))
        key = ballots.options[row].tobytes() + b"|" + ballots.values[row].tobytes()
        together.setdefault(key, []).append(name)
    return [np.array(members, np.int64) for members in together.values()]

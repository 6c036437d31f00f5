"""Which ballots are void, by the rules of their format, all at once."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from shared.events.ballots import Contests, Format
from shared.events.rules import Option
from voting.count import formats
from voting.count.allocation.profile import Bools, Ints, Profile, reduced


class AllSaid:
    """What each of many ballots says; a number is made when a format asks for it."""

    def __init__(self, ballots: Profile, costs: Sequence[int], territories: Sequence[int]) -> None:
        self._ballots = ballots
        self._costs = costs
        self._territories = territories

    @cached_property
    def named(self) -> Ints:
        return self._ballots.lengths

    @cached_property
    def total(self) -> Ints:
        return reduced(np.add, self._ballots.values, self._ballots)

    @cached_property
    def highest(self) -> Ints:
        return reduced(np.maximum, self._ballots.values, self._ballots)

    @cached_property
    def lowest(self) -> Ints:
        return reduced(np.minimum, self._ballots.values, self._ballots)

    @cached_property
    def plus(self) -> Ints:
        return reduced(np.add, (self._ballots.values > 0).astype(np.int64), self._ballots)

    @cached_property
    def minus(self) -> Ints:
        return reduced(np.add, (self._ballots.values < 0).astype(np.int64), self._ballots)

    @cached_property
    def cost(self) -> Ints:
        costs = np.asarray(self._costs, np.int64)
        return reduced(np.add, costs[self._ballots.options], self._ballots)

    @cached_property
    def _territory(self) -> Ints:
        return np.asarray(self._territories, np.int64)[self._ballots.options]

    @cached_property
    def own(self) -> Ints:
        return reduced(np.add, (self._territory >= 0).astype(np.int64), self._ballots)

    @cached_property
    def first(self) -> Ints:
        none = np.int64(len(self._territories))
        numbers = np.where(self._territory >= 0, self._territory, none)
        smallest = reduced(np.minimum, numbers, self._ballots, int(none))
        return np.where(smallest == none, -1, smallest)

    @cached_property
    def last(self) -> Ints:
        return reduced(np.maximum, self._territory, self._ballots, -1)


def void(form: Format, ballots: Profile, options: Sequence[Option]) -> tuple[Bools, dict[str, int]]:
    """Which ballots are void, and how many of them for which code."""
    said = AllSaid(ballots, [option.cost for option in options], territories(form, options))
    voided: Bools = np.zeros(len(ballots.weights), np.bool_)
    codes: dict[str, int] = {}
    for code, holds in formats.void(form, said):
        fresh = holds & ~voided
        if many := int(ballots.weights[fresh].sum()):
            codes[code] = many
            voided |= fresh
    return voided, codes


def territories(form: Format, options: Sequence[Option]) -> list[int]:
    """Each option's territory as a number from 0; -1 for none, and where no contest asks."""
    if not isinstance(form, Contests):
        return [-1 for _ in options]
    first = [option.groups.get(form.group, ())[:1] for option in options]
    numbers = {territory: n for n, territory in enumerate(sorted({*first} - {()}))}
    return [numbers.get(territory, -1) for territory in first]

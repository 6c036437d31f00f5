"""What ballots give each option, in whole numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from shared.events.ballots import ANSWERS, Decision, Format, Grades
from voting.count.allocation.profile import Ints, Profile
from voting.count.allocation.profile import worth as votes_of


@dataclass
class Tally:
    """The sums of a step's ballots; `profile` has what they say, by the format `form`.

    `recused`: by an option's place, how many of the ballots have no say on it.
    """

    form: Format
    profile: Profile
    recused: Mapping[int, int] = field(default_factory=dict)

    @cached_property
    def counted(self) -> int:
        """How many ballots count."""
        return self.profile.voters

    @cached_property
    def worth(self) -> Ints:
        """The votes that each entry gives."""
        return votes_of(self.form, self.profile)

    @cached_property
    def _weights(self) -> Ints | None:
        """Of each entry the voters behind it; None where that is one everywhere."""
        weights = self.profile.weights
        return None if (weights == 1).all() else np.repeat(weights, self.profile.lengths)

    @cached_property
    def votes(self) -> list[int]:
        """The sum of what ballots give each option."""
        return self._sums(self.worth)

    @cached_property
    def supporters(self) -> list[int]:
        """How many ballots give each option more than nothing."""
        return self._sums((self.worth > 0).astype(np.int64))

    def saying(self, value: int) -> list[int]:
        """How many ballots say this value of each option."""
        return self._sums((self.profile.values == value).astype(np.int64))

    @cached_property
    def grades(self) -> list[tuple[int, ...]]:
        """Of each option, how many ballots give it each grade, the worst first; all that have a
        say on it."""
        if not isinstance(self.form, Grades):
            raise RuntimeError("only ballots with grades have grades")
        better = [self.saying(grade) for grade in range(1, len(self.form.grades))]
        return [
            (self.counted - self.recused.get(place, 0) - sum(counts), *counts)
            for place, counts in enumerate(zip(*better, strict=True))
        ]

    @cached_property
    def answers(self) -> list[tuple[int, ...]]:
        """Of each option, how many ballots abstain, say yes, say no, are recused."""
        if not isinstance(self.form, Decision):
            raise RuntimeError("only decisions have answers")
        return list(zip(*(self.saying(v) for v in range(len(ANSWERS))), strict=True))

    def _sums(self, entries: Ints) -> list[int]:
        weighted = entries if self._weights is None else entries * self._weights
        size, options = self.profile.size, self.profile.options
        if (weighted == 1).all():
            return [int(n) for n in np.bincount(options, minlength=size)]
        # Exact: every sum is far below 2^53, where float64 still holds each whole number.
        if np.abs(weighted).sum() >= 2**53:
            raise RuntimeError("votes beyond 2^53 cannot be summed exactly")
        return [int(n) for n in np.bincount(options, weighted, size)]

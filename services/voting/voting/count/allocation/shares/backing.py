"""Who supports which option, as arrays: what a run of equal shares reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from voting.count.allocation.profile import Ints, Profile, merged

# So many ballots tell whether merging is worth its time; the result is the same in any case.
SAMPLE = 10_000
type Floats = NDArray[np.float64]
# Ballots as columns, each place of one a row; their options by number, or how many there are.
type Rows = NDArray[np.uint8] | NDArray[np.uint16]


@dataclass(frozen=True)
class Backing:
    """Supporters by option. A *group* is a merged ballot; `voters` counts blank ones as well.

    `of[c]`: the groups that support option c, ascending. `worth[c]`: what each gives it, or None
    where all give one. `many`: voters of each group, or None where all are one. `unit[c]`: what a
    vote for c is worth to a voter: one, or its amount. `amounts` in cents.
    """

    profile: Profile
    voters: int
    amounts: list[int]
    unit: list[int]
    of: list[Ints]
    worth: list[Floats | None]
    many: Floats | None
    total: list[int]  # by option, all that its supporters give it

    @property
    def options(self) -> int:
        """How many options there are."""
        return len(self.amounts)

    def weight(self, option: int, groups: Ints, worth: Floats | None) -> Floats | None:
        """Of some supporters of an option, votes by group; None: one each."""
        if self.many is None:
            return worth
        many = self.many[groups]
        return many if worth is None else many * worth

    def cheapest(self, option: int) -> Fraction:
        """The price of a vote for an option if everybody can pay it."""
        return Fraction(self.amounts[option], self.total[option])

    def table(self) -> Rows:
        """All groups' ballots, short ones filled up."""
        profile = self.profile
        longest = int(profile.lengths.max(initial=0))
        small = np.uint8 if profile.size < 2**8 else np.uint16
        table = np.full((longest, len(profile.weights)), profile.size, small)
        first = np.repeat(profile.starts[:-1], profile.lengths)
        table[np.arange(len(profile.options)) - first, profile.rows] = profile.options
        return table


def backing(
    ballots: Profile, worth: Ints, amounts: Sequence[int], *, cost_utility: bool
) -> Backing:
    """The supporters of each option; entries worth nothing, or less, support nothing."""
    voters = ballots.voters
    groups = _supporting(ballots, worth)
    if _alike(groups):
        groups = merged(groups)
    rows, order = _transposed(groups)
    ends = np.cumsum(np.bincount(groups.options, minlength=groups.size))
    ones = bool((groups.values == 1).all())
    values = None if ones else groups.values[order].astype(np.float64)
    of = np.split(rows, ends[:-1])
    given = [None] * groups.size if values is None else np.split(values, ends[:-1])
    weights = groups.weights
    many = None if bool((weights == 1).all()) else weights.astype(np.float64)
    per_entry = (
        groups.values if many is None else groups.values * np.repeat(weights, groups.lengths)
    )
    total = np.bincount(groups.options, per_entry, groups.size)
    return Backing(
        profile=groups,
        voters=voters,
        amounts=[*amounts],
        unit=[*amounts] if cost_utility else [1] * groups.size,
        of=of,
        worth=list(given),
        many=many,
        total=[int(n) for n in total],
    )


def _alike(ballots: Profile) -> bool:
    """Whether so many ballots are identical that it is worth merging them, by a few of them."""
    many = len(ballots.weights)
    if many <= SAMPLE:
        return True
    some = np.zeros(many, np.bool_)
    some[:: many // SAMPLE] = True
    sample = ballots.kept(some)
    return len(merged(sample).weights) < 0.99 * len(sample.weights)


def _supporting(ballots: Profile, worth: Ints) -> Profile:
    """Only the entries that give more than nothing, with what they give as their values."""
    keep = worth > 0
    lengths = ballots.lengths
    if not keep.all():
        rows = ballots.rows[keep]
        lengths = np.bincount(rows, minlength=len(ballots.weights)).astype(np.int64)
    supporting = Profile(
        ballots.size,
        np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths))),
        ballots.options[keep],
        worth[keep],
        ballots.weights,
        np.zeros(len(ballots.weights), np.int64),
    )
    return supporting.kept(lengths > 0)


def _transposed(groups: Profile) -> tuple[Ints, Ints]:
    """Entries by option: the group of each, and its place among the entries."""
    small = np.uint16 if groups.size < 2**16 else np.int64
    order = np.argsort(groups.options.astype(small), kind="stable")
    return groups.rows[order], order

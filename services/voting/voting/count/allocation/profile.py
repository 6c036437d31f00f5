"""Ballots as arrays: read, checked, and identical ones merged.

A profile is in compressed rows: ballot i has the entries `starts[i]` to `starts[i + 1]` of
`options` (indices of options, from 0) and `values` (what the entry says). `weights` counts how
many voters cast it, `kinds` numbers the values that it has in groups.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.events.ballots import Format, Ranking
from shared.events.rules import Groups, Voters
from voting import formats

type Ints = NDArray[np.int64]
type Bools = NDArray[np.bool_]
type Prints = Callable[["Profile"], NDArray[np.uint64]]


@dataclass(frozen=True)
class Profile:
    """Ballots in compressed rows; `groups` has the values in groups of each number of `kinds`."""

    size: int  # how many options there are
    starts: Ints
    options: Ints
    values: Ints
    weights: Ints
    kinds: Ints
    groups: tuple[Groups, ...] = field(default=({},))

    @property
    def voters(self) -> int:
        """How many cast these ballots."""
        return int(self.weights.sum())

    @cached_property
    def lengths(self) -> Ints:
        """The number of entries of each ballot."""
        return np.diff(self.starts)

    @property
    def rows(self) -> Ints:
        """Of each entry, the ballot that it stands on."""
        return np.repeat(np.arange(len(self.weights)), self.lengths)

    def kept(self, keep: Bools) -> "Profile":
        """Only the ballots for which `keep` holds."""
        if keep.all():
            return self
        lengths = self.lengths
        entries = np.repeat(keep, lengths)
        starts = np.concatenate(([0], np.cumsum(lengths[keep])))
        return Profile(
            self.size,
            starts,
            self.options[entries],
            self.values[entries],
            self.weights[keep],
            self.kinds[keep],
            self.groups,
        )

    def admitted(self, voters: Voters) -> "Profile":
        """Only the ballots that a predicate admits."""
        holds = [
            all(set(values) & set(groups.get(kind, ())) for kind, values in voters.groups.items())
            for groups in self.groups
        ]
        return self if all(holds) else self.kept(np.array(holds)[self.kinds])


def profile(
    ballots: Iterable[Sequence[tuple[int, int]]],
    size: int,
    kinds: Sequence[int] | None = None,
    groups: Sequence[Groups] = ({},),
) -> Profile:
    """A profile of ballots, each a sequence of entries (index of an option, value)."""
    rows = list(ballots)
    entries = [entry for row in rows for entry in row]
    return of_arrays(
        size,
        [len(row) for row in rows],
        [index for index, _ in entries],
        [value for _, value in entries],
        kinds,
        groups,
    )


def of_arrays(
    size: int,
    lengths: Any,
    options: Any,
    values: Any = None,
    kinds: Any = None,
    groups: Sequence[Groups] = ({},),
) -> Profile:
    """A profile of what a reader made: lists, `array.array` or NumPy's; no values: all are 1."""
    counts = np.asarray(lengths, np.int64)
    return Profile(
        size,
        np.concatenate((np.zeros(1, np.int64), np.cumsum(counts))),
        np.asarray(options, np.int64),
        np.ones(len(options), np.int64) if values is None else np.asarray(values, np.int64),
        np.ones(len(counts), np.int64),
        np.zeros(len(counts), np.int64) if kinds is None else np.asarray(kinds, np.int64),
        tuple(groups),
    )


def placed(ballots: Profile) -> Profile:
    """The same with each entry's value its place on the ballot, from 1: what a ranking says."""
    places = np.arange(1, len(ballots.options) + 1) - np.repeat(
        ballots.starts[:-1], ballots.lengths
    )
    return replace(ballots, values=places)


def worth(form: Format, ballots: Profile) -> Ints:
    """The votes that each entry gives to its option."""
    table = formats.worth(form)
    return ballots.values if table is None else np.asarray(table, np.int64)[ballots.values]


def said_by(form: Format, ballots: Profile) -> Profile:
    """What ballots of this format say: a ranking says places, the others what they have."""
    return placed(ballots) if isinstance(form, Ranking) else ballots


def merged(ballots: Profile, prints_of: Prints | None = None) -> Profile:
    """Identical ballots as one, with the weight of all; their entries by the options' order.

    Found by a 64-bit fingerprint, and then compared entry by entry: should two ballots share a
    fingerprint by accident, nothing is merged.
    """
    ballots = _sorted(ballots)
    prints = (prints_of or fingerprints)(ballots)
    _, first, group = np.unique(prints, return_index=True, return_inverse=True)
    if len(first) == len(prints):
        return ballots
    twin = first[group]
    lengths = ballots.lengths
    if (lengths != lengths[twin]).any() or (ballots.kinds != ballots.kinds[twin]).any():
        return ballots
    shift = np.repeat(ballots.starts[twin] - ballots.starts[:-1], lengths)
    there = np.arange(len(ballots.options)) + shift
    same = (ballots.options == ballots.options[there]) & (ballots.values == ballots.values[there])
    if not same.all():
        return ballots
    weights = np.bincount(twin, ballots.weights, len(prints)).astype(np.int64)
    return replace(ballots, weights=weights).kept(weights > 0)


def _sorted(ballots: Profile) -> Profile:
    """The same, each ballot's entries by their options."""
    keys = ballots.rows * ballots.size + ballots.options
    if (keys[1:] >= keys[:-1]).all():
        return ballots
    order = np.argsort(keys, kind="stable")
    return replace(ballots, options=ballots.options[order], values=ballots.values[order])


def reduced(how: np.ufunc, entries: Ints, ballots: Profile, empty: int = 0) -> Ints:
    """Of each ballot its entries reduced to one number; `empty` of a blank one."""
    filled = ballots.lengths > 0
    found = np.full(len(filled), empty, np.int64)
    if len(entries):
        found[filled] = how.reduceat(entries, ballots.starts[:-1][filled])
    return found


def fingerprints(ballots: Profile) -> NDArray[np.uint64]:
    """The same for the same ballot: a mix of option, value and group, summed over its entries."""
    mixed = _mix(ballots.options.astype(np.uint64) * np.uint64(1 << 21) + _unsigned(ballots.values))
    sums = reduced(np.add, mixed.view(np.int64), ballots)
    return _unsigned(sums) + _mix(_unsigned(ballots.kinds))


def _unsigned(numbers: Ints) -> NDArray[np.uint64]:
    return numbers.astype(np.uint64)


def _mix(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's mixing of 64 bits."""
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))

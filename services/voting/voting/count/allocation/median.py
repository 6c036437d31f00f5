"""Majority judgement (Balinski, Laraki 2007): options by their grades, the best first."""

from collections.abc import Sequence
from functools import cmp_to_key
from itertools import pairwise
from math import lcm


def median(grades: Sequence[int]) -> int:
    """The median grade, the lower middle of an even number; of no ballots the worst."""
    return _at(grades, (sum(grades) - 1) // 2)


def best_first(graded: Sequence[Sequence[int]]) -> list[int]:
    """Each option's place from 0, from how often it got each grade; level ones have the same.

    A ballot that says nothing of an option says its worst grade. Where members are recused, options
    have different numbers of grades: each is compared as though every one of its grades were there
    so often that all have as many (`evened`).
    """
    even = evened(graded)

    def worse(one: int, other: int) -> int:
        return compare(even[other], even[one])

    order = sorted(range(len(graded)), key=cmp_to_key(worse))
    places = [0] * len(graded)
    for place, (before, option) in enumerate(pairwise(order), start=1):
        level = compare(even[before], even[option]) == 0
        places[option] = places[before] if level else place
    return places


def evened(graded: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
    """The same grades, each so many times that every option has the least number that all can
    have; one without any has the worst."""
    whole = [counts if any(counts) else (1, *counts[1:]) for counts in graded]
    size = lcm(*(sum(counts) for counts in whole))
    return [tuple(size // sum(counts) * many for many in counts) for counts in whole]


def compare(one: Sequence[int], other: Sequence[int]) -> int:
    """More than 0 where `one` is better, 0 where both have the same grades; both have as many.

    A median taken out again and again reads the sorted grades from the middle outwards, the lower
    side first. Between two places where either side of either option changes its grade, nothing
    new is read: so there are few places to look at, however many ballots.
    """
    if tuple(one) == tuple(other):
        return 0
    size = sum(one)
    places = _turns(one, size) | _turns(other, size)
    for step in sorted(places):
        for place in _pair(size, step):
            difference = _at(one, place) - _at(other, place)
            if difference:
                return difference
    raise RuntimeError("different grades were never seen to differ")


def _pair(size: int, step: int) -> list[int]:
    """The places among the sorted grades that are read in this step, from the middle."""
    low = (size - 1) // 2
    if size % 2:
        places = [low] if step == 0 else [low - step, low + step]
    else:
        places = [low - step, low + 1 + step]
    return [place for place in places if 0 <= place < size]


def _turns(grades: Sequence[int], size: int) -> set[int]:
    """The steps in which a side reaches another grade; the first of all is 0."""
    low, high = (size - 1) // 2, size // 2
    steps, below = {0}, 0
    for many in grades:
        if many:
            first, below = below, below + many
            steps |= {low - (below - 1), first - high}
    return {step for step in steps if step >= 0}


def _at(grades: Sequence[int], place: int) -> int:
    for grade, many in enumerate(grades):
        place -= many
        if place < 0:
            return grade
    return 0

"""Majority judgement (Balinski and Laraki 2010): medians, again and again."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise


def medians(grades: Sequence[int]) -> list[int]:
    """The median grade, then the median of the others, and so on; the lower middle of two.

    Options are compared by these lists: the first difference decides, the higher grade is better.
    """
    ordered, size = sorted(grades), len(grades)
    # What is left after a median has its own beside it: below where the last was the higher of the
    # two in the middle or the only one there, else above.
    middle = (size + 1) // 2
    below, above = ordered[:middle][::-1], ordered[middle:]
    found = [0] * size
    if size % 2:
        found[0], found[1::2], found[2::2] = below[0], below[1:], above
    else:
        found[::2], found[1::2] = below, above
    return found


def outwards(graded: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    """The same where options have different numbers of grades: those at each distance from the
    middle, as shares of all, the lower side first. Where all have as many, it is the same order."""
    ordered = {id: sorted(grades) for id, grades in graded.items()}
    half = Fraction(1, 2)
    sizes = {len(grades) for grades in ordered.values()}
    changes = sorted({abs(Fraction(place, n) - half) for n in sizes for place in range(n + 1)})
    if not changes or changes[0] > 0:
        changes.insert(0, Fraction(0))
    found = {id: list[int]() for id in ordered}
    for near, far in pairwise(changes):
        between = (near + far) / 2
        for id, grades in ordered.items():
            for share in (half - between, half + between):
                found[id].append(grades[int(share * len(grades))])
    return found

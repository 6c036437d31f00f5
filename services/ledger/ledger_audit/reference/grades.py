"""Majority judgement (Balinski and Laraki 2010): medians, again and again."""

from collections.abc import Sequence


def medians(grades: Sequence[int]) -> list[int]:
    """The median grade, then the median of the others, and so on; the lower middle of two.

    Options are compared by these lists: the first difference decides, the higher grade is better.
    """
    left, found = sorted(grades), []
    while left:
        found.append(left.pop((len(left) - 1) // 2))
    return found

"""Majority judgement (Balinski and Laraki 2010): medians, again and again."""

from collections.abc import Sequence


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

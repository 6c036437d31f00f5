"""What a ballot's `choices` say, and whether they are of their format's shape: the outer limits."""

from collections.abc import Sequence
from itertools import pairwise

from shared.events.ballots import ANSWERS, Contests, Format
from shared.events.rules import Option
from voting.formats.said import OneBallot, said

# A number, or a number with a value, as on the wire.
type Choice = int | tuple[int, int]
type Choices = Sequence[Choice]

NUMBERS = frozenset(("approval", "contests", "knapsack", "ranking"))


def entries(form: Format, choices: Choices) -> list[tuple[int, int]]:
    """Each option's number with what is said of it: 1, its place from 1 in a ranking, or its value.

    `choices` are of the shape of `form`.
    """
    if form.type == "ranking":
        return [(number, place) for place, number in enumerate(_numbers(choices), start=1)]
    return [(each, 1) if isinstance(each, int) else (each[0], each[1]) for each in choices]


def flaw(form: Format, choices: Choices, options: int) -> tuple[str, str] | None:
    """The code and the sentence of what is not of the format's shape; None where all is.

    Options have the numbers 1 to `options`. A blank ballot has every shape.
    """
    of_numbers = form.type in NUMBERS
    for each in choices:
        if isinstance(each, int) is not of_numbers:
            wanted = "a number" if of_numbers else "a number and a value"
            return "choice_malformed", f"{list(_pair(each))}: a choice is {wanted} in {form.type}"
    numbers = [_pair(each)[0] for each in choices]
    for number in numbers:
        if not 1 <= number <= options:
            return "option_unknown", f"option {number} is not one of 1 to {options}"
    if form.type == "ranking":
        for place, number in enumerate(numbers):
            if number in numbers[:place]:
                return "option_twice", f"option {number} is ranked twice"
    else:
        for before, after in pairwise(numbers):
            if before >= after:
                return "choices_unordered", f"{after} follows {before}: numbers must increase"
    if not of_numbers:
        allowed = values(form)
        for number, value in map(_pair, choices):
            if value not in allowed:
                low, high = min(allowed), max(allowed)
                what = f"option {number} has {value}, which is none of {low} to {high}"
                return "value_out_of_bounds", what
    return None


def values(form: Format) -> Sequence[int]:
    """The values that a choice may have in a format of values."""
    match form.type:
        case "cumulative":
            return range(1, form.most_each + 1)
        case "score":
            return range(form.low, form.high + 1)
        case "plus-minus":
            return (-1, 1)
        case "grades":
            return range(len(form.grades))
        case "decision":
            return range(len(ANSWERS))
    raise ValueError(f"{form.type} has no values")


def one_ballot(
    form: Format, choices: Choices, costs: Sequence[int], territories: Sequence[int]
) -> OneBallot:
    """One ballot in the numbers that formats look at; `costs` and `territories` as in `said`."""
    found = [(number - 1, value) for number, value in entries(form, choices)]
    return said(found, costs, territories)


def territories(form: Format, options: Sequence[Option]) -> list[int]:
    """Each option's territory as a number from 0; -1 for none, and where no contest asks."""
    if not isinstance(form, Contests):
        return [-1 for _ in options]
    first = [option.groups.get(form.group, ())[:1] for option in options]
    numbers = {territory: n for n, territory in enumerate(sorted({*first} - {()}))}
    return [numbers.get(territory, -1) for territory in first]


def _pair(choice: Choice) -> tuple[int, ...]:
    return (choice,) if isinstance(choice, int) else choice


def _numbers(choices: Choices) -> list[int]:
    return [_pair(each)[0] for each in choices]

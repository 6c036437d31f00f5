"""Ballots of each format: whether one is void, and what it gives to each option."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

type Data = Mapping[str, Any]

NUMBERS = ("approval", "contests", "knapsack", "ranking")
ANSWERS = ABSTAIN, YES, NO, RECUSED = 0, 1, 2, 3


def void(form: Data, choices: Any, options: Mapping[int, Data]) -> str | None:
    """The code of what makes a ballot void, or None; `options` by their number on ballots.

    A blank ballot is never void.
    """
    if choices == []:
        return None
    if not _well_formed(form, choices, options):
        return "malformed"
    return RULES[form["type"]](form, choices, options)


def given(form: Data, choices: Sequence[Any]) -> dict[int, int]:
    """What a valid ballot gives to options, by number: the value that votes are the sum of."""
    kind = form["type"]
    if kind == "ranking":
        return dict(zip(choices, form["points"], strict=False))
    if kind in NUMBERS:
        return dict.fromkeys(choices, 1)
    if kind == "grades":
        return {number: 1 for number, grade in choices if grade > 0}
    if kind == "decision":
        return {number: 1 for number, answer in choices if answer == YES}
    return dict(choices)


def _well_formed(form: Data, choices: Any, options: Mapping[int, Data]) -> bool:
    """Numbers of options, each once, increasing but in a ranking; values within their bounds."""
    if not isinstance(choices, list):
        return False
    numbers = choices
    if form["type"] not in NUMBERS:
        if not all(isinstance(each, list) and len(each) == 2 for each in choices):
            return False
        numbers = [number for number, _ in choices]
        allowed = VALUES[form["type"]](form)
        if not all(type(value) is int and value in allowed for _, value in choices):
            return False
    if not all(type(number) is int and number in options for number in numbers):
        return False
    if form["type"] == "ranking":
        return len(set(numbers)) == len(numbers)
    return all(a < b for a, b in pairwise(numbers))


VALUES: dict[str, Callable[[Data], Sequence[int]]] = {
    "cumulative": lambda form: range(1, form["most_each"] + 1),
    "score": lambda form: range(form["low"], form["high"] + 1),
    "plus-minus": lambda form: (1, -1),
    "grades": lambda form: range(len(form["grades"])),
    "decision": lambda form: ANSWERS,
}


def _how_many(form: Data, named: int) -> str | None:
    if named < form.get("min", 0):
        return "too_few"
    most = form.get("max")
    return "too_many" if most is not None and named > most else None


def _limited(form: Data, choices: Sequence[Any], options: Mapping[int, Data]) -> str | None:
    return _how_many(form, len(choices))


def _contests(form: Data, choices: Sequence[int], options: Mapping[int, Data]) -> str | None:
    """One contest for one territory, one for what is of none; the first of several counts."""
    territories = [
        values[0]
        for number in choices
        if (values := options[number].get("groups", {}).get(form["group"], []))
    ]
    if len(set(territories)) > 1:
        return "two_territories"
    own = len(territories)
    for limits, named in ((form["own"], own), (form["general"], len(choices) - own)):
        if named and (code := _how_many(limits, named)):
            return code
    return None


def _knapsack(form: Data, choices: Sequence[int], options: Mapping[int, Data]) -> str | None:
    if sum(options[number]["cost"] for number in choices) > form["cap"]:
        return "over_cap"
    return _how_many(form, len(choices))


def _cumulative(form: Data, choices: Sequence[Any], options: Mapping[int, Data]) -> str | None:
    total = sum(points for _, points in choices)
    if code := _how_many(form, len(choices)):
        return code
    if total < form.get("least_total", 0):
        return "too_few_points"
    return "too_many_points" if total > form["total"] else None


def _plus_minus(form: Data, choices: Sequence[Any], options: Mapping[int, Data]) -> str | None:
    plus = sum(1 for _, value in choices if value == 1)
    minus = len(choices) - plus
    if plus > form["most_plus"]:
        return "too_many_plus"
    if minus > form["most_minus"]:
        return "too_many_minus"
    if len(choices) < form.get("min", 0):
        return "too_few"
    return "minus_over_plus" if form.get("minus_needs_plus") and minus > plus else None


def _never(form: Data, choices: Sequence[Any], options: Mapping[int, Data]) -> str | None:
    return None


RULES: dict[str, Callable[[Data, Any, Mapping[int, Data]], str | None]] = {
    "approval": _limited,
    "contests": _contests,
    "knapsack": _knapsack,
    "cumulative": _cumulative,
    "ranking": _limited,
    "score": _limited,
    "plus-minus": _plus_minus,
    "grades": _limited,
    "decision": _never,
}

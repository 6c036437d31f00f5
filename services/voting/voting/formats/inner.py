"""The inner rules of a format, as whoever casts is told: which one a ballot breaks, with values."""

from collections.abc import Callable
from typing import Any

from shared.events.ballots import Contests, Format
from voting import formats
from voting.formats.said import OneBallot

_SENTENCES: dict[str, Callable[[Any, OneBallot], str]] = {
    "too_few": lambda form, said: f"{said.named} options, at least {form.min} are asked for",
    "too_many": lambda form, said: f"{said.named} options, at most {form.max} are allowed",
    "over_cap": lambda form, said: f"options of {said.cost} cents, at most {form.cap} are allowed",
    "too_few_points": lambda form, said: (
        f"{said.total} points, at least {form.least_total} are asked for"
    ),
    "too_many_points": lambda form, said: f"{said.total} points, at most {form.total} are allowed",
    "too_many_plus": lambda form, said: f"{said.plus} for, at most {form.most_plus} are allowed",
    "too_many_minus": lambda form, said: (
        f"{said.minus} against, at most {form.most_minus} are allowed"
    ),
    "minus_over_plus": lambda form, said: f"{said.minus} against and only {said.plus} for",
    "two_territories": lambda form, said: "options of more than one territory",
}


def broken(form: Format, said: OneBallot) -> tuple[str, str] | None:
    """The code and the sentence of the first inner rule that a ballot breaks; None where none."""
    for code, holds in formats.void(form, said):
        if holds:
            return code, _sentence(form, code, said)
    return None


def _sentence(form: Format, code: str, said: OneBallot) -> str:
    if isinstance(form, Contests) and code != "two_territories":
        own, general = form.own, form.general
        return (
            f"{said.own} options of a territory and {said.named - said.own} general ones; allowed"
            f" are {own.min} to {own.max} and {general.min} to {general.max}"
        )
    return _SENTENCES[code](form, said)

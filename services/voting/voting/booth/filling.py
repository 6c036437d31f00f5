"""A ballot as fields of a form, and back: `option-3` has what is said of project 3. Pure.

It is anything where projects are only named, a place from 1 in a ranking, else the value.
"""

import re
from collections.abc import Mapping

from shared.events.ballots import Format
from voting.booth.trouble import Trouble
from voting.formats.choices import NUMBERS, Choice, Choices, entries

_WHOLE = re.compile(r"[+-]?[0-9]{1,7}")


def read(form: Format, data: Mapping[str, str], options: int) -> tuple[Choice, ...]:
    """The choices of a form. Raises `Trouble`: `value_out_of_bounds` for what is no whole number,
    `places_unclear` where a ranking's places are not 1, 2 and so on."""
    given = {n: data.get(f"option-{n}", "").strip() for n in range(1, options + 1)}
    given = {number: written for number, written in given.items() if written}
    if form.type in NUMBERS and form.type != "ranking":
        return tuple(given)
    values = {number: _whole(written) for number, written in given.items()}
    if form.type == "ranking":
        if sorted(values.values()) != [*range(1, len(values) + 1)]:
            raise Trouble("places_unclear")
        return tuple(sorted(values, key=lambda number: values[number]))
    if form.type == "cumulative":  # no points are none given
        values = {number: value for number, value in values.items() if value}
    return tuple(values.items())


def filled(form: Format, choices: Choices) -> dict[str, str]:
    """The fields of choices."""
    return {f"option-{number}": str(value) for number, value in entries(form, choices)}


def _whole(written: str) -> int:
    written = written.replace("\N{MINUS SIGN}", "-")
    if not _WHOLE.fullmatch(written):
        raise Trouble("value_out_of_bounds")
    return int(written)

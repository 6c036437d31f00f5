"""Cells of a table for spreadsheets (RFC 4180): whatever somebody wrote, none of them is a formula.

Files have commas between their cells. A program that expects semicolons, as one does that is set to
French, or tabs, breaks a line elsewhere: what is behind such a sign would be a cell of its own, and
so would what is on a line of its own.
"""

import re
from typing import Any

# What is not seen before the sign that makes a formula does not hide it, and neither does its wide
# form.
_SIGNS = "=+@|%\uff1d\uff0b\uff20\uff0d\u2212-"
_UNSEEN = r"[\s\u200b-\u200f\u2060\ufeff\"]*"
_FORMULA = re.compile(rf"{_UNSEEN}[\t\r\n{re.escape(_SIGNS)}]")
_WITHIN = re.compile(rf"([;\t\r\n]{_UNSEEN})(?=[{re.escape(_SIGNS)}])")
# Of files of others, which have any sign between their cells, a program may expect any other.
_WITHIN_ANY = re.compile(rf"([,;|\t\r\n]{_UNSEEN})(?=[{re.escape(_SIGNS)}])")


def cell(value: Any) -> Any:
    """A value as a cell. Words that would be a formula get an apostrophe before them, also where
    white space hides how they begin, and where a cell would begin to another program."""
    if isinstance(value, str):
        return _guarded(value, _WITHIN)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value


def cell_of_any(value: str) -> str:
    """The same of a file whose cells have whatever sign between them."""
    return _guarded(value, _WITHIN_ANY)


def _guarded(words: str, within: re.Pattern[str]) -> str:
    guarded = within.sub(r"\1'", words)
    return f"'{guarded}" if _FORMULA.match(words) else guarded

"""The outcome as a table for spreadsheets (RFC 4180)."""

import csv
import io
from typing import Any

from voting.count.results.outcome import Outcome, as_json

COLUMNS = (
    *("place", "rank", "number", "title", "territory", "family", "votes", "cost", "funded"),
    *("reason", "amount", "option_id", "event", "agreement"),
)
# A cell that begins so is a formula to a spreadsheet: somebody's title must not be one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def as_csv(shown: Outcome) -> str:
    """One project a line, in the order of the rule; money in cents."""
    into = io.StringIO()
    writer = csv.writer(into)
    writer.writerow(COLUMNS)
    for project in as_json(shown)["projects"]:
        writer.writerow([cell(project[name]) for name in COLUMNS])
    return into.getvalue()


def cell(value: Any) -> Any:
    """A value as a cell. Words that would be a formula get an apostrophe before them, also where
    white space hides how they begin."""
    if isinstance(value, str) and value.lstrip(" \u00a0").startswith(_FORMULA):
        return f"'{value}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value

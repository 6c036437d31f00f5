"""The outcome as a table for spreadsheets (RFC 4180)."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from shared.events.ballots import ANSWERS, Decision, Grades
from shared.web.cells import cell
from voting.count.results.figures import project
from voting.count.results.outcome import Outcome

COLUMNS = (
    *("place", "rank", "number", "title", "territory", "family", "votes", "cost", "funded"),
    *("reason", "amount", "pass", "envelope", "needs", "left", "cheaper_by", "more_votes"),
    *("prizes", "median", "support", "why_fr", "why_en", "option_id", "event", "agreement"),
)


def as_csv(shown: Outcome) -> str:
    """One project a line, in the order of the rule; money in cents, support in percent.

    Where ballots grade or answer, a column more for each grade or answer: how often it was given.
    """
    into = io.StringIO()
    writer = csv.writer(into)
    given = _given(shown)
    writer.writerow([cell(name) for name in (*COLUMNS, *given)])
    for line in (*shown.winners, *shown.others):
        row = _row(project(shown, line))
        counts = line.counts or (None,) * len(given)
        writer.writerow([cell(value) for value in (*(row[name] for name in COLUMNS), *counts)])
    return into.getvalue()


def _given(shown: Outcome) -> tuple[str, ...]:
    match shown.setting.form:
        case Grades(grades=grades):
            return grades
        case Decision():
            return ANSWERS
    return ()


def _row(said: Mapping[str, Any]) -> dict[str, Any]:
    step, facts = said["step"] or (None, None), said["facts"] or {}
    return {
        **said,
        "pass": step[0],
        "envelope": step[1],
        **{name: facts.get(name) for name in ("needs", "left", "cheaper_by", "more_votes")},
        "prizes": sum(prize["amount"] for prize in said["prizes"]),
        "why_fr": said["why"]["fr"],
        "why_en": said["why"]["en"],
    }

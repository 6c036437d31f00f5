"""A published election in Pabulib's format as a charter and the options of its vote.

What the file says of ballots, money and rule is said by the charter, and nothing is guessed: where
it declares no rule that can be counted, there is no charter, and officers write one.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

from shared.pabulib import Declared, Election, NotPabulib, declared
from shared.pabulib.election import Project
from shared.refusal import Refusal

PRESET: Final = "participatory-budget-import"
EVERYWHERE: Final = "all"
LONGEST_LABEL: Final = 200
# What is money in a format or a rule: a charter's file says it with its unit.
_MONEY: Final = frozenset(
    (
        *("amount", "overshoot", "cost_from", "cost_below", "cents", "unit", "fixed", "ceiling"),
        *("floor", "cap", "other_money"),
    )
)


class ElectionRefused(Refusal):
    """A file is no election in Pabulib's format, or says what no charter can."""

    code = "election_refused"


def charter_of(election: Election, edition: str) -> dict[str, Any]:
    """The charter of an election, as the file of an edition. Raises `ElectionRefused`."""
    found = _declared(election)
    if found.rule is None or len(found.rule.envelopes) > 1:
        said = "; ".join(found.notes) or "the parts of its budget are not those of a charter"
        raise ElectionRefused(f"the file declares no rule that a charter can say: {said}")
    return {
        "preset": PRESET,
        "edition": edition,
        "title": election.title[:LONGEST_LABEL],
        "envelope": _euros(election.budget),
        "territories": [*_territories(election.projects)],
        "vote": {
            "format": _said(found.form.model_dump(mode="json")),
            "rule": _said(found.rule.model_dump(mode="json")),
        },
    }


def options_of(election: Election) -> tuple[Mapping[str, str], ...]:
    """The projects of an election as rows of an import."""
    names = _names(election.projects)
    carried = (election.terms.unit or election.title)[:120]
    return tuple(
        {
            "reference": each.id,
            "title": (each.name or each.id)[:LONGEST_LABEL],
            "territory": names.get(each.district or each.neighborhood, EVERYWHERE),
            "cost": str(each.cost),
            "name": carried,
        }
        for each in election.projects
        if not each.withdrawn
    )


def _declared(election: Election) -> Declared:
    try:
        return declared(election)
    except (NotPabulib, ValueError) as error:
        raise ElectionRefused(str(error)) from None


def _names(projects: Sequence[Project]) -> dict[str, str]:
    """Each part of the town by its label in the file: a name of its own."""
    found: dict[str, str] = {}
    for label in sorted({each.district or each.neighborhood for each in projects} - {""}):
        plain = unicodedata.normalize("NFKD", label.casefold()).encode("ascii", "ignore").decode()
        name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50] or "part"
        taken = {EVERYWHERE, *found.values()}
        found[label] = next(
            each for each in (name, *(f"{name}-{n}" for n in range(2, 1000))) if each not in taken
        )
    return found


def _territories(projects: Sequence[Project]) -> Sequence[Mapping[str, str]]:
    whole = {"name": EVERYWHERE, "fr": "Tout le territoire", "en": "The whole territory"}
    parts = [
        {"name": name, "fr": label[:LONGEST_LABEL], "en": label[:LONGEST_LABEL]}
        for label, name in _names(projects).items()
    ]
    return [whole, *parts]


def _said(value: Any, key: str = "") -> Any:
    """What a model says, money with its unit; what is not said is left out."""
    if isinstance(value, dict):
        return {name: _said(each, name) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_said(each, key) for each in value]
    return _euros(value) if key in _MONEY and type(value) is int else value


def _euros(amount: int) -> str:
    whole, part = divmod(amount, 100)
    return f"{whole}.{part:02} EUR" if part else f"{whole} EUR"

"""The formats of ballots: which ones are void, and how many votes what they say is worth.

Pure, and the same text for one ballot as it arrives (whole numbers) and for a million at once
(arrays of them): comparisons, `&` and `|` only. A module a format.
"""

from collections.abc import Callable, Iterator
from typing import Any

from shared.events import ballots
from voting.formats import (
    approval,
    contests,
    cumulative,
    decision,
    grades,
    knapsack,
    plus_minus,
    ranking,
    score,
)
from voting.formats.said import Said

# A code, and whether it holds: of one ballot a bool, of many an array of them.
type Verdict = tuple[str, Any]

_VOID: dict[str, Callable[[Any, Said], Iterator[Verdict]]] = {
    "approval": approval.void,
    "contests": contests.void,
    "knapsack": knapsack.void,
    "cumulative": cumulative.void,
    "ranking": ranking.void,
    "score": score.void,
    "plus-minus": plus_minus.void,
    "grades": grades.void,
    "decision": decision.void,
}


def void(form: ballots.Format, said: Said) -> Iterator[Verdict]:
    """Each code with which a ballot can be void; the first that holds is the ballot's.

    A blank ballot is never void.
    """
    for code, holds in _VOID[form.type](form, said):
        yield code, holds & (said.named > 0)


def worth(form: ballots.Format) -> tuple[int, ...] | None:
    """The votes that an option gets, by what the ballot's entry says; None: the value itself.

    What an entry says: 1 in numbers, the place from 1 in a ranking, else its value.
    """
    match form:
        case ballots.Ranking():
            return ranking.worth(form)
        case ballots.Grades():
            return grades.worth(form)
        case ballots.Decision():
            return decision.worth(form)
    return None


def schema(form: type[ballots.Format]) -> dict[str, Any]:
    """The JSON schema of a format's settings."""
    described: dict[str, Any] = form.model_json_schema()
    return described

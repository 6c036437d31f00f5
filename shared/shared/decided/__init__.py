"""Why an option is funded or is not, in plain sentences of both languages.

One place for whoever says it: the page of a result, a project's page, a carrier's message, the
ledger's explorer. Where an option came, what happened to it, and, where its event says so, what
would have been enough. The numbers are those of the event; what is not known of the round (its
titles, its rule) is left unsaid, never guessed.
"""

from collections.abc import Callable, Mapping
from typing import Final

from shared.decided import backed, limited, paid, reached
from shared.decided.case import POINTS, Case, Setting, Verdict
from shared.events.reasons import Reason

__all__ = ["POINTS", "SAYINGS", "Setting", "Verdict", "sentences"]

# A sentence for each code; a code without one fails a test.
SAYINGS: Final[Mapping[Reason, Callable[[Case], str]]] = {
    "funded": paid.funded,
    "part_funded": paid.part_funded,
    "does_not_fit": paid.does_not_fit,
    "lost_tie": paid.lost_tie,
    "after_stop": paid.after_stop,
    "quota": limited.quota,
    "cap": limited.cap,
    "exclusive": limited.exclusive,
    "most_winners": limited.most_winners,
    "limit": limited.limit,
    "no_votes": backed.no_votes,
    "below_threshold": backed.below_threshold,
    "unaffordable": paid.unaffordable,
    "outvoted": paid.outvoted,
    "not_ranked": limited.not_ranked,
    "not_admitted": limited.not_admitted,
    "withdrawn": limited.withdrawn,
    "below_floor": limited.below_floor,
    "not_cofinanced": limited.not_cofinanced,
    "no_quorum": backed.no_quorum,
    "rejected": backed.rejected,
}
# Nobody came to these in any order, or the sentence says the votes itself.
_WITHOUT_PLACE: Final = frozenset(
    (
        *("no_votes", "not_ranked", "not_admitted", "withdrawn", "below_floor", "not_cofinanced"),
        *("no_quorum", "rejected"),
    )
)


def sentences(verdict: Verdict, setting: Setting, language: str) -> tuple[str, ...]:
    """Two or three sentences: where it came, what happened, and what would have been enough."""
    case = Case(verdict, setting, language)
    came = reached.came(case) if verdict.reason not in _WITHOUT_PLACE else ""
    said = (came, SAYINGS[verdict.reason](case), reached.chance(case))
    return tuple(each for each in said if each)

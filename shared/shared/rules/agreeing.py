"""Who signs the agreement about a project: one rule, where carriers are found in order and where
agreements are signed."""

from shared.events.carriers import Part
from shared.events.scheme import Submitting


def answering(asked: Submitting | None, lead_type: str) -> tuple[Part, ...]:
    """Who answers for a project whose lead is of this type, by parts, the first that is there: the
    sponsor, where the charter has carriers of its type sponsored, else the lead itself. Of several
    with one part it is the one that joined first."""
    sponsored = asked.sponsored if asked is not None else None
    return ("sponsor", "lead") if lead_type in (sponsored or ()) else ("lead",)

"""Who signs the agreement about a project, and what is checked of it before: one rule, where
carriers are found in order and where agreements are signed."""

from typing import Final

from shared.events.carriers import Checked, Part
from shared.events.scheme import Funding, Submitting

# No legal person: they have no number, no seat, and no day of foundation that counts.
PEOPLE: Final[frozenset[str]] = frozenset({"person", "collective", "class"})
# Who signs the republican-commitment contract (law 2000-321, article 10-1; decree 2021-1947).
BOUND_BY_CONTRACT: Final = frozenset({"association", "foundation"})


def answering(asked: Submitting | None, lead_type: str) -> tuple[Part, ...]:
    """Who answers for a project whose lead is of this type, by parts, the first that is there: the
    sponsor, where the charter has carriers of its type sponsored, else the lead itself. Of several
    with one part it is the one that joined first."""
    sponsored = asked.sponsored if asked is not None else None
    return ("sponsor", "lead") if lead_type in (sponsored or ()) else ("lead",)


def required(funding: Funding | None, carrier_type: str) -> tuple[Checked, ...]:
    """What is checked of a carrier of this type before an agreement; nothing of one without an
    agreement, or where the Département builds it itself."""
    if funding is None or funding.built_by == "department":
        return ()
    legal = carrier_type not in PEOPLE
    found: list[Checked] = []
    if funding.identifiers:
        found.append("identifier")
    if legal:
        found.append("status")
    if funding.contract and carrier_type in BOUND_BY_CONTRACT:
        found.append("contract")
    if funding.de_minimis is not None and legal:
        found.append("de-minimis")
    return tuple(found)


def asks_sse(funding: Funding | None, asked: Submitting | None) -> bool:
    """Whether the identifier of the social and solidarity economy holds on the day of an agreement:
    where it is asked for at all, and the Département does not build it itself."""
    if funding is None or funding.built_by == "department":
        return False
    return asked is not None and asked.sse is True

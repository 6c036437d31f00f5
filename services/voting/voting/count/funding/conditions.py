"""What is missing before an agreement can be signed. Pure: what was heard in, names out.

Carriers are checked where dossiers are; count hears of it, from the deposit on, by another way than
it hears of decisions. What it has not heard is missing, and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from shared.events.scheme import Funding, Submitting
from shared.refusal import Refusal
from shared.rules import agreeing

type Condition = Literal[
    "withdrawn",
    "deliberation",
    "carrier",
    "siret-or-rna",
    "identifier",
    "contract",
    "de-minimis",
    "de-minimis-ceiling",
]
# Who signs the republican-commitment contract (law 2000-321, article 10-1; decree 2021-1947).
SIGNS_CONTRACT = frozenset(("association", "foundation"))


class ConditionsMissing(Refusal):
    """Something that the charter asks for before an agreement is not there."""

    code = "conditions_missing"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who carries a project, and what an officer checked of it; a clearance that was
    withdrawn is none. `de_minimis` is what it declared to have had elsewhere, and `agreed` what
    agreements here gave it, each in three years."""

    carrier_id: UUID
    part: str
    carrier_type: str
    identifiers: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    contract_on: date | None = None
    de_minimis: int | None = None
    agreed: int = 0


def answering(asked: Submitting | None, parties: Sequence[Party]) -> Party | None:
    """Who gets the money, of those who carry a project in the order of joining. A person who leads
    one is not announced: of her project, her sponsor gets it or nobody."""
    by_part = {each.part: each for each in reversed(parties)}
    lead_type = by_part["lead"].carrier_type if "lead" in by_part else "person"
    parts = agreeing.answering(asked, lead_type)
    return next((by_part[part] for part in parts if part in by_part), None)


def missing(
    terms: Funding | None,
    party: Party | None,
    *,
    amount: int,
    confirmed: bool,
    withdrawn: bool,
    on: date,
) -> tuple[Condition, ...]:
    """What an agreement with this party about so many cents would lack on that day.

    Where the authority builds the project itself, nobody is paid, and no carrier is checked.
    """
    found: list[Condition] = []
    if withdrawn:
        found.append("withdrawn")
    if terms is None:
        return tuple(found)
    if terms.deliberation and not confirmed:
        found.append("deliberation")
    asks = terms.identifiers or terms.contract or terms.de_minimis is not None
    if terms.built_by == "department" or not asks:
        return tuple(found)
    if party is None:
        return (*found, "carrier")
    if terms.identifiers:
        if not set(terms.identifiers) & set(party.identifiers):
            found.append("siret-or-rna")
        elif "identifier" not in party.checked:
            found.append("identifier")
    if terms.contract and party.carrier_type in SIGNS_CONTRACT:
        signed = party.contract_on is not None and party.contract_on <= on
        if "contract" not in party.checked or not signed:
            found.append("contract")
    if terms.de_minimis is not None:
        if "de-minimis" not in party.checked or party.de_minimis is None:
            found.append("de-minimis")
        elif party.de_minimis + party.agreed + amount > terms.de_minimis:
            found.append("de-minimis-ceiling")
    return tuple(found)


def check(found: Sequence[Condition], about: str) -> None:
    """Raises `ConditionsMissing`."""
    if found:
        raise ConditionsMissing(f"for {about} these are missing: {', '.join(found)}")

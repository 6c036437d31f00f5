"""What is missing before an agreement can be signed. Pure: what was heard in, names out.

Carriers are checked where dossiers are; count hears of it, from the deposit on, by another way than
it hears of decisions. What it has not heard is missing, and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from shared.events.carriers import Checked
from shared.events.scheme import Funding, Submitting
from shared.refusal import Refusal
from shared.rules import agreeing

type Condition = Literal[
    "withdrawn",
    "deliberation",
    "carrier",
    "siret-or-rna",
    "identifier",
    "status",
    "contract",
    "de-minimis",
    "de-minimis-ceiling",
    "sse",
]


class ConditionsMissing(Refusal):
    """Something that the charter asks for before an agreement is not there."""

    code = "conditions_missing"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who carries a project, and what an officer checked of it; a clearance that was
    withdrawn is none. `de_minimis` is what it declared to have had elsewhere, and `agreed` what
    agreements here gave it, each in three years. The identifier of the social and solidarity
    economy that she looked at holds until a day."""

    carrier_id: UUID
    part: str
    carrier_type: str
    identifiers: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    contract_on: date | None = None
    de_minimis: int | None = None
    agreed: int = 0
    sse_until: date | None = None

    def has(self, check: Checked, on: date) -> bool:
        """Whether an officer checked this of it, and it holds on a day."""
        if check not in self.checked:
            return False
        match check:
            case "contract":
                return self.contract_on is not None and self.contract_on <= on
            case "de-minimis":
                return self.de_minimis is not None
            case _:
                return True


def answering(asked: Submitting | None, parties: Sequence[Party]) -> Party | None:
    """Who gets the money, of those who carry a project in the order of joining. A person who leads
    one is not announced: of her project, her sponsor gets it or nobody."""
    by_part = {each.part: each for each in reversed(parties)}
    lead_type = by_part["lead"].carrier_type if "lead" in by_part else "person"
    parts = agreeing.answering(asked, lead_type)
    return next((by_part[part] for part in parts if part in by_part), None)


def missing(
    terms: Funding | None,
    asked: Submitting | None,
    party: Party | None,
    *,
    amount: int,
    confirmed: bool,
    withdrawn: bool,
    on: date,
) -> tuple[Condition, ...]:
    """What an agreement with this party about so many cents would lack on that day.

    It is what submission's desk says is missing, as far as it was heard here. Where the authority
    builds the project itself, nobody is paid, and no carrier is checked. A party that is not
    announced is a person: count hears of whoever carries a project before it hears of a dossier.
    """
    found: list[Condition] = []
    if withdrawn:
        found.append("withdrawn")
    if terms is None:
        return tuple(found)
    if terms.deliberation and not confirmed:
        found.append("deliberation")
    checks = agreeing.required(terms, "person" if party is None else party.carrier_type)
    sse = agreeing.asks_sse(terms, asked)
    if party is None:
        return (*found, "carrier") if checks or sse else tuple(found)
    if "identifier" in checks and not set(terms.identifiers or ()) & set(party.identifiers):
        found.append("siret-or-rna")
        checks = tuple(each for each in checks if each != "identifier")
    found += [each for each in checks if not party.has(each, on)]
    if "de-minimis" in checks and "de-minimis" not in found:
        had = (party.de_minimis or 0) + party.agreed
        if terms.de_minimis is not None and had + amount > terms.de_minimis:
            found.append("de-minimis-ceiling")
    if sse and (party.sse_until is None or party.sse_until < on):
        found.append("sse")
    return tuple(found)


def check(found: Sequence[Condition], about: str) -> None:
    """Raises `ConditionsMissing`."""
    if found:
        raise ConditionsMissing(f"for {about} these are missing: {', '.join(found)}")

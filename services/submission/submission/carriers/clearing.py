"""What is checked of a carrier before an agreement, and what it still lacks.

Pure. Three years of de-minimis aid are counted back from the day of the decision, on each day
anew (Regulation (EU) 2023/2831, article 3 (2)); the grant that is decided on counts with them. The
republican-commitment contract is that of associations and foundations (law 2000-321, article
10-1; decree 2021-1947).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.events.carriers import Checked
from shared.events.charter import CharterRules
from shared.events.event import Cents
from shared.events.scheme import Labelled
from shared.refusal import Refusal
from shared.rules import agreeing
from submission.carriers.limits import years_before
from submission.carriers.tables import Clearance, Organisation

YEARS: Final = 3
# What a carrier may lack, as it is told and shown.
LACKS: Final[Mapping[str, Labelled]] = {
    each.name: each
    for each in (
        Labelled(name="identifier", fr="son numéro SIRET ou RNA", en="its SIRET or RNA number"),
        Labelled(
            name="status", fr="une preuve de son statut juridique", en="a proof of its legal status"
        ),
        Labelled(
            name="contract",
            fr="le contrat d’engagement républicain, signé",
            en="the republican-commitment contract, signed",
        ),
        Labelled(
            name="de-minimis",
            fr="la déclaration des aides de minimis de trois ans",
            en="the declaration of three years of de-minimis aid",
        ),
        Labelled(
            name="sse",
            fr="un identifiant de l’économie sociale et solidaire en cours de validité",
            en="an identifier of the social and solidarity economy that holds",
        ),
    )
}


class ClearingRefused(Refusal):
    """A carrier cannot be found in order: what the charter asks for is not there."""

    code = "clearing_refused"


class ContractDayRefused(Refusal):
    """The contract is signed on a day that has come."""

    code = "contract_day_refused"


class DeMinimisPassed(Refusal):
    """With this grant, what a carrier had in three years passes the ceiling."""

    code = "de_minimis_passed"


class ClearedBefore(Refusal):
    """The carrier was found in order before."""

    code = "cleared_before"


class NotCleared(Refusal):
    """The carrier is not in order: there is nothing to withdraw."""

    code = "not_cleared"


class CarrierUnknown(Refusal):
    """Nobody of this id carries the project."""

    code = "carrier_unknown"


@dataclass(frozen=True, slots=True)
class Granted:
    """De-minimis aid, in cents, and the day it was granted on."""

    on: date
    amount: Cents


@dataclass(frozen=True, slots=True)
class Seen:
    """What an officer saw of a carrier: a proof of its status, and its contract's day."""

    status: bool = False
    contract_on: date | None = None


def required(rules: CharterRules, carrier_type: str) -> tuple[Checked, ...]:
    """What is checked of a carrier of this type before an agreement, as the charter asks."""
    return agreeing.required(rules.funding, carrier_type)


def has_identifier(rules: CharterRules, organisation: Organisation | None) -> bool:
    """Whether a carrier has one of the numbers that the charter asks for."""
    wanted = (rules.funding.identifiers if rules.funding else None) or ()
    known = {} if organisation is None else {"siret": organisation.siret, "rna": organisation.rna}
    return not wanted or any(known.get(each) for each in wanted)


def asks_sse(rules: CharterRules) -> bool:
    """Whether an identifier of the social and solidarity economy is looked at."""
    return agreeing.asks_sse(rules.funding, rules.submitting)


def holds_sse(rules: CharterRules, organisation: Organisation | None, day: date) -> bool:
    """Whether a carrier has what the charter asks for of the social and solidarity economy: an
    identifier that holds."""
    if not asks_sse(rules):
        return True
    known = organisation is not None and organisation.sse is not None
    until = None if organisation is None else organisation.sse_until
    return known and until is not None and until >= day


def had(aids: Sequence[Granted], day: date) -> Cents:
    """What was granted in the three years that end on this day, in cents. What was granted on the
    same day three years before is out of them."""
    since = years_before(day, YEARS)
    return sum(each.amount for each in aids if since < each.on <= day)


def check_de_minimis(
    ceiling: Cents | None, aids: Sequence[Granted], amount: Cents, day: date
) -> Cents:
    """What was had, where this grant still fits below the ceiling.

    Raises `DeMinimisPassed`, with the day from which it fits.
    """
    before = had(aids, day)
    if ceiling is not None and before + amount > ceiling:
        fits = fits_from(ceiling, aids, amount, day)
        when = f"it fits from {fits} on" if fits is not None else "it never fits"
        raise DeMinimisPassed(
            f"{before} cents in three years and {amount} now are more than {ceiling}; {when}"
        )
    return before


def fits_from(ceiling: Cents, aids: Sequence[Granted], amount: Cents, day: date) -> date | None:
    """The first day from this one on on which a grant fits, if nothing else is granted."""
    if amount > ceiling:
        return None
    days = sorted({day, *(found for each in aids if (found := _over(each.on)) > day)})
    return next((each for each in days if had(aids, each) + amount <= ceiling), None)


def _over(granted_on: date) -> date:
    """The day three years later, on which an aid counts no more."""
    try:
        return granted_on.replace(year=granted_on.year + YEARS)
    except ValueError:  # 29 February: `years_before` gives 28 February on 1 March, and the 28th
        return date(granted_on.year + YEARS, 3, 1)


def check_clearing(
    rules: CharterRules,
    carrier_type: str,
    organisation: Organisation | None,
    seen: Seen,
    day: date,
) -> tuple[Checked, ...]:
    """What is found in order of a carrier. Raises `ClearingRefused`, `ContractDayRefused`."""
    checks = required(rules, carrier_type)
    if not checks:
        raise ClearingRefused("the charter asks for nothing to be checked of this carrier")
    lacks: list[str] = []
    if "identifier" in checks and not has_identifier(rules, organisation):
        lacks.append("identifier")
    if "status" in checks and not seen.status:
        lacks.append("status")
    if "contract" in checks and seen.contract_on is None:
        lacks.append("contract")
    if not holds_sse(rules, organisation, day):
        lacks.append("sse")
    if lacks:
        raise ClearingRefused(f"missing: {', '.join(lacks)}")
    if seen.contract_on is not None and seen.contract_on > day:
        raise ContractDayRefused(f"{seen.contract_on} has not come: today is {day}")
    return checks


def missing(
    rules: CharterRules,
    carrier_type: str,
    organisation: Organisation | None,
    clearance: Clearance | None,
    day: date,
) -> tuple[str, ...]:
    """What a carrier still lacks for an agreement, by name: what is checked, and `sse` where no
    officer looked at its identifier, or it holds no more."""
    checked = [] if clearance is None else clearance.checked
    lacks: list[str] = [each for each in required(rules, carrier_type) if each not in checked]
    gone = bool(required(rules, carrier_type)) and not has_identifier(rules, organisation)
    if gone and "identifier" not in lacks:
        lacks.insert(0, "identifier")
    seen = None if clearance is None else clearance.sse_until
    if asks_sse(rules) and (seen is None or seen < day or not holds_sse(rules, organisation, day)):
        lacks.append("sse")
    return tuple(lacks)

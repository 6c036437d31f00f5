"""How a grant is divided and paid, and what a lower cost makes of it. Pure, in whole cents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared.events.funding import Instalment
from shared.events.scheme import InstalmentTerm
from shared.refusal import Refusal

# Of a grant whose charter names no parts.
WHOLE = "grant"


class InstalmentUnknown(Refusal):
    """The agreement has no instalment of this name."""

    code = "instalment_unknown"


class InstalmentPaid(Refusal):
    """This instalment was paid before, or nothing of it is left to pay."""

    code = "instalment_paid"


class PaidOnRefused(Refusal):
    """Money is not paid before the agreement, nor in the future."""

    code = "paid_on_refused"


class NotLower(Refusal):
    """A grant is reduced where the project cost less than it was to cost, and only then."""

    code = "not_lower"


class NotProrated(Refusal):
    """The charter does not lower a grant with the cost."""

    code = "not_prorated"


class PaidMore(Refusal):
    """More was paid than the grant would be: to claim it back is the treasury's."""

    code = "paid_more"


@dataclass(frozen=True, slots=True)
class Part:
    """An instalment as it stands; `paid`, once the finance system paid it."""

    name: str
    amount: int
    paid: bool = False


def divided(amount: int, terms: Sequence[InstalmentTerm]) -> tuple[Instalment, ...]:
    """A grant in its parts: each rounded down to the cent, and the rest in the last one, so that
    they add up. Where the charter names none, it is one part, on the agreement's signature."""
    if not terms:
        return (Instalment(name=WHOLE, amount=amount, on="signature"),)
    parts = [amount * term.percent // 100 for term in terms]
    parts[-1] = amount - sum(parts[:-1])
    return tuple(
        Instalment(name=term.name, amount=part, on=term.on)
        for term, part in zip(terms, parts, strict=True)
    )


def prorated(amount: int, cost: int, spent: int, known: int | None = None) -> int:
    """What is left of a grant that was agreed of `amount` towards a `cost` of which only so much
    was `spent`, rounded down to the cent. It is lower than what was `known` to be spent before, and
    as if nothing had been: no cent is lost by saying it in steps. Raises `NotLower`."""
    before = cost if known is None else known
    if not 0 <= spent < before:
        raise NotLower(f"{spent} cents were spent of {before}")
    return amount * spent // cost


def paid_in_all(parts: Sequence[Part]) -> int:
    """What was paid so far."""
    return sum(part.amount for part in parts if part.paid)


def divided_again(parts: Sequence[Part], amount: int) -> tuple[Part, ...]:
    """The parts of a grant that is only of `amount` now.

    What was paid stays. The others get what is left, in their order, each at most what it was to
    be. Raises `PaidMore`.
    """
    left = amount - paid_in_all(parts)
    if left < 0:
        raise PaidMore(f"{paid_in_all(parts)} cents are paid, the grant would be {amount}")
    found = []
    for part in parts:
        if not part.paid:
            part, left = Part(part.name, min(part.amount, left)), max(0, left - part.amount)
        found.append(part)
    return tuple(found)


def check_payment(part: Part | None, paid_on: date, signed_on: date | None, today: date) -> None:
    """Raises `InstalmentUnknown`, `InstalmentPaid`, `PaidOnRefused`."""
    if part is None:
        raise InstalmentUnknown("the agreement has no such instalment")
    if part.paid or not part.amount:
        raise InstalmentPaid(f"nothing of {part.name} is left to pay")
    if paid_on > today or (signed_on is not None and paid_on < signed_on):
        raise PaidOnRefused(f"{paid_on} is not between {signed_on or 'the agreement'} and {today}")

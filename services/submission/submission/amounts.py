"""What a project may cost, and how an amount is written in a form."""

import re

from shared.refusal import Refusal

HIGHEST_COST = 10**15  # cents; far below 2^53, so that JSON keeps it exactly in every language


class CostRefused(Refusal):
    """A cost is not a positive number of cents, or too high to be meant."""

    code = "cost_refused"


def check_cost(cost: int) -> None:
    """Raises `CostRefused` where a cost, in cents, cannot be one."""
    if not 1 <= cost <= HIGHEST_COST:
        raise CostRefused(f"a cost is between 1 and {HIGHEST_COST} cents")


_EUROS = re.compile(r"(?P<whole>[0-9]{1,13})([.,](?P<cents>[0-9]{1,2}))?")


def read_euros(written: str) -> int:
    """An amount in euros as people write it (`4 500`, `4500,50 €`), in cents.

    A dot or a comma with one or two digits behind it is the decimal point; anything else that is
    no digit, space or euro sign is refused, so that `4.500` is never taken for four and a half.
    Raises `CostRefused`.
    """
    bare = re.sub(r"\s|€$", "", written.strip())
    found = _EUROS.fullmatch(bare)
    if found is None:
        raise CostRefused(f"{written[:40]!r} is no amount in euros")
    cents = int(found["whole"]) * 100 + int((found["cents"] or "").ljust(2, "0"))
    check_cost(cents)
    return cents

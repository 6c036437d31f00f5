"""What an option is paid if it wins, and what sponsors give beside."""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger_audit.reference.groups import Won, admits

type Data = Mapping[str, Any]


def amount(option: Data, grants: Sequence[Data]) -> int | str:
    """What an option would be paid, in cents; or the code of why it is out."""
    if option.get("withdrawn") is not None:
        return "withdrawn"
    grant = next((grant for grant in grants if admits(grant["options"], option)), None)
    cost, others = option["cost"], option.get("other_money", 0)
    if grant is None:
        return int(cost)
    if others * 100 < grant["cofinanced"] * cost:
        return "not_cofinanced"
    paid = grant["fixed"] if grant.get("fixed") is not None else cost * grant["percent"] // 100
    if grant.get("ceiling") is not None:
        paid = min(paid, grant["ceiling"])
    paid = max(0, min(paid, cost - others))
    return "below_floor" if paid < grant["floor"] else int(paid)


def prizes(rule: Data, won: Sequence[Won]) -> dict[str, int]:
    """What sponsors give to each winner, in cents.

    Winners that are level have as many places as they are, and those give to all of them alike.
    """
    if rule.get("prizes") is None:
        return {}
    listed, equal = rule["prizes"]["prizes"], rule["prizes"]["equal_ranks"]

    got: dict[str, int] = {}
    place = 0
    while place < len(won):
        end = place + 1
        while equal != "order" and end < len(won) and won[end].level_with_last:
            end += 1
        places = [place + 1] if equal == "each" else range(place + 1, end + 1)
        among = 1 if equal == "each" else end - place
        # Each sponsor's prize is shared by itself: what cannot be shared stays with the sponsor.
        each = sum(prize["amount"] // among for prize in listed if prize["place"] in places)
        got |= {winner.option["id"]: each for winner in won[place:end]}
        place = end
    return {option: cents for option, cents in got.items() if cents}

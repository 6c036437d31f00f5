"""What an option is paid if it wins, and what sponsors give beside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    beside = option.get("on_top", 0)
    if (others + beside) * 100 < grant["cofinanced"] * (cost + beside):
        return "not_cofinanced"
    paid = grant["fixed"] if grant.get("fixed") is not None else cost * grant["percent"] // 100
    if grant.get("ceiling") is not None:
        paid = min(paid, grant["ceiling"])
    paid = max(0, min(paid, cost - others))
    return "below_floor" if paid < grant["floor"] else int(paid)


@dataclass(frozen=True, slots=True)
class Prize:
    """What a sponsor gives to a winner, in cents; `place` is its own, or the first of those that
    it shares."""

    option: str
    place: int
    sponsor: str
    amount: int


def prizes(rule: Data, won: Sequence[Won]) -> list[Prize]:
    """What sponsors give to winners.

    Winners that are level have as many places as they are, and those give to all of them alike.
    """
    if rule.get("prizes") is None:
        return []
    listed, equal = rule["prizes"]["prizes"], rule["prizes"]["equal_ranks"]
    given: list[Prize] = []
    place = 0
    while place < len(won):
        end = place + 1
        while equal != "order" and end < len(won) and won[end].level_with_last:
            end += 1
        places = [place + 1] if equal == "each" else range(place + 1, end + 1)
        # Each sponsor's prize is shared by itself: what cannot be shared stays with the sponsor.
        among = 1 if equal == "each" else end - place
        given += [
            Prize(winner.option["id"], place + 1, prize["sponsor"], prize["amount"] // among)
            for prize in listed
            if prize["place"] in places
            for winner in won[place:end]
        ]
        place = end
    return given

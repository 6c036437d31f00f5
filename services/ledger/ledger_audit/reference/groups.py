"""Whom a predicate admits, and what keeps an option from winning whatever its votes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

type Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Won:
    """A winner and what it is paid, in cents, by whomever.

    Two winners are *level* where the order of one step left them so, before any criterion. `tied`:
    the ids that were level with a winner of equal shares when it won.
    """

    option: Data
    paid: int
    step: int
    level_with_last: bool = False
    tied: frozenset[str] = frozenset()


def admits(predicate: Data, option: Data) -> bool:
    """Whether all of a predicate holds of an option."""
    below = predicate.get("cost_below")
    return (
        option["cost"] >= predicate.get("cost_from", 0)
        and (below is None or option["cost"] < below)
        and _in_groups(predicate, option)
    )


def admits_voter(predicate: Data, ballot: Data) -> bool:
    """Whether all of a predicate holds of a ballot."""
    return _in_groups(predicate, ballot)


def _in_groups(predicate: Data, thing: Data) -> bool:
    groups = thing.get("groups", {})
    return all(
        set(values) & set(groups.get(kind, ()))
        for kind, values in predicate.get("groups", {}).items()
    )


def values(option: Data, limit: Data) -> set[str]:
    """The values of an option that a cap or a quota speaks of."""
    found = set(option.get("groups", {}).get(limit["of"], ()))
    return found if limit.get("value") is None else found & {limit["value"]}


def winners_with(value: str, of: str, won: Sequence[Won]) -> int:
    """How many winners share a value."""
    return sum(value in winner.option.get("groups", {}).get(of, ()) for winner in won)


def forbidden(
    option: Data, amount: int, rule: Data, each: Data, won: Sequence[Won], step: int
) -> str | None:
    """The code of what keeps an option from winning next, other than money; `each` is the pass."""
    if rule.get("most_winners") is not None and len(won) >= rule["most_winners"]:
        return "most_winners"
    here = sum(1 for winner in won if winner.step == step)
    if each.get("most") is not None and here >= each["most"]:
        return "after_stop"
    for cap in rule.get("caps", ()):
        if any(winners_with(v, cap["of"], won) >= cap["most"] for v in values(option, cap)):
            return "exclusive" if cap["most"] == 1 else "cap"
    for quota in each.get("quotas", ()):
        named = values(option, quota)
        if quota.get("required") and not named:
            return "quota"
        most = quota.get("most")
        if most is not None and any(winners_with(v, quota["of"], won) >= most for v in named):
            return "quota"
    for envelope in rule["envelopes"]:
        limits = envelope["kind"] == "most" and admits(envelope["options"], option)
        if limits and amount > still_allowed(envelope, won):
            return "limit"
    return None


def comes_first(option: Data, each: Data, won: Sequence[Won]) -> bool:
    """Whether a group of the option is still short of winners that a quota promises it."""
    return any(
        quota.get("least") is not None
        and any(winners_with(v, quota["of"], won) < quota["least"] for v in values(option, quota))
        for quota in each.get("quotas", ())
    )


def still_allowed(envelope: Data, won: Sequence[Won]) -> int:
    """What an envelope with a most still allows, after what its options were paid."""
    paid = sum(w.paid for w in won if admits(envelope["options"], w.option))
    return int(envelope["amount"]) - paid

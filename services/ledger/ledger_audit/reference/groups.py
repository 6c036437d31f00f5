"""Whom a predicate admits, and what keeps an option from winning whatever its votes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

type Data = Mapping[str, Any]
# A reason's code, and its numbers.
type Why = tuple[str, dict[str, int | str]]


@dataclass(frozen=True)
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

    @cached_property
    def size(self) -> int:
        """What looking for a value in its groups costs."""
        return size(self.option)


def size(thing: Data) -> int:
    """How many values an option, a ballot or a predicate has, and one for itself."""
    groups = thing.get("groups")
    return 1 + sum(map(len, groups.values())) if groups else 1


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


def values(option: Data, limit: Data) -> list[str]:
    """The values of an option that a cap or a quota speaks of."""
    found = option.get("groups", {}).get(limit["of"], ())
    return [value for value in found if limit.get("value") in (None, value)]


def winners_with(value: str, of: str, won: Sequence[Won]) -> list[Won]:
    """The winners that have a value, in the order of winning."""
    return [winner for winner in won if value in winner.option.get("groups", {}).get(of, ())]


def forbidden(
    option: Data, amount: int, rule: Data, each: Data, won: Sequence[Won], step: int
) -> Why | None:
    """What keeps an option from winning next, other than money; `each` is the pass."""
    most_winners, most = rule.get("most_winners"), each.get("most")
    if most_winners is not None and len(won) >= most_winners:
        return "most_winners", {"most": most_winners}
    if most is not None and sum(winner.step == step for winner in won) >= most:
        return "after_stop", {"most": most}
    for cap in rule.get("caps", ()):
        for value in values(option, cap):
            those = winners_with(value, cap["of"], won)
            if len(those) >= cap["most"]:
                code = "exclusive" if cap["most"] == 1 else "cap"
                limit = {"of": cap["of"], "value": value, "most": cap["most"]}
                return code, {**limit, "with": those[0].option["id"]}
    for quota in each.get("quotas", ()):
        named = values(option, quota)
        if quota.get("required") and not named:
            return "quota", {"of": quota["of"]}
        for value in named if quota.get("most") is not None else ():
            if len(winners_with(value, quota["of"], won)) >= quota["most"]:
                return "quota", {"of": quota["of"], "value": value, "most": quota["most"]}
    for envelope in rule["envelopes"]:
        if envelope["kind"] == "most" and admits(envelope["options"], option):
            left = still_allowed(envelope, won)
            if amount > left:
                return "limit", {"envelope": envelope["name"], "needs": amount, "left": left}
    return None


def comes_first(option: Data, each: Data, won: Sequence[Won]) -> bool:
    """Whether a group of the option is still short of winners that a quota promises it."""
    return any(
        len(winners_with(value, quota["of"], won)) < quota["least"]
        for quota in each.get("quotas", ())
        if quota.get("least") is not None
        for value in values(option, quota)
    )


def still_allowed(envelope: Data, won: Sequence[Won]) -> int:
    """What an envelope with a most still allows, after what its options were paid."""
    paid = sum(w.paid for w in won if admits(envelope["options"], w.option))
    return int(envelope["amount"]) - paid

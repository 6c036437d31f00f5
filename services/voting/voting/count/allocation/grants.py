"""What each option would be paid, and prizes."""

from collections.abc import Sequence
from itertools import groupby

from shared.events.reasons import Reason
from shared.events.rules import Grant, Option, Options, Prizes
from voting.count.allocation.result import Won


def admits(predicate: Options, option: Option) -> bool:
    """Whether a predicate holds of an option."""
    if option.cost < predicate.cost_from:
        return False
    if predicate.cost_below is not None and option.cost >= predicate.cost_below:
        return False
    return all(
        set(values) & set(option.groups.get(kind, ())) for kind, values in predicate.groups.items()
    )


def amount(option: Option, grants: Sequence[Grant]) -> int | Reason:
    """The cents that an option is paid if it is funded, or why it is out."""
    for grant in grants:
        if admits(grant.options, option):
            return _granted(option, grant)
    return option.cost


def _granted(option: Option, grant: Grant) -> int | Reason:
    on_top = option.on_top or 0
    if (option.other_money + on_top) * 100 < (option.cost + on_top) * grant.cofinanced:
        return "not_cofinanced"
    paid = option.cost * grant.percent // 100 if grant.fixed is None else grant.fixed
    if grant.ceiling is not None:
        paid = min(paid, grant.ceiling)
    paid = max(0, min(paid, option.cost - option.other_money))
    return "below_floor" if paid < grant.floor else paid


def won(winners: Sequence[tuple[str, object]], prizes: Prizes) -> tuple[Won, ...]:
    """The prizes of winners, given in the order of winning with what they are level by."""
    found: list[Won] = []
    for first, level in _level(winners, prizes.equal_ranks):
        places = range(first, first + len(level))
        given = [p for p in prizes.prizes if p.place in places]
        if prizes.equal_ranks == "each":
            given = [p for p in prizes.prizes if p.place == first]
        for prize in given:
            share = prize.amount // (len(level) if prizes.equal_ranks == "shared" else 1)
            found.extend(Won(option, first, prize.sponsor, share) for option in level)
    return tuple(found)


def _level(winners: Sequence[tuple[str, object]], equal_ranks: str) -> list[tuple[int, list[str]]]:
    """Winners that are level, with the first of their places."""
    if equal_ranks == "order":
        return [(place, [option]) for place, (option, _) in enumerate(winners, start=1)]
    found, place = [], 1
    for _, group in groupby(winners, key=lambda winner: winner[1]):
        level = [option for option, _ in group]
        found.append((place, level))
        place += len(level)
    return found

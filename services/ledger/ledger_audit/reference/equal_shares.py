"""The method of equal shares (Peters, Pierczyński, Skowron 2021), as its paper says it."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from ledger_audit.reference.envelopes import Purses
from ledger_audit.reference.groups import Won, still_allowed
from ledger_audit.reference.step import Step

type Data = Mapping[str, Any]


def fund(step: Step, won: list[Won], purses: Purses) -> None:
    """Divide the step's money among its ballots, and fund what they pay for."""
    money = _money(step, won, purses)
    order = step.each["order"]
    funded = _completed(step, won, money)
    if order.get("top_up") is not None:
        funded = _by_votes(step, won, funded, money, order["top_up"])
    tried = {winner.option["id"] for winner in funded}
    if order.get("comparison") is not None:
        greedy = _by_votes(step, won, [], money, "votes")
        if _prefer(step, order["comparison"]["by"], greedy, funded):
            funded = greedy
    for winner in funded:
        purses.pay(step.envelope, winner.paid)
        step.reasons[winner.option["id"]] = "funded"
    won += funded
    lost = frozenset[str]().union(*(winner.tied for winner in funded))
    for option in step.options:
        if (id := option["id"]) not in step.reasons:
            unpaid = "lost_tie" if id in lost else "unaffordable"
            code = step.forbidden(option, won) or ("outvoted" if id in tried else unpaid)
            step.reasons[id] = code


def shares(step: Step, won: Sequence[Won], share: Fraction) -> list[Won]:
    """The winners when every ballot has `share` cents.

    Again and again the option wins whose supporters pay the lowest price per utility, each at most
    what she has left; equal prices are told apart by the rule's criteria.
    """
    order, left = step.each["order"], [share] * len(step.support)
    waiting, funded, tied = list(step.options), list[Won](), frozenset[str]()
    # A price never falls while others win: one that was too high need not be worked out again.
    known = {option["id"]: Fraction(0) for option in waiting}
    while True:
        best: Fraction | None = None
        level: list[Data] = []
        for option in sorted(waiting, key=lambda o: known[o["id"]]):
            if best is not None and known[option["id"]] > best:
                break
            if step.forbidden(option, [*won, *funded]):
                waiting.remove(option)
                continue
            found = price(_payers(step, order, option, left), step.amounts[option["id"]])
            if found is None:
                waiting.remove(option)
                continue
            known[option["id"]] = found
            if best is None or found < best:
                best, level = found, []
            if found == best:
                level.append(option)
        if best is None:
            return funded
        winner = step.first(level)
        waiting.remove(winner)
        for voter, utility in _utilities(step, order, winner):
            left[voter] -= min(left[voter], best * utility)
        amount = step.amounts[winner["id"]]
        level_with_last = winner["id"] in tied
        tied = frozenset(option["id"] for option in level)
        funded.append(Won(winner, amount, step.number, level_with_last, tied))


def price(payers: Sequence[tuple[Fraction, int]], cost: int) -> Fraction | None:
    """The least price per utility at which payers (money, utility) raise the cost; None: never.

    Whoever has too little for it pays all she has; the others pay in proportion to their utility.
    """
    if not payers or sum(money for money, _ in payers) < cost:
        return None
    missing, utilities = Fraction(cost), sum(utility for _, utility in payers)
    for money, utility in sorted(payers, key=lambda payer: payer[0] / payer[1]):
        if missing * utility <= money * utilities:
            return missing / utilities
        missing -= money
        utilities -= utility
    raise RuntimeError("payers with enough money raise the cost")


def _utilities(step: Step, order: Data, option: Data) -> list[tuple[int, int]]:
    """Who supports an option, and how much: its cost or one, times what the ballot gives it."""
    id = option["id"]
    # What costs nothing is free for everybody: any utility but none gives the price of nothing.
    of_one = step.amounts[id] or 1 if order["utility"] == "cost" else 1
    supported = ((voter, ballot.get(id, 0)) for voter, ballot in enumerate(step.support))
    return [(voter, of_one * value) for voter, value in supported if value > 0]


def _payers(
    step: Step, order: Data, option: Data, left: Sequence[Fraction]
) -> list[tuple[Fraction, int]]:
    return [(left[voter], utility) for voter, utility in _utilities(step, order, option)]


def _money(step: Step, won: Sequence[Won], purses: Purses) -> int:
    """What the step divides: never more than an envelope with a most still allows."""
    money = max(0, purses.spendable(step.envelope, overshoot=False))
    if step.envelope["kind"] == "most":
        return max(0, min(money, still_allowed(step.envelope, won)))
    return money


def _completed(step: Step, won: Sequence[Won], money: int) -> list[Won]:
    """Again and again with larger shares, as the completion says; with none, once."""
    if not step.support:
        return []
    order = step.each["order"]
    share = Fraction(money, len(step.support))
    if order.get("unit") is not None:
        share -= share % order["unit"]
    found, completion = shares(step, won, share), order.get("completion")
    if completion is None:
        return found
    if completion.get("cents") is not None:
        growth = Fraction(completion["cents"])
    else:
        # A part of nothing is nothing: a share of nothing grows by a cent.
        growth = share * Fraction(completion["share"]) or Fraction(1)
    while _unfinished(step, won, found, money, completion["stop"]):
        share += growth
        larger = shares(step, won, share)
        if _spent(larger) > money:
            return found
        found = larger
    return found


def _unfinished(
    step: Step, won: Sequence[Won], funded: Sequence[Won], money: int, stop: str
) -> bool:
    """Whether an option that ballots support and that may still win would fit.

    Into what is left, where the completion stops once results are exhaustive; else into all.
    """
    ids = {winner.option["id"] for winner in funded}
    room = money - _spent(funded) if stop == "exhaustive" else money
    return any(
        option["id"] not in ids
        and step.supporters[option["id"]]
        and step.amounts[option["id"]] <= room
        and not step.forbidden(option, [*won, *funded])
        for option in step.options
    )


def _by_votes(
    step: Step, won: Sequence[Won], funded: Sequence[Won], money: int, by: str
) -> list[Won]:
    """Most votes (for each cent) first, skipping what does not fit, after what is funded."""
    result = list(funded)
    ids = {winner.option["id"] for winner in funded}
    waiting, last = [o for o in step.options if o["id"] not in ids], None
    while waiting:
        best = max(_rank(step, by, option) for option in waiting)
        option = step.first(o for o in waiting if _rank(step, by, o) == best)
        waiting.remove(option)
        amount = step.amounts[option["id"]]
        if amount <= money - _spent(result) and not step.forbidden(option, [*won, *result]):
            result.append(Won(option, amount, step.number, last == best))
            last = best
    return result


def _rank(step: Step, by: str, option: Data) -> tuple[int, Fraction]:
    votes, amount = step.votes[option["id"]], step.amounts[option["id"]]
    if by == "votes":
        return 0, Fraction(votes)
    return (1, Fraction(votes)) if amount == 0 else (0, Fraction(votes, amount))


def _spent(funded: Sequence[Won]) -> int:
    return sum(winner.paid for winner in funded)


def _prefer(step: Step, by: str, first: Sequence[Won], second: Sequence[Won]) -> bool:
    """Whether the ballots prefer the first result to the second."""
    worth = dict[str, int]()
    for winner in (*first, *second):
        worth[winner.option["id"]] = winner.paid if by == "money" else 1
    balance = 0
    for ballot in step.support:
        mine = [
            sum(worth[w.option["id"]] for w in result if ballot.get(w.option["id"], 0) > 0)
            for result in (first, second)
        ]
        if by == "excluded":
            mine = [min(each, 1) for each in mine]
        balance += (mine[0] > mine[1]) - (mine[0] < mine[1])
    return balance > 0

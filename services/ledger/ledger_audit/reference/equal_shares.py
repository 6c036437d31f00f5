"""The method of equal shares (Peters, Pierczyński, Skowron 2021), as its paper says it."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ledger_audit.reference.envelopes import Purses
from ledger_audit.reference.groups import Why, Won, still_allowed
from ledger_audit.reference.step import Look, Step

type Data = Mapping[str, Any]


@dataclass(frozen=True)
class Run:
    """What one share buys: the winners in order, and what each ballot has left at the end."""

    share: Fraction
    winners: list[Won]
    left: list[Fraction]


def fund(step: Step, won: list[Won], purses: Purses) -> None:
    """Divide the step's money among its ballots, and fund what they pay for."""
    money, tally, run = _money(step, won, purses), step.tally, None
    funded = list[Won]()
    if money >= 0 and tally.counted and step.options:
        run = _completed(step, won, money)
        funded = run.winners
    order = step.each["order"]
    if run is not None and order.get("top_up") is not None:
        funded = _by_votes(step, won, funded, money, order["top_up"])
    tried = {winner.option["id"] for winner in funded}
    if run is not None and order.get("comparison") is not None:
        greedy = _by_votes(step, won, [], money, "votes")
        funded = _preferred(step, order["comparison"]["by"], funded, greedy)
    left = money
    for winner in funded:
        purses.pay(step.envelope, winner.paid)
        step.looks.append(Look(winner.option, "funded", left=left, paid=winner.paid))
        left -= winner.paid
    won += funded
    ids = {winner.option["id"] for winner in funded}
    for option in step.options:
        if option["id"] not in ids:
            look = Look(option, *_lost(step, won, option, tried, run))
            before = [winner for winner in funded if option["id"] in winner.tied]
            if look.code == "unaffordable" and before:
                step.lost_to(look, before[0].option)
            step.looks.append(look)


def _lost(step: Step, won: Sequence[Won], option: Data, tried: Set[str], run: Run | None) -> Why:
    """Why an option did not win."""
    if (why := step.forbidden(option, won)) is not None:
        return why
    if option["id"] in tried:
        return "outvoted", {}
    have = Fraction(0)
    if run is not None:
        for place, value in step.tally.support[option["id"]]:
            have += run.left[place] * step.tally.voters[place] if value > 0 else 0
    return "unaffordable", {"needs": step.amounts[option["id"]], "have": int(have)}


def shares(step: Step, won: Sequence[Won], share: Fraction, most: int | None = None) -> Run | None:
    """What is bought when every ballot has `share` cents; None once that costs more than `most`.

    Again and again the option wins whose supporters pay the lowest price per utility, each at most
    what she has left; equal prices are told apart by the rule's criteria.
    """
    purses = _Purses(step, share)
    waiting, funded, tied = list(step.options), list[Won](), frozenset[str]()
    # A price never falls while others win: one that was too high need not be worked out again.
    known = {option["id"]: Fraction(0) for option in waiting}
    while True:
        best: Fraction | None = None
        level: list[Data] = []
        for option in sorted(waiting, key=lambda o: known[o["id"]]):
            if best is not None and known[option["id"]] > best:
                break
            if step.forbidden(option, [*won, *funded]) is not None:
                waiting.remove(option)
                continue
            found = price(purses.payers(option), step.amounts[option["id"]])
            if found is None:
                waiting.remove(option)
                continue
            known[option["id"]] = found
            if best is None or found < best:
                best, level = found, []
            if found == best:
                level.append(option)
        if best is None:
            return Run(share, funded, purses.left())
        winner = step.first(level)
        waiting.remove(winner)
        purses.pay(winner, best)
        amount = step.amounts[winner["id"]]
        level_with_last = winner["id"] in tied
        tied = frozenset(option["id"] for option in level)
        funded.append(Won(winner, amount, step.number, level_with_last, tied))
        if most is not None and _spent(funded) > most:
            return None


class _Purses:
    """What voters have left. Those who have the same share a purse here: there are many of them."""

    def __init__(self, step: Step, share: Fraction) -> None:
        self._step, self._by_cost = step, step.each["order"]["utility"] == "cost"
        self._money, self._numbers = [share], {share: 0}
        self._purse = [0] * len(step.tally.voters)

    def left(self) -> list[Fraction]:
        """By the ballot's place."""
        return [self._money[purse] for purse in self._purse]

    def payers(self, option: Data) -> list[tuple[Fraction, int]]:
        """The money and the utility of an option's supporters, added up where both are the same."""
        many, supporters = Counter[tuple[int, int]](), self._supporters(option)
        self._step.work.spend(1 + len(supporters))
        for place, value in supporters:
            many[self._purse[place], value] += self._step.tally.voters[place]
        of_one = self._of_one(option)
        return [(self._money[p] * n, of_one * value * n) for (p, value), n in many.items()]

    def pay(self, option: Data, price: Fraction) -> None:
        """Every supporter pays the price times her utility, or all she has."""
        after: dict[tuple[int, int], int] = {}
        of_one = self._of_one(option)
        for place, value in self._supporters(option):
            before = self._purse[place], value
            if before not in after:
                had = self._money[before[0]]
                rest = had - min(had, price * of_one * value)
                after[before] = self._numbers.setdefault(rest, len(self._money))
                if after[before] == len(self._money):
                    self._money.append(rest)
            self._purse[place] = after[before]

    def _supporters(self, option: Data) -> list[tuple[int, int]]:
        return [(p, value) for p, value in self._step.tally.support[option["id"]] if value > 0]

    def _of_one(self, option: Data) -> int:
        """The utility of a vote: the option's cost, or one."""
        # What costs nothing is free for everybody: any utility but none gives the price of nothing.
        return self._step.amounts[option["id"]] or 1 if self._by_cost else 1


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


def _money(step: Step, won: Sequence[Won], purses: Purses) -> int:
    """What the step divides: never more than an envelope with a most still allows."""
    money = purses.spendable(step.envelope, overshoot=False)
    if step.envelope["kind"] == "most":
        return min(money, still_allowed(step.envelope, won))
    return money


def _completed(step: Step, won: Sequence[Won], money: int) -> Run:
    """Again and again with larger shares, as the completion says; with none, once."""
    order = step.each["order"]
    share = Fraction(money, step.tally.counted)
    if order.get("unit") is not None:
        share -= share % order["unit"]
    found, completion = shares(step, won, share), order.get("completion")
    if found is None:
        raise RuntimeError("without a most, there is a result")
    if completion is not None and completion.get("cents") is not None:
        growth = Fraction(completion["cents"])
    elif completion is not None:
        # A part of nothing is nothing: a share of nothing grows by a cent.
        growth = share * Fraction(completion["share"]) or Fraction(1)
    step.facts["share"] = str(share)
    while completion and _unfinished(step, won, found.winners, money, completion["stop"]):
        share += growth
        larger = shares(step, won, share, money)
        if larger is None:
            break
        found = larger
    step.facts["last_share"] = str(found.share)
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
        and step.forbidden(option, [*won, *funded]) is None
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
        step.work.spend(len(waiting))
        best = max(_rank(step, by, option) for option in waiting)
        level, before = [o for o in waiting if _rank(step, by, o) == best], [*won, *result]
        option = step.next(level, before, money - _spent(result), promised=False)
        waiting.remove(option)
        amount = step.amounts[option["id"]]
        if amount <= money - _spent(result) and step.forbidden(option, before) is None:
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


def _preferred(step: Step, by: str, ours: list[Won], greedy: list[Won]) -> list[Won]:
    """The result that more ballots prefer, or that leaves fewer without any; `ours` where level."""
    voters, has = step.tally.voters, list[list[int]]()
    for result in (ours, greedy):
        mine = [0] * len(voters)
        for winner in result:
            for place, value in step.tally.support[winner.option["id"]]:
                mine[place] += (winner.paid if by == "money" else 1) if value > 0 else 0
        has.append(mine)
    if by == "excluded":
        one, other = (sum(n for n, h in zip(voters, mine, strict=True) if h == 0) for mine in has)
        better = other < one
    else:
        balance = Counter[int]()
        for one_has, other_has, many in zip(*has, voters, strict=True):
            balance[(one_has > other_has) - (one_has < other_has)] += many
        one, other = balance[1], balance[-1]
        better = other > one
    step.facts |= {"compared_by": by, "equal_shares": one, "greedy": other}
    step.facts["result"] = "greedy" if better else "equal-shares"
    return greedy if better else ours

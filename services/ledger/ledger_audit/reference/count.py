"""A whole count: from a rule, a format, options and ballots to who gets what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from typing import Any

from ledger_audit.reference import equal_shares, greedy
from ledger_audit.reference.envelopes import Purses, steps
from ledger_audit.reference.formats import void
from ledger_audit.reference.grants import amount, prizes
from ledger_audit.reference.groups import Won, admits, admits_voter, still_allowed
from ledger_audit.reference.step import Step
from ledger_audit.reference.ties import Ties

type Data = Mapping[str, Any]

MOST_ORDERS = 50_000


class Suspended(Exception):
    """The outcome depends on the order of these options, which officers have to say."""

    def __init__(self, options: Sequence[str]) -> None:
        super().__init__(f"officers have to say the order of {', '.join(options)}")
        self.options = tuple(options)


@dataclass(frozen=True)
class Result:
    """Who won, in order, and why the others did not; money in cents, options by id.

    `paid` is what a winner gets; `money` what was left in each envelope, or still allowed by it,
    after each step; `out` what left the count. `void` has the code of each void ballot, by its
    place.
    """

    winners: tuple[str, ...]
    paid: Mapping[str, int]
    reasons: Mapping[str, str]
    money: tuple[tuple[str, str, Mapping[str, int]], ...]
    out: Mapping[str, int]
    prizes: Mapping[str, int]
    void: Mapping[int, str]
    asked: frozenset[frozenset[str]]


def count(
    rule: Data,
    form: Data,
    options: Sequence[Data],
    ballots: Sequence[Data],
    said: Sequence[str] = (),
) -> Result:
    """Count a round. `said`: the order of tied options that officers said, when they were asked.

    Raises `Suspended` where the rule asks and the outcome depends on the answer.
    """
    result = _counted(rule, form, options, ballots, said)
    unanswered = [tied for tied in result.asked if not tied <= set(said)]
    if unanswered and (tied := _matters(rule, form, options, ballots, said)):
        raise Suspended(tied)
    return result


def _counted(
    rule: Data, form: Data, options: Sequence[Data], ballots: Sequence[Data], said: Sequence[str]
) -> Result:
    numbers = {option["number"]: option for option in options}
    codes = {
        place: code
        for place, ballot in enumerate(ballots)
        if (code := void(form, ballot["choices"], numbers))
    }
    valid = [ballot for place, ballot in enumerate(ballots) if place not in codes]
    if rule["electorate"]["blank"] == "set-aside":
        valid = [ballot for ballot in valid if ballot["choices"]]

    granted = {option["id"]: amount(option, rule["grants"]) for option in options}
    amounts = {id: cents for id, cents in granted.items() if isinstance(cents, int)}
    reasons = {
        id: code if isinstance(code, str) else "not_admitted" for id, code in granted.items()
    }

    ties = Ties(rule["ties"]["criteria"], rule["ties"].get("seed") or "", said)
    purses, won, money = Purses(rule), list[Won](), []
    for number, (each, envelope) in enumerate(steps(rule)):
        winners = {winner.option["id"] for winner in won}
        admitted = [
            option
            for option in options
            if option["id"] in amounts
            and option["id"] not in winners
            and admits(envelope["options"], option)
            and admits(each["options"], option)
        ]
        here = [ballot for ballot in valid if admits_voter(envelope["voters"], ballot)]
        step = Step(number, rule, each, envelope, form, admitted, amounts, here, ties)
        step.refuse()
        way = equal_shares if each["order"]["type"] == "equal-shares" else greedy
        way.fund(step, won, purses)
        reasons |= step.reasons
        purses.step_over()
        allowed = {
            e["name"]: still_allowed(e, won) for e in rule["envelopes"] if e["kind"] == "most"
        }
        money.append((each["name"], envelope["name"], purses.left | allowed))
    return Result(
        winners=tuple(winner.option["id"] for winner in won),
        paid={winner.option["id"]: winner.paid for winner in won},
        reasons=reasons,
        money=tuple(money),
        out=purses.out,
        prizes=prizes(rule, won),
        void=codes,
        asked=frozenset(ties.asked),
    )


def _matters(
    rule: Data, form: Data, options: Sequence[Data], ballots: Sequence[Data], said: Sequence[str]
) -> list[str]:
    """The options whose order decides who gets what, by trying every order; none: it does not."""
    groups: list[set[str]] = []
    while True:
        outcomes: list[tuple[Mapping[str, int], Mapping[str, int]]] = []
        met = list(groups)
        for orders in product(*(permutations(sorted(group)) for group in groups)):
            if len(outcomes) > MOST_ORDERS:
                raise Suspended(sorted(set[str]().union(*groups)))
            order = [*said, *(id for group in orders for id in group if id not in said)]
            result = _counted(rule, form, options, ballots, order)
            outcomes.append((result.paid, result.prizes))
            for tied in result.asked:
                met = _joined(met, set(tied) - set(said))
        if met == groups:
            differ = any(outcome != outcomes[0] for outcome in outcomes)
            return sorted(set[str]().union(*groups)) if differ else []
        groups = met


def _joined(groups: list[set[str]], tied: set[str]) -> list[set[str]]:
    """The groups, with those made one that share an option with `tied`."""
    if not tied:
        return groups
    apart = [group for group in groups if not group & tied]
    return sorted([*apart, tied.union(*(g for g in groups if g & tied))], key=sorted)

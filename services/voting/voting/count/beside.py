"""What stands beside a decision and decides nothing: anybody can compute it from the ballots.

Pure, and for the counting worker. How ballots graded each option, or answered; what greedy and
equal shares would each have funded; how near each option came under equal shares.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from pydantic import ValidationError

from shared.events.ballots import Decision, Format, Grades
from shared.events.rules import (
    ByVotes,
    Completion,
    Envelope,
    EqualShares,
    Misfit,
    Option,
    Order,
    Pass,
    Rule,
)
from voting.count.allocation.engine import EVERYBODY, Present, count
from voting.count.allocation.grants import admits, amount
from voting.count.allocation.profile import Ints, Profile
from voting.count.allocation.result import Result, Step
from voting.count.allocation.setup import check
from voting.count.allocation.shares.effective import effective_support
from voting.count.allocation.tally import Tally
from voting.count.allocation.valid import valid

# Both rules make sense of these ballots.
COMPARED = frozenset(("approval", "knapsack", "cumulative", "score", "ranking", "plus-minus"))
GREEDY = ("votes", "votes-per-cost")
# With more different ballots than so many equal shares are not completed here, nor is support
# measured: the count of a million ballots again and again takes longer than the decision.
MOST = 200_000
SIZES = 3


def beside(
    rule: Rule,
    form: Format,
    options: Sequence[Option],
    ballots: Profile,
    result: Result,
    most: int = MOST,
    named: Present | None = None,
) -> dict[str, Any]:
    """All that is shown beside a result; options by their id, money in cents. With more different
    ballots than `most`, what takes long is left out. In a `named` round nothing is compared: what a
    few members decide is no matter of proportion."""
    kept, _ = valid(form, ballots, options)
    filled = kept.kept(kept.lengths > 0)
    everybody = kept if rule.electorate.blank == "counted" else filled
    found = _said(form, options, everybody, named or EVERYBODY)
    if named is not None:
        return found
    few = len(ballots.weights) <= most
    if few and (support := _support(rule, form, options, everybody, result)):
        found["support"] = support
    if (other := _other(rule, form, options, completed=few)) is not None:
        shares = rule.passes[0].order.type == "equal-shares"
        measured = _Measures(options, Tally(form, filled), [_paid(rule, o) for o in options])
        ours, theirs = measured.of(result), measured.of(count(other, form, options, ballots))
        found["comparison"] = {
            "decided": "equal-shares" if shares else "greedy",
            "completed": few,
            "voters": filled.voters,
            "sizes": measured.bounds,
            "greedy": theirs if shares else ours,
            "equal-shares": ours if shares else theirs,
        }
    return found


def _said(
    form: Format, options: Sequence[Option], ballots: Profile, present: Present
) -> dict[str, Any]:
    """Where votes are no sum: how often each grade or answer was given."""
    tally = Tally(form, ballots, present.recused)
    if isinstance(form, Grades):
        graded = zip(options, tally.grades, strict=True)
        return {"grades": {option.id: list(counts) for option, counts in graded}}
    if isinstance(form, Decision):
        answered = zip(options, tally.answers, strict=True)
        return {"answers": {option.id: list(counts) for option, counts in answered}}
    return {}


def _other(rule: Rule, form: Format, options: Sequence[Option], *, completed: bool) -> Rule | None:
    """The same rule with equal shares instead of greedy, or the other way round; None where only
    one of them makes sense, or the rule is neither.

    Where officers are asked about ties, the smaller id comes first here: nobody is asked about
    what decides nothing.
    """
    if form.type not in COMPARED or getattr(form, "max", None) == 1:
        return None
    kinds = {each.order.type for each in rule.passes}
    if kinds <= {*GREEDY}:
        order: Order = shares(completed=completed)
    elif kinds == {"equal-shares"}:
        order = ByVotes()
    else:
        return None
    passes = [
        each.model_copy(update={"order": order, "misfit": Misfit(), "below_threshold": "refused"})
        for each in rule.passes
    ]
    criteria = dict.fromkeys("option" if c == "ask" else c for c in rule.ties.criteria)
    ties = rule.ties.model_copy(update={"criteria": tuple(criteria)})
    try:
        other = Rule.model_validate(
            rule.model_copy(update={"passes": tuple(passes), "ties": ties}).model_dump()
        )
    except ValidationError:  # such as a quota's least, which equal shares do not know
        return None
    return None if any(wrong.refused for wrong in check(other, form, options)) else other


def shares(*, completed: bool) -> EqualShares:
    """Equal shares as they stand beside greedy: with cost utility, completed by hundredths of the
    share until that would overspend, and what is left by votes."""
    growing = Completion(share="1/100", stop="overspend") if completed else None
    return EqualShares(completion=growing, top_up="votes")


def _paid(rule: Rule, option: Option) -> int:
    granted = amount(option, rule.grants)
    return granted if isinstance(granted, int) else 0


@dataclass(frozen=True)
class _Measures:
    """What a result is to voters, sizes of projects and territories."""

    options: Sequence[Option]
    tally: Tally
    amounts: Sequence[int]

    @property
    def bounds(self) -> list[int]:
        """The highest cost of small and of middling projects: a third of all each, as far as
        projects that cost the same can be parted."""
        costs = sorted(option.cost for option in self.options)
        return [costs[max(0, len(costs) * part // SIZES - 1)] for part in range(1, SIZES)]

    def of(self, result: Result) -> dict[str, Any]:
        """The measures of a result: `voters` by how many of the projects that each supports are
        funded; `sizes` and `territories` as number of projects and cents."""
        paid = {each.option: each.amount for each in result.options if each.funded}
        sizes = [[0, 0] for _ in range(SIZES)]
        territories: dict[str, list[int]] = {}
        for option in self.options:
            if option.id in paid:
                size = sum(option.cost > bound for bound in self.bounds)
                place = ", ".join(option.groups.get("territory", ()))
                for sums in (sizes[size], territories.setdefault(place, [0, 0])):
                    sums[0] += 1
                    sums[1] += paid[option.id]
        return {
            "winners": list(result.winners),
            "spent": sum(paid.values()),
            "voters": self._voters({*paid}),
            "sizes": sizes,
            "territories": dict(sorted(territories.items())),
        }

    def _voters(self, funded: set[str]) -> list[int]:
        profile = self.tally.profile
        won = np.array([option.id in funded for option in self.options], np.bool_)
        each = ((self.tally.worth > 0) & won[profile.options]).astype(np.int64)
        sums = np.concatenate((np.zeros(1, np.int64), np.cumsum(each)))
        have: Ints = sums[profile.starts[1:]] - sums[profile.starts[:-1]]
        return [int(n) for n in np.bincount(have, profile.weights, 1)]


def _support(
    rule: Rule, form: Format, options: Sequence[Option], ballots: Profile, result: Result
) -> Mapping[str, int]:
    """Effective support in the last step of equal shares that looked at each option."""
    amounts = [_paid(rule, option) for option in options]
    places = {option.id: index for index, option in enumerate(options)}
    waiting = dict(places)
    found: dict[str, int] = {}
    for step in result.steps:
        each, envelope = _step(rule, step.name)
        funded = [places[option] for option in step.funded]
        if isinstance(each.order, EqualShares) and _by_shares(step):
            tally = Tally(form, ballots.admitted(envelope.voters))
            reached = effective_support(
                tally.profile,
                tally.worth,
                amounts,
                Fraction(str(step.facts["last_share"])),
                funded,
                [i for i in waiting.values() if _inside(each, envelope, options[i])],
                cost_utility=each.order.utility == "cost",
            )
            found |= {options[index].id: percent for index, percent in reached.items()}
        for option in step.funded:
            waiting.pop(option)
    return found


def _step(rule: Rule, name: tuple[str, str]) -> tuple[Pass, Envelope]:
    passes = {each.name: each for each in rule.passes}
    return passes[name[0]], next(e for e in rule.envelopes if e.name == name[1])


def _by_shares(step: Step) -> bool:
    """Whether a step's winners are those of equal shares: there was something to divide, and
    greedy was not preferred."""
    return "last_share" in step.facts and step.facts.get("result") != "greedy"


def _inside(each: Pass, envelope: Envelope, option: Option) -> bool:
    return admits(envelope.options, option) and admits(each.options, option)

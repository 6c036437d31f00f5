"""Common rules in one call each."""

from shared.events.exact import Cents, Ratio
from shared.events.rules import (
    ByVotes,
    ByVotesPerCost,
    Comparison,
    Completion,
    Criterion,
    Electorate,
    Envelope,
    EqualShares,
    Grant,
    Misfit,
    Order,
    Pass,
    Rule,
    Threshold,
    Ties,
)

CHEAPER_FIRST: tuple[Criterion, ...] = ("cost", "option")


def one_envelope(
    budget: Cents,
    order: Order,
    *,
    ties: tuple[Criterion, ...] = CHEAPER_FIRST,
    misfit: Misfit | None = None,
    thresholds: tuple[Threshold, ...] = (),
    blank: bool = False,
    unsupported: bool = False,
) -> Rule:
    """One pass over one envelope. `unsupported`: options without a vote may win too."""
    only = Pass(
        name="all",
        order=order,
        misfit=misfit or Misfit(),
        below_threshold="taken" if unsupported else "refused",
    )
    return Rule(
        electorate=Electorate(blank="counted" if blank else "set-aside"),
        thresholds=thresholds,
        envelopes=(Envelope(name="all", amount=budget),),
        passes=(only,),
        ties=Ties(criteria=ties),
    )


def greedy(budget: Cents, ties: tuple[Criterion, ...] = CHEAPER_FIRST) -> Rule:
    """Most votes first, skipping what does not fit; of equals the cheaper, then the smaller id."""
    return one_envelope(budget, ByVotes(), ties=ties)


def adopted() -> Rule:
    """Every option that a decision adopts, and no money: a label, an opinion."""
    return one_envelope(0, ByVotes()).model_copy(update={"grants": (Grant(fixed=0),)})


def library_greedy(budget: Cents, *, by_cost: bool) -> Rule:
    """Greedy as `pabutools` has it: zero votes win too, ties by id.

    `by_cost`: for ballots with points the library orders by points per cost.
    """
    order = ByVotesPerCost() if by_cost else ByVotes()
    return one_envelope(budget, order, ties=("option",), unsupported=True)


def equal_shares(
    budget: Cents,
    ties: tuple[Criterion, ...] = ("option",),
    completion: Completion | None = None,
    **settings: object,
) -> Rule:
    """The method of equal shares with cost utility unless `settings` of `EqualShares` differ.

    Blank ballots count: the share is the money over all valid ballots, as libraries divide it.
    """
    order = EqualShares.model_validate({"completion": completion, **settings})
    return one_envelope(budget, order, ties=ties, blank=True)


def add1(exhaustive: bool, unit: Cents = 100) -> Completion:
    """One more unit of currency (so many cents) a voter, until overspent or exhaustive."""
    return Completion(cents=unit, stop="exhaustive" if exhaustive else "overspend")


def add_fraction(share: Ratio = "1/1000", *, exhaustive: bool = False) -> Completion:
    """A part of the first share more for each, for electorates where a unit is too much."""
    return Completion(share=share, stop="exhaustive" if exhaustive else "overspend")


def compared_with_greedy(by: str = "projects") -> Comparison:
    """Greedy wins instead, where more ballots prefer it."""
    return Comparison.model_validate({"by": by})

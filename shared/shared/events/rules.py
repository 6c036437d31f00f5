"""How ballots and money become a result: one rule, as data, frozen and hashed at opening.

Money is in cents, ratios are text ("1/20"), nothing is a float. Two programs read this and must
say the same: what a field means stands in its docstring, and nowhere else.

**Groups.** A rule declares kinds of groups (`territory`, `family`, `carrier`); options and ballots
have values in them. Predicates, quotas and caps speak of groups only by these names.

**Counting in short.** Grants say what each option would be paid: its *amount*. Options that are
withdrawn, or that get no grant, are out. Every pass visits its envelopes one after the other: each
visit is a *step*. In a step the ballots that the envelope admits are counted, the options that
envelope and pass admit are ordered, and funded as far as money, caps and quotas allow.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.events import contradictions
from shared.events.event import Frozen, Name
from shared.events.exact import Cents, Contradictory, Ratio, SomeCents

Value = Annotated[str, Field(min_length=1, max_length=200)]
Words = Annotated[str, Field(min_length=1, max_length=200)]
Whole = Annotated[int, Field(strict=True, ge=1, le=10_000)]
Votes = Annotated[int, Field(strict=True, ge=0, le=10**12)]
Percent = Annotated[int, Field(strict=True, ge=0, le=100)]
Place = Annotated[int, Field(strict=True, ge=1, le=10_000)]
Groups = dict[Name, tuple[Value, ...]]


class Option(Frozen):
    """What a rule sees of an option."""

    id: Annotated[str, Field(min_length=1, max_length=100)]
    number: Annotated[int, Field(strict=True, ge=1, le=100_000)]  # its number on ballots
    cost: Cents
    groups: Groups = Field(
        default_factory=dict
    )  # its values by kind; a kind that is not there: no value
    filed: Annotated[int, Field(strict=True, ge=0)] | None = None  # its place in order of filing
    jury_rank: Place | None = None  # 1 is the best; several may have one rank
    on_top: Cents | None = None  # cents that others give beside its cost: that is what is asked for
    other_money: Cents = 0  # cents that others give, of its cost
    withdrawn: Words | None = None  # why it is out: never funded, whatever its votes


class Options(Frozen):
    """A predicate on options: all of it must hold; empty, every option.

    `groups`: for each kind that is named, the option has one of these values. `cost_from` and
    `cost_below`: cents of its cost, the lower limit included, the upper one not.
    """

    groups: Groups = Field(default_factory=dict)
    cost_from: Cents = 0
    cost_below: Cents | None = None


class Voters(Frozen):
    """A predicate on ballots: for each kind that is named, the ballot has one of these values."""

    groups: Groups = Field(default_factory=dict)


class Electorate(Frozen):
    """Which ballots count as *counted*: the base of shares of voters and of equal shares.

    Void ballots never do. Blank ones do where `blank` is "counted". A ballot key counts once, by
    its last revision: that is the box's doing, not the rule's.
    """

    blank: Literal["counted", "set-aside"] = "set-aside"


class Threshold(Frozen):
    """What an option needs at least, or it is `below_threshold`. Exactly one of the three.

    `of`: "votes", the sum of what ballots give it (points, plus less minus, one each), or
    "supporters", how many ballots give it more than nothing. Compared with: `votes`, a number;
    `share` of the ballots counted in the step; `per_euro`, so many for each euro (100 cents) of
    its cost.
    """

    of: Literal["votes", "supporters"] = "votes"
    votes: Votes | None = None
    share: Ratio | None = None
    per_euro: Ratio | None = None


class Cap(Frozen):
    """At most `most` winners share a value of the kind `of`, over the whole count.

    One a carrier is `of: carrier`; options that exclude one another share a value of some kind, an
    option may have several. `value` limits the cap to that value.
    """

    of: Name
    value: Value | None = None
    most: Whole = 1


class Envelope(Frozen):
    """Money for the options that `options` admits, decided by the ballots that `voters` admits.

    The tree: the one envelope without `within` is the root. A "reserved" envelope takes `amount`
    cents out of its parent when counting begins: only its own steps spend them. When the last step
    that spends it is over, what is left goes to its parent, to the next sibling as written that
    still has a step to come (else the parent), to the next year or nowhere (both: out of the count;
    reported). A "most" envelope has no money of its own: it spends its parent's, and what is paid
    to options it admits, from whichever envelope, is never more than `amount`; it has no children
    that are reserved, and its remainder stays with the parent. Equal shares in it divide no more
    than it still allows.

    `overshoot`: cents by which a reserved envelope may be exceeded in all by its winners. Equal
    shares never uses it.
    """

    name: Name
    within: Name | None = None
    amount: Cents
    kind: Literal["reserved", "most"] = "reserved"
    options: Options = Options()
    voters: Voters = Voters()
    remainder: Literal["parent", "next", "next-year", "nowhere"] = "parent"
    overshoot: Cents = 0


class ByVotes(Frozen):
    """Most votes first."""

    type: Literal["votes"] = "votes"


class ByVotesPerCost(Frozen):
    """Most votes per cent of its amount first; what costs nothing comes before all that costs."""

    type: Literal["votes-per-cost"] = "votes-per-cost"


class ByJuryRank(Frozen):
    """The jury's ranks, 1 first; an option without a rank is out of the step (`not_ranked`)."""

    type: Literal["jury-rank"] = "jury-rank"


class ByMedianGrade(Frozen):
    """Majority judgement: the best median grade first; needs the format `grades`.

    With an even number of ballots the median is the lower middle. Of options with the same median
    one such grade is taken from each, and medians are compared again, until they differ; those
    with the same grades throughout are tied. `at_least`: an option whose median is worse is
    `below_threshold`.
    """

    type: Literal["median-grade"] = "median-grade"
    at_least: Name | None = None


class Completion(Frozen):
    """Equal shares again and again with a larger share each, since it leaves money unspent.

    The share grows by `cents`, or by `share` of what it was at first (by one cent, where that was
    nothing): exactly one of them, more than nothing. The stop: "overspend", with the first result
    whose amounts are more than there is, and the one before it counts; "exhaustive", with that or
    already with the first result that leaves no admitted option with votes that would still fit.
    It also ends when every such option is funded or has an amount above the step's money, and at
    once where there is none.
    """

    cents: SomeCents | None = None
    share: Ratio | None = None
    stop: Literal["exhaustive", "overspend"]


class Comparison(Frozen):
    """Equal shares beside greedy by votes with the same money: the voters' better one counts.

    "projects": each counted ballot prefers where more options it supports are funded; "money":
    where the sum of their amounts is larger; the result that more ballots prefer. "excluded": the
    result that leaves fewer ballots without any. Where they are level, equal shares counts.
    """

    by: Literal["projects", "money", "excluded"]


class EqualShares(Frozen):
    """The method of equal shares (Peters, Pierczyński, Skowron 2021), in exact fractions.

    The step's money is divided among its counted ballots. Again and again the option is funded
    that its supporters can pay at the lowest price per utility, each at most what she has left,
    else in proportion to her utility. `utility`: "cost", an option's amount times what the ballot
    gives it; "cardinality", what the ballot gives it alone (one, or its points). What a ballot
    gives below zero counts as nothing.

    `unit`: the share at first is rounded down to whole multiples of so many cents, where it is
    said. `completion`, then `top_up`: with the money that is left, most votes (or votes per cost)
    first, skipping what does not fit. Last, `comparison`.
    """

    type: Literal["equal-shares"] = "equal-shares"
    utility: Literal["cost", "cardinality"] = "cost"
    unit: SomeCents | None = None
    completion: Completion | None = None
    top_up: Literal["votes", "votes-per-cost"] | None = None
    comparison: Comparison | None = None


type Order = Annotated[
    ByVotes | ByVotesPerCost | ByJuryRank | ByMedianGrade | EqualShares,
    Field(discriminator="type"),
]


class Quota(Frozen):
    """For each value of the kind `of`, or for `value` alone; winners of earlier steps count too.

    `most`: an option one of whose values has so many winners is passed over (`quota`). `least`:
    options one of whose values is still short of so many winners come before all others; "one
    winner per canton, then the general ranking" is a pass with `most: 1` before one without. Equal
    shares knows `most` only. Options without a value: under `most` they are free, under `least`
    they come with the others; where `required`, they are out of the pass (`quota`).
    """

    of: Name
    value: Value | None = None
    least: Whole | None = None
    most: Whole | None = None
    required: bool = False


class Misfit(Frozen):
    """What happens when an option is next but costs more than is left (`does_not_fit`).

    "skip" it and go on; "stop" the step: what follows is `after_stop`. "fund-next": if at least
    `at_least` of its amount is left, it is funded in full, whoever pays the rest, and the step
    stops; "part-fund": it gets what is left, and the step stops. Where less is left, `otherwise`.
    What a cap, a quota or a "most" envelope forbids is skipped, and stops nothing.
    """

    policy: Literal["skip", "stop", "fund-next", "part-fund"] = "skip"
    at_least: Ratio | None = None
    otherwise: Literal["skip", "stop"] = "skip"


class Pass(Frozen):
    """One way through envelopes; passes are done in the order written.

    `envelopes`: in this order; empty, all of them, children before their parent, siblings as
    written. `below_threshold`: whether options without votes (zero or less) or under a threshold
    are refused, or taken with the others; a jury's ranks ask for no votes. `most`: winners in each
    step at most; who comes after them is `after_stop`.
    """

    name: Name
    envelopes: tuple[Name, ...] = ()
    options: Options = Options()
    order: Order
    quotas: tuple[Quota, ...] = ()
    misfit: Misfit = Misfit()
    below_threshold: Literal["refused", "taken"] = "refused"
    most: Whole | None = None


Criterion = Literal["cost", "dearest", "votes", "supporters", "filed", "option", "lot", "ask"]


class Ties(Frozen):
    """How options that an order leaves level are told apart, by one criterion after the other.

    "cost": the cheaper first; "dearest": the dearer; "votes", "supporters": more first; "filed":
    the earlier; "option": the smaller id, as text by code points; "lot": the smaller
    SHA-256(seed ‖ id), `seed` in hexadecimal, drawn in public. The last is "option" or "lot", so
    that the order is total; or "ask": the count is suspended when the outcome depends on the tie,
    until officers say the order.
    """

    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1, max_length=8)]
    seed: Annotated[str, Field(pattern=r"^([0-9a-f]{2}){16,64}$")] | None = None


class Grant(Frozen):
    """What an option is paid, if it is funded; the first of a rule's grants that admits it counts.

    `fixed` cents, or else `percent` of its cost, rounded down to the cent; at most `ceiling`; never
    more than its cost less its other money. Less than `floor`: out (`below_floor`). `cofinanced`:
    the least percent that others must give of its cost and what they give on top of it, or it is
    out (`not_cofinanced`).
    Without any grant that admits it an option is paid its cost.
    """

    options: Options = Options()
    fixed: Cents | None = None
    percent: Percent = 100
    ceiling: Cents | None = None
    floor: Cents = 0
    cofinanced: Percent = 0


class Prize(Frozen):
    """What a named sponsor gives to the winner of a place; it costs no envelope anything."""

    place: Place
    sponsor: Words
    amount: Cents


class Prizes(Frozen):
    """Prizes by the place among winners, in the order of winning.

    `equal_ranks`: winners that the pass's order itself leaves level, before any criterion, are in
    "order" all the same; or "each" gets what the first of their places gives; or what their places
    give is "shared" equally, rounded down to the cent.

    Equal shares leave a winner level with the one just before it if both were to be had at the same
    price per utility when that one was chosen, whatever their votes. Whom the top-up funds, or
    greedy where it counts instead, is level by its order, and with no winner of the method.
    """

    prizes: Annotated[tuple[Prize, ...], Field(min_length=1, max_length=100)]
    equal_ranks: Literal["order", "each", "shared"] = "order"


class Rule(Frozen):
    """Everything that decides a round, given its options and ballots.

    `groups`: the kinds that this rule speaks of, with their values; a kind without values takes
    any. `most_winners`: over the whole count.
    """

    groups: Groups = Field(default_factory=dict)
    electorate: Electorate = Electorate()
    thresholds: tuple[Threshold, ...] = ()
    caps: tuple[Cap, ...] = ()
    most_winners: Whole | None = None
    envelopes: Annotated[tuple[Envelope, ...], Field(min_length=1, max_length=500)]
    passes: Annotated[tuple[Pass, ...], Field(min_length=1, max_length=50)]
    ties: Ties
    grants: tuple[Grant, ...] = ()
    prizes: Prizes | None = None

    @property
    def budget(self) -> int:
        """Cents of the envelope that all others are within."""
        return next(each.amount for each in self.envelopes if each.within is None)

    @model_validator(mode="after")
    def _sense(self) -> Self:
        found = list(contradictions.of_rule(self))
        if found:
            raise Contradictory(*found)
        return self

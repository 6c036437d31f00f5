"""One step: the ballots and options that an envelope and a pass admit, and what the first say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from ledger_audit.reference.formats import ABSTAIN, NO, RECUSED, YES
from ledger_audit.reference.grades import medians
from ledger_audit.reference.groups import Why, Won, comes_first, forbidden, size
from ledger_audit.reference.tally import Tally
from ledger_audit.reference.ties import Ties
from ledger_audit.reference.work import Work

type Data = Mapping[str, Any]


@dataclass
class Look:
    """What a step says of an option; `left` is what could be spent when it came to it, in cents.

    `level`: the ids of those that it was level with then, itself among them.
    """

    option: Data
    code: str
    facts: dict[str, int | str] = field(default_factory=dict)
    left: int = 0
    paid: int | None = None
    level: frozenset[str] = frozenset()


@dataclass
class Step:
    """What a step decides on, and what it says; `amounts` by the option's id.

    `tally` has the ballots that count here: valid, admitted by the envelope, blank ones only where
    the rule counts them. `options` shrink to those that are not `refused`; `looks` are at them, in
    the order in which they were looked at, or winners first where there is no such order.
    """

    number: int
    rule: Data
    each: Data
    envelope: Data
    form: Data
    options: list[Data]
    amounts: Mapping[str, int]
    tally: Tally
    ties: Ties
    work: Work
    quorum: bool = True
    looks: list[Look] = field(default_factory=list)
    refused: list[Look] = field(default_factory=list)
    facts: dict[str, int | str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, str]:
        """The pass and the envelope."""
        return self.each["name"], self.envelope["name"]

    @property
    def votes(self) -> dict[str, int]:
        """The sum of what ballots give, by id."""
        return self.tally.votes

    @property
    def supporters(self) -> dict[str, int]:
        """How many ballots give more than nothing, by id."""
        return self.tally.supporters

    def grades(self, option: Data) -> list[int]:
        """The grades of an option; a ballot without one gives the worst, a recused one none. One
        without any has the worst."""
        self.work.compare(self.tally.counted)
        said = self.tally.said[option["id"]]
        graded = [grade for grade, many in said.items() for _ in range(many)]
        recused = self.tally.recused.get(option["number"], 0)
        found = [*graded, *[0] * (self.tally.counted - recused - len(graded))]
        return found or [0] * (recused > 0)

    def refuse(self) -> None:
        """Take out of the step what is refused before any order, each with its reason."""
        self.work.spend(len(self.options) * (1 + len(self.rule["thresholds"])))
        for option in list(self.options):
            if code := self._adopted(option) or self._ranked(option) or self._supported(option):
                self.options.remove(option)
                self.refused.append(Look(option, *code))

    def forbidden(self, option: Data, won: Sequence[Won]) -> Why | None:
        """What keeps an option from winning next, other than money."""
        self._pay(option, won, self._limits)
        amount = self.amounts[option["id"]]
        return forbidden(option, amount, self.rule, self.each, won, self.number)

    def promised(self, options: Sequence[Data], won: Sequence[Won]) -> list[Data]:
        """Those of which a group is still short of winners that a quota promises it."""
        least = sum(quota.get("least") is not None for quota in self.each["quotas"])
        if not least:
            return []
        found = list[Data]()
        for option in options:
            self._pay(option, won, least)
            if comes_first(option, self.each, won):
                found.append(option)
        return found

    @cached_property
    def _limits(self) -> int:
        """How many caps, quotas and envelopes look at an option before it may win."""
        of_envelopes = [e for e in self.rule["envelopes"] if e["kind"] == "most"]
        values = sum(size(envelope["options"]) for envelope in of_envelopes)
        return len(self.rule["caps"]) + len(self.each["quotas"]) + values

    def _pay(self, option: Data, won: Sequence[Won], limits: int) -> None:
        """For so many limits that look at each winner for each value of an option."""
        if limits:
            self.work.compare(limits * size(option) * (1 + sum(winner.size for winner in won)))

    def first(self, level: Sequence[Data]) -> Data:
        """The first of options that the order leaves level."""
        return self.ties.first(level, self.votes, self.supporters)

    def first_unasked(self, level: Sequence[Data]) -> Data:
        """The same, where nobody has to be asked."""
        return self.ties.first(level, self.votes, self.supporters, lambda tied: ())

    def next(
        self, level: Sequence[Data], won: Sequence[Won], money: int, *, promised: bool
    ) -> Data:
        """The same, where options are looked at one after the other while there is money.

        `promised`: these are level among those that a quota puts before all others.
        """

        def matter(tied: Sequence[Data]) -> Sequence[Data]:
            """Those that win or stop the step if they are next: the others never will.

            Nobody, where all of them win in any order and nothing comes of who was first: no prize,
            and no group that has what it was promised sooner.
            """
            count = [option for option in tied if self._counts(option, won, money)]
            if promised or self._prize_is_left(won):
                return count
            trial, left = list(won), money
            for option in count:
                amount = self.amounts[option["id"]]
                if amount > left or self.forbidden(option, trial) is not None:
                    return count
                trial.append(Won(option, amount, self.number))
                left -= amount
            return ()

        return self.ties.first(level, self.votes, self.supporters, matter)

    def at_least(self, amount: int, left: int) -> bool:
        """Whether so much is left of what an option costs that the step ends with it."""
        misfit = self.each["misfit"]
        if misfit["policy"] not in ("fund-next", "part-fund"):
            return False
        return left > 0 and left >= Fraction(misfit["at_least"]) * amount

    def stops(self) -> bool:
        """Whether a step stops where an option is next for which too little is left."""
        misfit = self.each["misfit"]
        ends = misfit["policy"] in ("fund-next", "part-fund")
        return bool((misfit["otherwise"] if ends else misfit["policy"]) == "stop")

    def _counts(self, option: Data, won: Sequence[Won], left: int) -> bool:
        amount = self.amounts[option["id"]]
        if self.forbidden(option, won) is not None:
            return False
        return amount <= left or self.at_least(amount, left) or self.stops()

    def _prize_is_left(self, won: Sequence[Won]) -> bool:
        """Whether the place among winners can be worth a prize, to each its own."""
        prizes = self.rule.get("prizes")
        if prizes is None or prizes["equal_ranks"] != "order":
            return False
        return any(prize["place"] > len(won) for prize in prizes["prizes"])

    def lost_to(self, look: Look, winner: Data) -> None:
        """Say that an option was level with a winner, and by which criterion it came after."""
        criterion = self.ties.criterion(winner, look.option, self.votes, self.supporters)
        look.code = "lost_tie"
        look.facts |= {"to": winner["id"], "criterion": criterion}

    def _adopted(self, option: Data) -> Why | None:
        """That enough members were there; and a committee's decision: its quorum, its majority."""
        if not self.quorum:
            return "no_quorum", {}
        if self.form["type"] != "decision":
            return None
        said = self.tally.said[option["id"]]
        yes, no, abstained = said[YES], said[NO], said[ABSTAIN]
        may_vote = self.form["members"] - said[RECUSED]
        if yes + no + abstained < Fraction(self.form["quorum"]) * may_vote:
            return "no_quorum", {}
        base = yes + no + (abstained if self.form["abstentions"] == "counted" else 0)
        return None if yes > Fraction(self.form["majority"]) * base else ("rejected", {})

    def _ranked(self, option: Data) -> Why | None:
        by_jury = self.each["order"]["type"] == "jury-rank"
        return ("not_ranked", {}) if by_jury and option.get("jury_rank") is None else None

    def _supported(self, option: Data) -> Why | None:
        if self.each["below_threshold"] == "taken":
            return None
        votes = self.votes[option["id"]]
        if votes <= 0 and self.each["order"]["type"] != "jury-rank":
            return "no_votes", {}
        for place, threshold in enumerate(self.rule["thresholds"]):
            reached = votes if threshold["of"] == "votes" else self.supporters[option["id"]]
            if threshold.get("votes") is not None:
                needed = Fraction(threshold["votes"])
            elif threshold.get("share") is not None:
                needed = Fraction(threshold["share"]) * self.tally.counted
            else:
                needed = Fraction(threshold["per_euro"]) * option["cost"] / 100
            if reached < needed:
                return "below_threshold", {"threshold": place}
        at_least = self.each["order"].get("at_least")
        if at_least is not None:
            median, *_ = *medians(self.grades(option)), -1
            if median < self.form["grades"].index(at_least):
                return "below_threshold", {"threshold": -1}
        return None

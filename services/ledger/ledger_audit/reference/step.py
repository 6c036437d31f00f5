"""One step: the ballots and options that an envelope and a pass admit, and what the first say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from ledger_audit.reference.formats import ABSTAIN, NO, RECUSED, YES, given
from ledger_audit.reference.grades import medians
from ledger_audit.reference.groups import Won, forbidden
from ledger_audit.reference.ties import Ties

type Data = Mapping[str, Any]


@dataclass
class Step:
    """What a step decides on; `amounts` and `reasons` by the option's id.

    `ballots` are those that count here: valid, admitted by the envelope, blank ones only where the
    rule counts them. `options` shrink to those that are not refused; `admitted` stay all.
    """

    number: int
    rule: Data
    each: Data
    envelope: Data
    form: Data
    options: list[Data]
    amounts: Mapping[str, int]
    ballots: Sequence[Data]
    ties: Ties
    reasons: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.admitted = tuple(self.options)

    @cached_property
    def support(self) -> list[dict[str, int]]:
        """What each ballot gives to each option of the step, by id."""
        ids = {option["number"]: option["id"] for option in self.admitted}
        return [
            {ids[n]: v for n, v in given(self.form, ballot["choices"]).items() if n in ids}
            for ballot in self.ballots
        ]

    @cached_property
    def votes(self) -> dict[str, int]:
        """The sum of what ballots give, by id."""
        return {o["id"]: sum(b.get(o["id"], 0) for b in self.support) for o in self.admitted}

    @cached_property
    def supporters(self) -> dict[str, int]:
        """How many ballots give more than nothing, by id."""
        return {o["id"]: sum(b.get(o["id"], 0) > 0 for b in self.support) for o in self.admitted}

    def values(self, option: Data) -> list[int]:
        """What ballots say of an option, where they say something: grades or answers."""
        said = (dict(ballot["choices"]) for ballot in self.ballots)
        return [values[option["number"]] for values in said if option["number"] in values]

    def grades(self, option: Data) -> list[int]:
        """The grades of an option; a ballot without one gives the worst."""
        graded = self.values(option)
        return [*graded, *[0] * (len(self.ballots) - len(graded))]

    def refuse(self) -> None:
        """Take out of the step what is refused before any order, each with its reason."""
        for option in list(self.options):
            if code := self._adopted(option) or self._ranked(option) or self._supported(option):
                self.options.remove(option)
                self.reasons[option["id"]] = code

    def forbidden(self, option: Data, won: Sequence[Won]) -> str | None:
        """What keeps an option from winning next, other than money."""
        amount = self.amounts[option["id"]]
        return forbidden(option, amount, self.rule, self.each, won, self.number)

    def first(self, level: Iterable[Data]) -> Data:
        """The first of options that the order leaves level."""
        return self.ties.first(list(level), self.votes, self.supporters)

    def _adopted(self, option: Data) -> str | None:
        """A committee's decision: its quorum, then its majority."""
        if self.form["type"] != "decision":
            return None
        said = self.values(option)
        yes, no, abstained = said.count(YES), said.count(NO), said.count(ABSTAIN)
        may_vote = self.form["members"] - said.count(RECUSED)
        if yes + no + abstained < Fraction(self.form["quorum"]) * may_vote:
            return "no_quorum"
        base = yes + no + (abstained if self.form["abstentions"] == "counted" else 0)
        return None if yes > Fraction(self.form["majority"]) * base else "rejected"

    def _ranked(self, option: Data) -> str | None:
        by_jury = self.each["order"]["type"] == "jury-rank"
        return "not_ranked" if by_jury and option.get("jury_rank") is None else None

    def _supported(self, option: Data) -> str | None:
        if self.each["below_threshold"] == "taken":
            return None
        votes = self.votes[option["id"]]
        if votes <= 0 and self.each["order"]["type"] != "jury-rank":
            return "no_votes"
        for threshold in self.rule["thresholds"]:
            reached = votes if threshold["of"] == "votes" else self.supporters[option["id"]]
            if threshold.get("votes") is not None:
                needed = Fraction(threshold["votes"])
            elif threshold.get("share") is not None:
                needed = Fraction(threshold["share"]) * len(self.ballots)
            else:
                needed = Fraction(threshold["per_euro"]) * option["cost"] / 100
            if reached < needed:
                return "below_threshold"
        at_least = self.each["order"].get("at_least")
        if at_least is not None:
            median, *_ = *medians(self.grades(option)), -1
            if median < self.form["grades"].index(at_least):
                return "below_threshold"
        return None

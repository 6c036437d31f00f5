"""A round's outcome as it is shown: who was funded in what order, why others were not, how many
voted. Pure: rows and words in, what a page or a file says out."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from shared.decided import Setting, sentences
from shared.events.ballots import Grades
from shared.events.charter import CharterRules
from shared.events.scheme import Labelled
from shared.events.voting import AllocationPublished, PrizeWon
from shared.web.filters import label
from voting.count import rounds
from voting.count.allocation.median import median
from voting.count.results import reasons
from voting.count.results.steps import Money, money
from voting.count.tables import Option, Programme, Round

# Smaller tiers are shown together (voting-protocol.md §5).
FEWEST_APART = 30
# Where every loser has one of these, what was left in the end was too little for each.
UNFITTING = frozenset(("does_not_fit", "lost_tie"))

type Standing = Literal["undecided", "provisional", "validated", "annulled"]


@dataclass(frozen=True, slots=True)
class Line:
    """One project. Erased words are None; `spent` is all that was given up to and with it.

    `counts` is how often each grade or answer was given, `median` the median grade; `support` is
    its effective support in percent, where equal shares decide.
    """

    option: Option
    title: str | None
    territory: Labelled | None
    family: Labelled | None
    spent: int
    prizes: tuple[PrizeWon, ...]
    counts: tuple[int, ...] = ()
    median: str | None = None
    support: int | None = None


@dataclass(frozen=True, slots=True)
class Turnout:
    """Voters of some tiers, the right to vote as it was issued, and what these voters gave each
    option, by its number: None while that is not known."""

    tiers: tuple[str, ...]
    voters: int
    issued: int | None
    votes: Mapping[int, int] | None = None


@dataclass(frozen=True)
class Outcome:
    """A round and what came of it, in the order of the rule.

    `published` is the allocation as its event has it; None of rounds that were decided before
    rounds had steps.
    """

    row: Round
    title: str | None
    rules: CharterRules | None
    setting: Setting
    standing: Standing
    published: AllocationPublished | None
    winners: tuple[Line, ...]
    others: tuple[Line, ...]
    reserve: tuple[Line, ...]
    steps: tuple[Money, ...]
    turnout: tuple[Turnout, ...]

    @property
    def issued(self) -> int | None:
        """All rights to vote that the roll gave, as far as it said."""
        return None if self.row.rights is None else sum(self.row.rights.values())

    @property
    def twice(self) -> int:
        """How many voters at most are counted twice: those who were given a second code."""
        return sum((self.row.reissued or {}).values())

    @property
    def spent(self) -> int:
        """What the funded projects are paid together."""
        return self.row.spent or 0

    @property
    def apart(self) -> bool:
        """Whether votes are told by tier: no tier is that of few voters."""
        return len(self.turnout) > 1 and all(part.votes is not None for part in self.turnout)

    @property
    def together(self) -> bool:
        """Whether tiers are told together, since one of them is that of few voters."""
        return len(self.turnout) == 1 and len(self.turnout[0].tiers) > 1

    @property
    def beside(self) -> dict[str, Any] | None:
        """What stands beside the decision and is published (`voting.count.beside`); votes by tier
        are told with the turnout, as far as they hide people."""
        kept = self.row.beside
        return None if kept is None else {n: said for n, said in kept.items() if n != "tiers"}

    @property
    def comparison(self) -> dict[str, Any] | None:
        """Greedy and equal shares side by side, where both make sense (`voting.count.beside`)."""
        return (self.row.beside or {}).get("comparison")

    @property
    def changeable(self) -> Hashable:
        """All that can still change in the lists of a decided round."""
        lines = (*self.winners, *self.others)
        return (
            self.row.round_id,
            tuple((line.title, line.option.agreement_event) for line in lines),
            tuple(part.tiers for part in self.turnout),
        )

    @property
    def ended(self) -> Literal["all", "unfitting", "left"]:
        """How the money ended: every project with a vote is funded, or there was too little for
        each other one, or something else kept some of them out."""
        why = {line.option.reason for line in self.others} - {"no_votes"}
        return "all" if not why else "unfitting" if why <= UNFITTING else "left"

    def why(self, line: Line, language: str) -> tuple[str, ...]:
        """Why a project is funded or not, in sentences."""
        return sentences(reasons.verdict(line.option), self.setting, language)

    def called(self, name: str, language: str) -> str:
        """What a pass, an envelope or a group's value is called."""
        found = self.setting.labels.get(name)
        return name if found is None else label(found, language)


def outcome(
    row: Round,
    programme: Programme | None,
    rules: CharterRules | None,
    options: Sequence[Option],
    words: Mapping[str, str],
    voters: Mapping[str, int],
) -> Outcome:
    """What is shown of a round; nothing about single projects before it is decided."""
    decided = options if row.state == "decided" else ()
    rule, form = rounds.rule_of(row), rounds.format_of(row)
    # Of an annulled round, whatever was published of it is shown as little as what decided it.
    published = AllocationPublished.model_validate(row.outcome) if decided and row.outcome else None
    ordered = [*reasons.winners(decided), *reasons.others(decided, rule)]
    lines = _lines(row, published, ordered, words, rules)
    by_id = {line.option.option_id: line for line in lines}
    paid = {option.option_id: option.amount or 0 for option in decided}
    return Outcome(
        row=row,
        title=None if programme is None else words.get(programme.title or ""),
        rules=rules,
        setting=reasons.setting(form, rule, options, words, rules),
        standing=standing(row),
        published=published,
        winners=tuple(line for line in lines if line.option.funded),
        others=tuple(line for line in lines if not line.option.funded),
        reserve=tuple(by_id[option] for option in (published.reserve if published else ())),
        steps=tuple(money(rule, published.steps, paid) if published else ()),
        turnout=turnout(voters, row.rights, (row.beside or {}).get("tiers") if decided else None),
    )


def standing(row: Round) -> Standing:
    """Whether there is a result, and whether two officers validated it, or annulled the round."""
    if row.state == "annulled":
        return "annulled"
    if row.state != "decided":
        return "undecided"
    return "provisional" if row.validated_event is None else "validated"


def turnout(
    voters: Mapping[str, int],
    issued: Mapping[str, int] | None,
    votes: Mapping[str, Mapping[str, int]] | None = None,
) -> tuple[Turnout, ...]:
    """Voters by tier against what was issued, with their votes; where a tier has few, all together.
    One that nobody has a token of, such as the booth's where nobody came, hides nobody and is left
    out."""
    used = {tier for tier, tokens in (issued or {}).items() if tokens}
    tiers = sorted({*voters, *used}) or sorted(issued or {})
    few = len(tiers) > 1 and any(voters.get(tier, 0) < FEWEST_APART for tier in tiers)
    # Two small tiers alone would not do: who knows the sum knows what is left of it.
    parts = [tuple(tiers)] if few else [(tier,) for tier in tiers]
    return tuple(
        Turnout(
            part,
            sum(voters.get(tier, 0) for tier in part),
            None if issued is None else sum(issued.get(tier, 0) for tier in part),
            None if votes is None else _votes(part, votes),
        )
        for part in parts
    )


def _votes(tiers: Sequence[str], votes: Mapping[str, Mapping[str, int]]) -> dict[int, int]:
    """What the voters of these tiers gave together, by the option's number."""
    found = dict[int, int]()
    for tier in tiers:
        for number, given in votes.get(tier, {}).items():
            found[int(number)] = found.get(int(number), 0) + given
    return found


def _lines(
    row: Round,
    published: AllocationPublished | None,
    ordered: Sequence[Option],
    words: Mapping[str, str],
    rules: CharterRules | None,
) -> list[Line]:
    territories = {} if rules is None else {each.name: each for each in rules.territories}
    families = {} if rules is None else {each.name: each for each in rules.families}
    beside, form = row.beside or {}, rounds.format_of(row)
    counts = beside.get("grades") or beside.get("answers") or {}
    support, spent, found = beside.get("support", {}), 0, []
    for option in ordered:
        spent += option.amount or 0
        prizes = published.prizes if published else ()
        found.append(
            Line(
                option=option,
                title=words.get(option.title),
                territory=territories.get(option.territory or ""),
                family=families.get(option.family or ""),
                spent=spent,
                prizes=tuple(prize for prize in prizes if prize.option_id == option.option_id),
                counts=(each := tuple(counts.get(str(option.option_id), ()))),
                median=form.grades[median(each)] if isinstance(form, Grades) and each else None,
                support=support.get(str(option.option_id)),
            )
        )
    return found

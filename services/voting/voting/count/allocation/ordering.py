"""The order in which a step looks at options, and how it tells level ones apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from typing import Any

from shared.events.ballots import Grades
from shared.events.rules import Criterion, Option, Order, Ties
from voting.count.allocation import median
from voting.count.allocation.tally import Tally

type Met = tuple[frozenset[str], tuple[str, ...]]


@dataclass(frozen=True)
class Ordering:
    """`levels`: by option what the order itself compares; `ties`: what the criteria compare.

    `said`: by id the place that officers gave. `ids` come last, so that what is level where it does
    not matter is in some order all the same. `met` collects what only officers can tell apart: the
    options, and those that were taken first.
    """

    levels: list[Any]
    ties: list[tuple[Any, ...]]
    criteria: tuple[Criterion, ...]
    ids: list[str]
    said: Mapping[str, int]
    met: list[Met]

    def place(self, index: int) -> tuple[Any, ...]:
        """The smaller comes first."""
        return (*self.key(index), *self.last(index))

    def last(self, index: int) -> tuple[int, str]:
        """What comes after all criteria: what officers said, and the id."""
        id = self.ids[index]
        return self.said.get(id, len(self.said)), id

    @property
    def asks(self) -> bool:
        """Whether officers say the order of options with the same key."""
        return self.criteria[-1] == "ask"

    def meet(self, tied: Sequence[int], first: int = 1) -> None:
        """Keep a tie of options with the same key, the `first` of which are taken in this order."""
        if self.asks and len(tied) > 1:
            by_order = sorted(tied, key=self.last)[:first]
            self.met.append(
                (frozenset(self.ids[i] for i in tied), tuple(self.ids[i] for i in by_order))
            )

    def key(self, index: int) -> tuple[Any, tuple[Any, ...]]:
        """What order and criteria compare; equal: tied."""
        return self.levels[index], self.ties[index]

    def separates(self, winner: int, loser: int) -> Criterion:
        """The criterion by which one came before another that it was level with."""
        for criterion, one, other in zip(
            self.criteria, self.ties[winner], self.ties[loser], strict=False
        ):
            if one != other:
                return criterion
        return self.criteria[-1]  # to ask: any other last one tells all options apart


def ordering(
    order: Order,
    ties: Ties,
    options: Sequence[Option],
    amounts: Sequence[int],
    tally: Tally,
    said: Mapping[str, int],
    met: list[Met],
) -> Ordering:
    """The order of a step over all options."""
    return Ordering(
        _levels(order, options, amounts, tally),
        [_tie(ties, option, i, tally) for i, option in enumerate(options)],
        ties.criteria,
        [option.id for option in options],
        said,
        met,
    )


def _levels(
    order: Order, options: Sequence[Option], amounts: Sequence[int], tally: Tally
) -> list[Any]:
    match order.type:
        case "votes-per-cost":
            return [_density(v, a) for v, a in zip(tally.votes, amounts, strict=True)]
        case "jury-rank":
            return [option.jury_rank or 0 for option in options]
        case "median-grade":
            return list(median.best_first(tally.grades))
    return [-votes for votes in tally.votes]


def _density(votes: int, amount: int) -> tuple[int, Fraction]:
    return (1, -Fraction(votes, amount)) if amount else (0, -Fraction(votes))


def _tie(ties: Ties, option: Option, index: int, tally: Tally) -> tuple[Any, ...]:
    def said(criterion: Criterion) -> Any:
        match criterion:
            case "cost":
                return option.cost
            case "dearest":
                return -option.cost
            case "votes":
                return -tally.votes[index]
            case "supporters":
                return -tally.supporters[index]
            case "filed":
                return -1 if option.filed is None else option.filed
            case "option":
                return option.id
            case "lot":
                return sha256(bytes.fromhex(ties.seed or "") + option.id.encode()).digest()
            case "ask":
                raise RuntimeError("no criterion, but officers")

    return tuple(said(criterion) for criterion in ties.criteria if criterion != "ask")


def below(order: Order, tally: Tally, index: int) -> bool:
    """Whether an option's median grade is worse than the order asks for."""
    if order.type != "median-grade" or order.at_least is None:
        return False
    assert isinstance(tally.form, Grades)
    return median.median(tally.grades[index]) < tally.form.grades.index(order.at_least)

"""What a ballot says, in the few numbers that formats look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class Said(Protocol):
    """Of one ballot whole numbers; of many, arrays of them, one place each.

    `named`: its entries; `total`: the sum of their values; `highest` and `lowest` value; `plus`
    and `minus`: entries above and below zero; `cost`: cents of the options named. In contests,
    `own`: entries whose option has a territory; `first` and `last`: the smallest and largest
    number of a territory among them (equal where there is one, or none).
    """

    @property
    def named(self) -> Any: ...
    @property
    def total(self) -> Any: ...
    @property
    def highest(self) -> Any: ...
    @property
    def lowest(self) -> Any: ...
    @property
    def plus(self) -> Any: ...
    @property
    def minus(self) -> Any: ...
    @property
    def cost(self) -> Any: ...
    @property
    def own(self) -> Any: ...
    @property
    def first(self) -> Any: ...
    @property
    def last(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class OneBallot:
    """What one ballot says."""

    named: int
    total: int
    highest: int
    lowest: int
    plus: int
    minus: int
    cost: int
    own: int
    first: int
    last: int


def said(
    entries: Sequence[tuple[int, int]], costs: Sequence[int], territories: Sequence[int]
) -> OneBallot:
    """What one ballot says. An entry is an option's index and a value.

    `territories` numbers each option's territory from 0; -1 is none.
    """
    values = [value for _, value in entries]
    of = [territories[index] for index, _ in entries if territories[index] >= 0]
    return OneBallot(
        named=len(values),
        total=sum(values),
        highest=max(values, default=0),
        lowest=min(values, default=0),
        plus=sum(value > 0 for value in values),
        minus=sum(value < 0 for value in values),
        cost=sum(costs[index] for index, _ in entries),
        own=len(of),
        first=min(of, default=-1),
        last=max(of, default=-1),
    )

"""Greedy: the most voted options first, skipping what does not fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

type Reason = Literal["funded", "does_not_fit", "no_votes"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An option as the rule sees it; `cost` is in cents."""

    option: UUID
    cost: int
    votes: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rule says of one option: its place in the order, and what was left before it."""

    option: UUID
    rank: int
    funded: bool
    reason: Reason
    left: int


def allocate(
    candidates: Sequence[Candidate], budget: int, tie_order: Sequence[str]
) -> list[Decision]:
    """Fund the most voted options, skipping any that no longer fits; one decision each, in order.

    Equal votes are ordered by the declared criteria: `cost`, the cheaper first; `option`, the
    smaller id, compared as text. The id comes last in any case, so that the order is total and
    whoever repeats the count gets the same answer. An option without a vote is never funded.
    """
    left, decisions = budget, []
    for rank, candidate in enumerate(ordered(candidates, tie_order), start=1):
        reason: Reason
        if candidate.votes == 0:
            reason = "no_votes"
        elif candidate.cost > left:
            reason = "does_not_fit"
        else:
            reason = "funded"
        funded = reason == "funded"
        decisions.append(Decision(candidate.option, rank, funded, reason, left))
        left -= candidate.cost if funded else 0
    return decisions


def ordered(candidates: Sequence[Candidate], tie_order: Sequence[str]) -> list[Candidate]:
    """The order in which the rule looks at the options."""

    def place(candidate: Candidate) -> tuple[int | str, ...]:
        criteria: dict[str, int | str] = {
            "cost": candidate.cost,
            "option": str(candidate.option),
        }
        return (-candidate.votes, *(criteria[name] for name in tie_order), str(candidate.option))

    return sorted(candidates, key=place)

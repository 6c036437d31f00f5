"""Why a project is not funded: what the rule saw when it came to it, as data for two sentences.

Pure. The words are in the templates: what a citizen could object to is whether these facts are
those of the decision, and each of them stands in the ledger's entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from voting.count.tables import Option


@dataclass(frozen=True, slots=True)
class Reason:
    """The facts about one project that gets nothing; money in cents.

    `level_with` is the number of a funded project with as many votes that came before it, by the
    declared order of ties. `missing` is how much more would have had to be left. `then` is the
    number of the project that the money went to instead: the next that was funded.
    """

    kind: Literal["no_votes", "does_not_fit"]
    rank: int
    votes: int
    cost: int
    left: int
    missing: int
    level_with: int | None
    then: int | None


def ranked(options: Sequence[Option]) -> list[Option]:
    """The options of a decided round in the order of the rule."""
    return sorted(options, key=_place)


def _place(option: Option) -> tuple[bool, int, int]:
    """Those that nothing was looked at for come last."""
    return option.rank is None, option.rank or 0, option.number


def reasons(options: Sequence[Option]) -> dict[int, Reason]:
    """By number, why each option of a decided round that is not funded is not."""
    order = ranked(options)
    after = _funded_after(order)
    funded_with: dict[int, int] = {}
    found: dict[int, Reason] = {}
    for option in order:
        if option.funded:
            funded_with[option.votes] = option.number
        else:
            level_with = funded_with.get(option.votes)
            found[option.number] = _reason(option, level_with, after[option.number])
    return found


def _funded_after(order: Sequence[Option]) -> dict[int, int | None]:
    found: dict[int, int | None] = {}
    following: int | None = None
    for option in reversed(order):
        found[option.number] = following
        if option.funded:
            following = option.number
    return found


def _reason(option: Option, level_with: int | None, then: int | None) -> Reason:
    if option.funded is None:
        raise RuntimeError(f"option {option.number} of {option.round_id} is not decided")
    without_votes = option.reason == "no_votes"
    left = int((option.facts or {}).get("left", 0))
    return Reason(
        kind="no_votes" if without_votes else "does_not_fit",
        rank=option.rank or 0,
        votes=option.votes,
        cost=option.cost,
        left=left,
        missing=max(0, option.cost - left),
        level_with=None if without_votes else level_with,
        then=None if without_votes else then,
    )

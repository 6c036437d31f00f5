"""What a count says: winners, money, and one reason for every option."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

# Why an option is where it is. One code each; its numbers are in the decision.
Reason = Literal[
    "funded",
    "part_funded",  # got what was left: `amount` of `wanted`
    "does_not_fit",  # `needs`, `left`
    # Came after `to`, level with it, by `criterion`, and then did not fit (`needs`, `left`); under
    # equal shares: had its price, and then its supporters had less (`needs`, `have`).
    "lost_tie",
    "after_stop",  # the step had stopped, or its pass was full, before it was its turn
    "quota",  # the group `of`, `value` had `most`
    "cap",  # as a quota, over the whole count; `with`: the first who has it
    "exclusive",  # a cap of one: `with` has it
    "most_winners",
    "limit",  # the "most" envelope `envelope` had `left`, it needs `needs`
    "no_votes",
    "below_threshold",  # `threshold`: which of the rule's, from 0; a median grade: -1
    "unaffordable",  # its supporters have `have` of `needs`
    "outvoted",  # the other of two results was preferred
    "not_ranked",
    "not_admitted",  # no step was for it
    "withdrawn",
    "below_floor",
    "not_cofinanced",
    "no_quorum",
    "rejected",
]
# An option of these codes could still be funded, if a winner fell out.
RESERVE = frozenset(
    (
        "does_not_fit",
        "lost_tie",
        "after_stop",
        "quota",
        "exclusive",
        "most_winners",
        "limit",
        "cap",
        "unaffordable",
        "outvoted",
    )
)


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided about one option, in the last step that looked at it.

    `amount`: cents it is paid, 0 for a loser. `place`: its place among winners. `rank`: its place
    in the step's order. `facts`: the numbers of its reason; `cheaper_by` (cents) and `more_votes`,
    where they are there, would each have been enough to win, with all else as it was.
    """

    option: str
    funded: bool
    reason: Reason
    amount: int = 0
    votes: int = 0
    place: int | None = None
    step: tuple[str, str] | None = None  # pass and envelope
    rank: int | None = None
    facts: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """A pass over an envelope: who was funded in it, and every envelope's money after it."""

    name: tuple[str, str]
    funded: tuple[str, ...]
    left: Mapping[str, int]
    facts: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Won:
    """A prize that an option won."""

    option: str
    place: int
    sponsor: str
    amount: int


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that was decided.

    `winners`: in the order of winning. `reserve`: those that could still be funded, most votes
    first. `gone`: money that went to the next year or nowhere, by envelope. `void`: ballots by
    code. `counted`: ballots that count, blank ones included where the rule says so.
    """

    winners: tuple[str, ...]
    options: tuple[Decided, ...]
    steps: tuple[Step, ...]
    reserve: tuple[str, ...]
    gone: Mapping[str, int]
    prizes: tuple[Won, ...]
    ballots: int
    blank: int
    counted: int
    void: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Tied(Exception):
    """The count waits: officers must say the order of these options, in this step."""

    options: tuple[str, ...]
    step: tuple[str, str]

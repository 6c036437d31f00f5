"""What a count says: winners, money, and one reason for every option."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.events.reasons import Reason

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


@dataclass(eq=False)  # frozen, it could not take a traceback
class Tied(Exception):
    """The count waits: officers must say the order of these options, in this step."""

    options: tuple[str, ...]
    step: tuple[str, str]

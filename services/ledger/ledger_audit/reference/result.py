"""What a count says."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger_audit.reference.grants import Prize
from ledger_audit.reference.ties import Asked, Names

# Whoever lost for one of these could still be funded, if a winner fell out.
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


@dataclass(frozen=True)
class Decided:
    """What the last step that looked at an option says of it; without a step, it never came to one.

    `amount`: cents it is paid. `place`: among the winners. `rank`: in the order of the step, None
    where it was refused before. `facts`: the numbers of the reason. `votes`: of the step's ballots.
    """

    reason: str
    facts: Mapping[str, int | str] = field(default_factory=dict)
    amount: int = 0
    place: int | None = None
    rank: int | None = None
    step: Names | None = None
    votes: int = 0


@dataclass(frozen=True)
class StepDone:
    """A pass over an envelope: whom it funded, what each envelope had left, or still allowed."""

    names: Names
    funded: tuple[str, ...]
    left: Mapping[str, int]
    facts: Mapping[str, int | str]


@dataclass(frozen=True)
class Result:
    """Who won, in order, and why the others did not; money in cents, options by id.

    `out` is what left the count, by envelope; `reserve` who could still be funded, most votes
    first; `awards` are sponsors'. `void` has how many ballots are, by code; `votes` are those of
    all others; `asked` what only officers can tell apart, whether it matters or not.
    """

    winners: tuple[str, ...]
    decided: Mapping[str, Decided]
    steps: tuple[StepDone, ...]
    reserve: tuple[str, ...]
    out: Mapping[str, int]
    awards: tuple[Prize, ...]
    void: Mapping[str, int]
    blank: int
    counted: int
    votes: Mapping[str, int]
    asked: tuple[Asked, ...]

    @property
    def paid(self) -> dict[str, int]:
        """What each winner gets."""
        return {id: self.decided[id].amount for id in self.winners}

    @property
    def reasons(self) -> dict[str, str]:
        """The code of each option."""
        return {id: decided.reason for id, decided in self.decided.items()}

    @property
    def money(self) -> tuple[tuple[str, str, Mapping[str, int]], ...]:
        """What each envelope had left after each step."""
        return tuple((*step.names, step.left) for step in self.steps)

    @property
    def prizes(self) -> dict[str, int]:
        """What sponsors give to each winner, in all."""
        got = Counter[str]()
        for prize in self.awards:
            got[prize.option] += prize.amount
        return {option: cents for option, cents in got.items() if cents}

    @property
    def outcome(self) -> object:
        """Who gets what."""
        return self.paid, sorted((a.option, a.place, a.sponsor, a.amount) for a in self.awards)


def reserve(decided: Mapping[str, Decided]) -> tuple[str, ...]:
    """Who could still be funded, most votes first."""
    waiting = [id for id, each in decided.items() if each.reason in RESERVE]
    return tuple(sorted(waiting, key=lambda id: (-decided[id].votes, id)))

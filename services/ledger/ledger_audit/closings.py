"""Step 8: each closed box holds what its closing counts, and nothing is decided before that."""

from dataclasses import dataclass, field

from ledger_audit.bundles import Step
from ledger_audit.errors import Tampered

# Somebody who signs what they like could name a new round in every entry.
MOST_ROUNDS = 100_000


@dataclass
class _Round:
    """What one log says of one round's box, the first time that it says so."""

    ballots: int = 0
    closed_at: int | None = None
    counted: int = 0
    last_number: int = 0
    number: int = 0
    after_closing: int | None = None
    decided_at: int | None = None


@dataclass
class Closings:
    """The rounds of a log, as far as they go by now."""

    _rounds: dict[str, _Round] = field(default_factory=dict)

    def take(self, step: Step) -> None:
        """One more step. Raises `Tampered` where there are too many rounds to remember."""
        if step.round_id not in self._rounds and len(self._rounds) == MOST_ROUNDS:
            raise Tampered(8, f"more than {MOST_ROUNDS} rounds", step.at)
        found = self._rounds.setdefault(step.round_id, _Round())
        match step.kind:
            case "ballots":
                found.ballots += step.many
                if found.closed_at is not None and found.after_closing is None:
                    found.after_closing = step.at
            case "closed" if found.closed_at is None:
                found.closed_at, found.number = step.at, step.number
                found.counted, found.last_number = step.many, step.last_number
            case "decided" if found.decided_at is None:
                found.decided_at = step.at

    def check(self) -> None:
        """Raises `Tampered` where a box is not what its closing says."""
        for name, found in self._rounds.items():
            if found.decided_at is not None and (
                found.closed_at is None or found.closed_at > found.decided_at
            ):
                what = f"round {name} is decided, its box not closed by then"
                raise Tampered(8, what, found.decided_at)
            if found.after_closing is not None:
                raise Tampered(8, f"a ballot of {name} after its box closed", found.after_closing)
            if found.closed_at is None:
                continue
            if found.ballots != found.counted:
                what = f"the box of {name} closed with {found.counted} ballots"
                raise Tampered(8, f"{what}, {found.ballots} are here", found.closed_at)
            if not 0 <= found.last_number < found.number:
                what = f"the last number of the box is {found.last_number}"
                raise Tampered(8, f"{what}, its closing has {found.number}", found.closed_at)

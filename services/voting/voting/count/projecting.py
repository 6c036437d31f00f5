"""What a ballot is worth to the running tally. Pure: one ballot in, a row of the projection out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from shared.events.ballots import Approval, Format
from shared.events.rules import Option
from voting import formats
from voting.formats.choices import Choices, entries, flaw, one_ballot, territories

# Of a ballot that nobody has opened yet.
SEALED = "sealed"


class Cast(Protocol):
    """A ballot, of whichever way it came."""

    @property
    def key(self) -> str:
        """One voter's, whatever the revision."""

    @property
    def tier(self) -> str:
        """How she was known."""

    @property
    def revision(self) -> int:
        """The highest under a key counts."""

    @property
    def choices(self) -> Choices | None:
        """What it says; None while that is sealed."""

    @property
    def commitment(self) -> str | None:
        """What a sealed one shows of it."""

    @property
    def sealed(self) -> str | None:
        """What it says, as its commission alone can read it."""


@dataclass(frozen=True)
class Projection:
    """What ballots of a round are read by; costs and territories by an option's number less 1."""

    format: Format
    costs: Sequence[int]
    territories: Sequence[int]
    worth: Sequence[int] | None

    def row(self, ballot: Cast) -> dict[str, Any]:
        """A ballot as `project_ballots` takes it."""
        row = {"key": ballot.key, "tier": ballot.tier, "revision": ballot.revision}
        if ballot.choices is not None:
            return row | self.choices_row(ballot.choices)
        return row | {"choices": (), "void": SEALED, "commitment": ballot.commitment}

    def choices_row(self, choices: Choices) -> dict[str, Any]:
        """What choices are worth, also of a ballot that was sealed."""
        form = self.format
        # The plain ballot, of which there are most: nothing more is said by it.
        if isinstance(form, Approval) and self._plain(choices):
            return {"choices": choices}
        void = self._void(choices)
        if void == "malformed":
            return {"choices": (), "void": void}
        said = entries(form, choices)
        row: dict[str, Any] = {"choices": [number for number, _ in said], "void": void}
        if self.worth is not None and void is None:
            row["given"] = [self.worth[value] for _, value in said]
        if any(not isinstance(each, int) for each in choices):
            row["said"] = [value for _, value in said]
        return row

    def _plain(self, choices: Choices) -> bool:
        before = 0
        for number in choices:
            if not isinstance(number, int) or number <= before:
                return False
            before = number
        assert isinstance(self.format, Approval)
        few = self.format.min <= len(choices) <= self.format.max
        return before <= len(self.costs) and (few or not choices)

    def _void(self, choices: Choices) -> str | None:
        if flaw(self.format, choices, len(self.costs)) is not None:
            return "malformed"
        one = one_ballot(self.format, choices, self.costs, self.territories)
        return next((code for code, holds in formats.void(self.format, one) if holds), None)


def projection(form: Format, options: Sequence[Option]) -> Projection:
    """How the ballots of a round with these options are read; options by number."""
    costs = [option.cost for option in options]
    return Projection(form, costs, territories(form, options), formats.worth(form))

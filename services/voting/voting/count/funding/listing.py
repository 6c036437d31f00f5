"""The grants of an officer as a list: what is due first, and filters. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.events.charter import CharterRules
from shared.events.scheme import Funding
from voting.count.funding import asking
from voting.count.funding.lapsing import Deadline
from voting.count.funding.standing import Line

SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Looked:
    """What the list is looked through for; "" looks for anything."""

    state: str = ""
    due: str = ""

    @property
    def anything(self) -> bool:
        """Whether nothing particular is looked for."""
        return not (self.state or self.due)


@dataclass(frozen=True, slots=True)
class Listed:
    """A grant with the rules of its programme, and what it has to keep next."""

    line: Line
    rules: CharterRules | None
    deadline: Deadline | None

    @property
    def terms(self) -> Funding | None:
        """What the charter says of grants."""
        return asking.terms_of(self.rules)

    @property
    def place(self) -> tuple[bool, float, UUID, int]:
        """What is due first is first; what has no deadline comes last, vote by vote."""
        until = None if self.deadline is None else self.deadline.until
        return (
            until is None,
            0 if until is None else until.timestamp(),
            self.line.row.round_id,
            self.line.option.number,
        )


def read_looked(written: Mapping[str, str]) -> Looked:
    """What an address says."""
    return Looked(written.get("state", ""), written.get("due", ""))


def listed(
    lines: Iterable[tuple[Line, CharterRules | None]], looked: Looked, now: datetime
) -> list[Listed]:
    """The grants that are looked for, in order."""
    every = [
        Listed(line, rules, asking.deadline(line, asking.terms_of(rules))) for line, rules in lines
    ]
    return sorted((each for each in every if _wanted(each, looked, now)), key=lambda e: e.place)


def _wanted(each: Listed, looked: Looked, now: datetime) -> bool:
    until = None if each.deadline is None else each.deadline.until
    by = {"over": now, "soon": now + SOON}.get(looked.due)
    return looked.state in ("", each.line.state) and (
        by is None or (until is not None and until <= by)
    )

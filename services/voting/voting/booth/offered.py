"""What is put to the vote, as the booth shows it and reads what is said of it. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from shared.events.ballots import Contests, Format
from shared.events.rules import Option
from shared.promises import PUBLISHED_WITHIN
from voting.booth.trouble import Trouble, silent
from voting.formats.choices import Choices, flaw, one_ballot, territories
from voting.formats.inner import broken
from voting.formats.said import OneBallot

_FORMAT = TypeAdapter[Any](Format)


@dataclass(frozen=True)
class Shown:
    """An option with its words, where they are known. `cost` is in cents, `contest` the territory
    whose contest it belongs to."""

    number: int
    cost: int
    title: str | None
    summary: str | None
    place: str | None
    contest: str | None
    withdrawn: str | None


@dataclass(frozen=True)
class Offered:
    """A round's ballot. `places` are territories by name, in both languages; so many voters leave
    the box together at least as a `batch` says, which nobody knows before the round opens."""

    round_id: UUID
    title: str | None
    state: str
    opens_at: str | None
    closes_at: str | None
    rehearsal: bool
    secrecy: str | None
    assisted: bool
    batch: int | None
    form: Format | None
    options: Sequence[Shown]
    rated: Sequence[Option]
    places: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """From what the roll tells. Raises `Trouble` where that is no ballot."""
        try:
            form = None if told["format"] is None else _FORMAT.validate_python(told["format"])
            rated = [
                Option(
                    id=str(each["number"]),
                    number=each["number"],
                    cost=each["cost"],
                    groups={kind: tuple(values) for kind, values in each["groups"].items()},
                )
                for each in told["options"]
            ]
            options = [
                Shown(
                    number=each["number"],
                    cost=each["cost"],
                    title=each["title"],
                    summary=each["summary"],
                    place=each["territory"],
                    contest=_contest(form, option),
                    withdrawn=each["withdrawn"],
                )
                for each, option in zip(told["options"], rated, strict=True)
            ]
            return cls(
                round_id=UUID(told["round_id"]),
                title=told["title"],
                state=told["state"],
                opens_at=told["opens_at"],
                closes_at=told["closes_at"],
                rehearsal=told["rehearsal"],
                secrecy=told["secrecy"],
                assisted=told["assisted"],
                batch=told["batch"],
                form=form,
                options=options,
                rated=rated,
                places={each["name"]: each for each in told["territories"]},
            )
        except (KeyError, TypeError, ValidationError):
            raise silent("voting.roll") from None

    @property
    def published_by(self) -> datetime:
        """When the box has to have published a ballot, as the round stands: an open one."""
        assert self.closes_at is not None
        return datetime.fromisoformat(self.closes_at) + PUBLISHED_WITHIN

    def said(self, choices: Choices) -> OneBallot:
        """What choices say, in numbers. They are of the format's shape."""
        assert self.form is not None
        costs = [option.cost for option in self.rated]
        return one_ballot(self.form, choices, costs, territories(self.form, self.rated))

    def check(self, choices: Choices) -> None:
        """Raise `Trouble` where a ballot would be refused or void: who is here can mend it. A blank
        one is neither."""
        assert self.form is not None
        if (found := flaw(self.form, choices, len(self.options))) is not None:
            raise Trouble(found[0])
        if choices and (found := broken(self.form, self.said(choices))) is not None:
            raise Trouble(found[0])

    def shuffled(self, order: str) -> list[Shown]:
        """The options in an order that `order` draws, so that no project is first for everybody."""
        return sorted(self.options, key=lambda option: _drawn(order, option.number))


def _contest(form: Format | None, option: Option) -> str | None:
    if not isinstance(form, Contests):
        return None
    return next(iter(option.groups.get(form.group, ())), None)


def _drawn(order: str, number: int) -> bytes:
    return hashlib.sha256(f"{order}/{number}".encode()).digest()

"""When a registration is held for two officers. Pure: counts in, grounds out.

The rules are blind to content: no name, birthplace or territory is looked at, and of an age only
whether it is the one before. Nothing is dropped here; a person loses time at most.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from shared.events.roll import Ground
from shared.events.screening import Screening

NIGHT = range(1, 5)
PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Seen:
    """What came before a registration, itself included: from its address within the charter's
    minutes, with its telephone, of its age in a row, at night and in all.

    `at_night` is None by day.
    """

    from_address: int
    with_telephone: int
    age_run: int
    at_night: int | None
    registrations: int

    @classmethod
    def in_lesson(cls, with_telephone: int) -> Self:
        """In a class that an officer declared before: it comes from one address, and is of one
        age. What it does is no part of what is held against others."""
        return cls(0, with_telephone, 0, None, 0)


def is_night(now: datetime) -> bool:
    """From one to five o'clock in Paris."""
    return now.astimezone(PARIS).hour in NIGHT


def grounds(seen: Seen, figures: Screening, *, known: bool) -> Iterator[Ground]:
    """Why two officers look at a registration; nothing, where it is as most are.

    `known` says that somebody with this identity is on the roll already.
    """
    if known:
        yield "identity"
    if seen.with_telephone > figures.voters_a_phone:
        yield "telephone"
    if seen.from_address > figures.burst:
        yield "burst"
    if seen.age_run > figures.age_run:
        yield "age-run"
    if (
        seen.at_night is not None
        and seen.registrations >= figures.night_least
        and seen.at_night * 100 > figures.night_percent * seen.registrations
    ):
        yield "night"

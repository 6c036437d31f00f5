"""A class with its teacher, as an officer declares it. Pure."""

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shared.refusal import Refusal

PARIS = ZoneInfo("Europe/Paris")
MOST_PEOPLE, MOST_HOURS = 500, 12


class Lesson(NamedTuple):
    """A class with its teacher: when it registers, and how many may, and have."""

    label: str
    opens_at: datetime
    closes_at: datetime
    people: int
    registered: int


class LessonMalformed(Refusal):
    """A part of a declared class, by the name of its field, is missing or out of bounds."""

    code = "lesson_malformed"

    def __init__(self, part: str, message: str) -> None:
        super().__init__(message)
        self.part = part


def read_lesson(data: dict[str, str], now: datetime) -> Lesson:
    """A class; without a beginning it begins now. Times are those of Paris.

    Raises `LessonMalformed`.
    """
    label = " ".join(data.get("label", "").split())
    if not 3 <= len(label) <= 200:
        raise LessonMalformed("label", "a name has between 3 and 200 characters")
    people = _number("people", data, MOST_PEOPLE)
    hours = _number("hours", data, MOST_HOURS)
    opens_at = now
    if begins := data.get("begins", "").strip():
        try:
            opens_at = datetime.fromisoformat(begins).replace(tzinfo=PARIS)
        except ValueError:
            raise LessonMalformed("begins", "that is no moment, such as 2027-09-01T09:00") from None
    return Lesson(label, opens_at, opens_at + timedelta(hours=hours), people, 0)


def _number(part: str, data: dict[str, str], most: int) -> int:
    written = data.get(part, "").strip()
    if not (written.isascii() and written.isdigit()) or not 1 <= int(written) <= most:
        raise LessonMalformed(part, f"a number from 1 to {most}")
    return int(written)

"""What stands in a cell: amounts in cents, numbers, lists; or a refusal that shows it."""

import re
from collections.abc import Mapping
from decimal import Decimal

from shared.pabulib.document import Cell, NotPabulib

MOST_CENTS = 10**15  # what a sum of money is at most, on every topic
AMOUNT = re.compile(r"\d{1,16}(\.\d{0,10})?([eE]\+?\d{1,2})?")
NUMBER = re.compile(r"\d{1,15}")
POINTS = re.compile(r"([+-]?\d{1,9})(?:\.0+)?")


class Values:
    """Reads the cells of one file; every refusal names it and the line."""

    def __init__(self, file: str, settings: Mapping[str, Cell]) -> None:
        self._file, self._settings = file, settings

    def error(self, line: int, what: str) -> NotPabulib:
        """A refusal, to be raised."""
        return NotPabulib(self._file, line, what)

    def required(self, key: str) -> Cell:
        """A setting that META must have."""
        if key not in self._settings:
            raise self.error(1, f"META has no {key}")
        return self._settings[key]

    def line(self, *keys: str) -> int:
        """The line of the first of these settings that META has."""
        return next((self._settings[key].line for key in keys if key in self._settings), 1)

    def text(self, key: str) -> str:
        """A setting as it stands, or nothing."""
        return self._settings[key].text if key in self._settings else ""

    def number(self, key: str) -> int | None:
        """A setting that is a whole number, not below zero."""
        if key not in self._settings:
            return None
        line, text = self._settings[key]
        if not (text.isascii() and NUMBER.fullmatch(text)):
            raise self.error(line, f"{key} is {text[:40]!r}, not a number")
        return int(text)

    def signed(self, key: str) -> int | None:
        """A setting in points, which may be below zero."""
        if key not in self._settings:
            return None
        line, text = self._settings[key]
        return self.points(line, key, text)

    def amount(self, key: str) -> int | None:
        """A setting that is an amount, in cents."""
        if key not in self._settings:
            return None
        line, text = self._settings[key]
        return self.cents(line, key, text)

    def listed(self, key: str) -> list[str]:
        """A setting that is a list with commas."""
        return split(self.text(key))

    def cents(self, line: int, what: str, text: str) -> int:
        """An amount in cents; there is none that is nothing."""
        if not (text.isascii() and AMOUNT.fullmatch(text)):
            raise self.error(line, f"{what} {text[:40]!r} is not an amount in whole cents")
        amount = Decimal(text) * 100
        if amount != amount.to_integral_value():
            raise self.error(line, f"{what} {text[:40]!r} is not an amount in whole cents")
        if not 0 < amount <= MOST_CENTS:
            most = MOST_CENTS // 100
            raise self.error(line, f"{what} {text[:40]!r} is not between 0.01 and {most}")
        return int(amount)

    def points(self, line: int, what: str, text: str) -> int:
        """Whole points: halves are not a format that anybody votes in."""
        found = POINTS.fullmatch(text) if text.isascii() else None
        if found is None:
            raise self.error(line, f"{what}: {text[:40]!r} are no whole points")
        return int(found[1])


def split(text: str) -> list[str]:
    """The items of a list with commas, without empty ones."""
    return [item for part in text.split(",") if (item := part.strip())]

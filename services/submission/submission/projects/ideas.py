"""An idea: what it has to say, and where it may belong."""

from dataclasses import dataclass

from shared.events.charter import CharterRules
from shared.refusal import Refusal
from submission.texts import read_line, read_lines

LONGEST_SUMMARY = 4_000
LONGEST_NAME = 120


class TerritoryUnknown(Refusal):
    """The charter has no territory of this name."""

    code = "territory_unknown"


class NoRules(Refusal):
    """A programme that was imported from a published election takes no ideas."""

    code = "no_rules"


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody says about an idea; each is checked by the time this exists."""

    title: str
    summary: str
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where an idea belongs: in a territory, and perhaps to a theme and a category."""

    territory: str
    theme: str | None = None
    category: str | None = None


def read_summary(written: str) -> str:
    """What an idea is about, in at most 4,000 characters. Raises `WordsRefused`."""
    return read_lines(written, "a summary", LONGEST_SUMMARY)


def read_name(written: str) -> str:
    """The name that an idea or a dossier is carried under. Raises `WordsRefused`."""
    return read_line(written, "a name", LONGEST_NAME)


def read_territory(rules: CharterRules, written: str) -> str:
    """A territory of the charter. Raises `TerritoryUnknown`."""
    known = [each.name for each in rules.territories]
    if written not in known:
        raise TerritoryUnknown(f"{written[:60]!r} is none of {', '.join(known)}")
    return written

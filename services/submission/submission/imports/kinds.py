"""The kinds of imports: which columns each has, and what a row of it means."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final

from shared.events.charter import CharterRules
from shared.events.event import Cents
from shared.refusal import Refusal
from shared.web.messages import mark
from submission.amounts import check_cost
from submission.imports import ideas, organisations
from submission.imports.reading import Column
from submission.projects.ideas import TerritoryUnknown, read_name
from submission.reading import FormRefused, Reader
from submission.texts import read_title


class ImportUnknown(Refusal):
    """There is no such import, or no kind of imports of this name."""

    code = "import_unknown"


class ImportNotHere(Refusal):
    """A programme takes no import of this kind: residents' options there have labels."""

    code = "import_not_here"


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project of a published election: an option of the vote without a label."""

    title: str
    territory: str
    cost: Cents
    name: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of imports; `read` makes a row of its fields, or raises `FormRefused`."""

    name: str
    label: str
    columns: Sequence[Column]
    read: Callable[[CharterRules, Mapping[str, str], date], Any]
    phase: str | None = None


def read_project(rules: CharterRules, fields: Mapping[str, str], _: date) -> ProjectRow:
    """A project as a row says it; `cost` in cents. Raises `FormRefused`."""
    reader = Reader(fields)
    found = ProjectRow(
        title=reader.read("title", read_title, ""),
        territory=reader.read("territory", partial(_read_territory, rules), ""),
        cost=reader.read("cost", _read_cents, 0),
        name=reader.read("name", read_name, ""),
    )
    reader.done()
    return found


def _read_cents(written: str) -> Cents:
    cost = int(written) if written.isascii() and written.isdigit() else 0
    check_cost(cost)
    return cost


def _read_territory(rules: CharterRules, written: str) -> str:
    if written not in {each.name for each in rules.territories}:
        raise TerritoryUnknown(f"{written[:60]!r} is none of the territories")
    return written


def _read_idea(rules: CharterRules, fields: Mapping[str, str], _: date) -> ideas.IdeaRow:
    return ideas.read_idea(rules, fields)


IDEAS: Final = Kind("ideas", mark("Ideas (CSV)"), ideas.COLUMNS, _read_idea, "ideas")
ORGANISATIONS: Final = Kind(
    "organisations",
    mark("Organisations (CSV)"),
    organisations.COLUMNS,
    organisations.read_organisation,
)
PROJECTS: Final = Kind("projects", mark("Projects of a published election (.pb)"), (), read_project)
KINDS: Final[Mapping[str, Kind]] = {each.name: each for each in (IDEAS, ORGANISATIONS, PROJECTS)}


def known_kind(name: str) -> Kind:
    """A kind of imports. Raises `ImportUnknown`."""
    if name not in KINDS:
        raise ImportUnknown(f"there is no import of {name[:40]!r}")
    return KINDS[name]


def check_here(kind: Kind, rules: CharterRules) -> None:
    """Raises `ImportNotHere`."""
    if kind is PROJECTS and rules.families:
        raise ImportNotHere(
            "the charter has families of labels: a project without one is no option"
        )


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a row is not taken: the first thing that is wrong, and in which column."""

    field: str
    code: str
    detail: str

    @classmethod
    def of(cls, error: Refusal | FormRefused) -> "Refused":
        """As it is kept in the report."""
        if isinstance(error, FormRefused):
            field, first = next(iter(error.errors.items()))
            return cls(field, first.code, str(first)[:300])
        return cls("", error.code, str(error)[:300])

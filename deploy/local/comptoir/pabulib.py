"""Reading elections in Pabulib's `.pb` format (Faliszewski et al., IJCAI 2023).

A file is read whole and checked before anything is made of it; what is wrong is said with its line.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

from comptoir.errors import LauncherError
from shared.events.submission import MOST_OPTIONS

SECTIONS = ("META", "PROJECTS", "VOTES")
MOST_CENTS = 10**15  # what a sum of money is at most, on every topic
MOST_FIELD = 10_000_000  # a vote in a large election; csv stops at 128 KiB by itself


class NotAnElection(LauncherError):
    """A file is not an election that can be replayed; the message begins with file and line."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project of the file. `cost` in cents; `selected` is the file's verdict, if any."""

    id: str
    cost: int
    name: str
    selected: bool | None


@dataclass(frozen=True)
class Election:
    """An approval election; each vote names projects by id. `least` and `most` bound a ballot."""

    file: str
    title: str
    budget: int
    least: int
    most: int
    projects: tuple[Project, ...]
    votes: tuple[tuple[str, ...], ...]

    @property
    def selected(self) -> list[str] | None:
        """The ids that the file calls selected, or None where it does not say."""
        if any(project.selected is None for project in self.projects):
            return None
        return [project.id for project in self.projects if project.selected]


@dataclass
class _Section:
    """A section's rows, each with its line, the column names first."""

    line: int
    columns: list[str] = field(default_factory=list)
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)


def read_election(path: Path) -> Election:
    """Read a file. Raises `NotAnElection`: truncated, a wrong count, a duplicated voter or project,
    an unknown project, a number that is none, or a kind of vote that is not replayed yet."""
    reader = _Reader(path)
    sections = reader.sections()
    meta = {row["key"]: (line, row["value"]) for line, row in sections["META"].rows}
    kind_line, kind = reader.required(meta, "vote_type")
    if kind not in ("approval", "choose-1"):
        raise reader.error(kind_line, f"votes of type {kind!r} cannot be replayed yet")
    projects = reader.projects(sections["PROJECTS"])
    votes = reader.votes(sections["VOTES"], {project.id for project in projects})
    reader.check_count(meta, "num_projects", len(projects), sections["PROJECTS"])
    reader.check_count(meta, "num_votes", len(votes), sections["VOTES"])
    single = kind == "choose-1"
    least = reader.number(meta, "min_length", 1 if single else 0)
    most = reader.number(meta, "max_length", 1 if single else len(projects))
    if not most > 0 or least > min(most, len(projects)):
        line = meta.get("max_length", meta.get("min_length", (1, "")))[0]
        raise reader.error(line, f"a ballot of {least} to {most} of {len(projects)} projects")
    budget_line, budget = reader.required(meta, "budget")
    return Election(
        file=path.name,
        title="".join(c for c in meta.get("description", (0, ""))[1] if c.isprintable())
        or path.stem,
        budget=reader.cents(budget_line, "budget", budget),
        least=least,
        most=min(most, len(projects)),
        projects=projects,
        votes=votes,
    )


class _Reader:
    """The checks on one file; every error names it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def error(self, line: int, what: str) -> NotAnElection:
        return NotAnElection(f"{self._path}:{line}: {what}")

    def sections(self) -> dict[str, _Section]:
        """The three sections. The line of a row is the one it ends on."""
        sections: dict[str, _Section] = {}
        current: _Section | None = None
        last = 0
        for line, cells in self._rows():
            last = line
            name = cells[0].strip()
            if len(cells) == 1 and name in SECTIONS:
                if name in sections:
                    raise self.error(line, f"a second section {name}")
                current = sections[name] = _Section(line)
            elif current is None:
                raise self.error(line, f"{name[:40]!r} stands before any section")
            elif not current.columns:
                current.columns = [cell.strip() for cell in cells]
            else:
                current.rows.append((line, self._row(line, current.columns, cells)))
        for name in SECTIONS:
            if name not in sections:
                raise self.error(last, f"the file ends without a section {name}")
            if not sections[name].columns:
                raise self.error(last, f"the section {name} has no column names")
        return sections

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        csv.field_size_limit(MOST_FIELD)
        try:
            with self._path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.reader(file, delimiter=";", strict=True)
                try:
                    for cells in reader:
                        if any(cell.strip() for cell in cells):
                            yield reader.line_num, cells
                except csv.Error as error:
                    raise self.error(reader.line_num, str(error)) from None
        except UnicodeDecodeError as error:
            raise self.error(1, f"not UTF-8: {error.reason} at byte {error.start}") from None
        except OSError as error:
            raise NotAnElection(f"{self._path}: {error.strerror}") from None

    def _row(self, line: int, columns: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
        """A row by column. More cells than columns cannot be told apart from a broken quote."""
        if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            raise self.error(line, f"{len(cells)} cells for {len(columns)} columns")
        filled = [*cells, *[""] * (len(columns) - len(cells))]
        return {name: cell.strip() for name, cell in zip(columns, filled, strict=False)}

    def required(self, meta: dict[str, tuple[int, str]], key: str) -> tuple[int, str]:
        if key not in meta or not meta[key][1]:
            raise self.error(1, f"META has no {key}")
        return meta[key]

    def number(self, meta: dict[str, tuple[int, str]], key: str, default: int) -> int:
        line, text = meta.get(key, (0, str(default)))
        if not text.isdecimal():
            raise self.error(line, f"{key} is {text!r}, not a number")
        return int(text)

    def check_count(
        self, meta: dict[str, tuple[int, str]], key: str, found: int, section: _Section
    ) -> None:
        line, text = self.required(meta, key)
        if not text.isdecimal():
            raise self.error(line, f"{key} is {text!r}, not a number")
        if int(text) != found:
            end = section.rows[-1][0] if section.rows else section.line
            raise self.error(end, f"{key} is {text} (line {line}), but {found} rows follow")

    def cents(self, line: int, what: str, text: str) -> int:
        try:
            amount = Decimal(text) * 100
        except InvalidOperation:
            raise self.error(line, f"{what} {text!r} is not an amount") from None
        if not amount.is_finite() or amount != amount.to_integral_value() or amount < 0:
            raise self.error(line, f"{what} {text!r} is not an amount in whole cents")
        if not 0 < amount <= MOST_CENTS:
            raise self.error(line, f"{what} {text!r} is not between 0.01 and {MOST_CENTS // 100}")
        return int(amount)

    def projects(self, section: _Section) -> tuple[Project, ...]:
        projects: dict[str, Project] = {}
        for line, row in section.rows:
            id = row.get("project_id", "")
            if not id:
                raise self.error(line, "a project without project_id")
            if id in projects:
                raise self.error(line, f"project {id} a second time")
            cost = self.cents(line, f"project {id}: cost", row.get("cost", ""))
            verdict = row.get("selected", "")
            selected = verdict == "1" if verdict else None
            name = "".join(c for c in row.get("name", "") if c.isprintable()).strip()
            projects[id] = Project(id, cost, name or id, selected)
        if len(projects) > MOST_OPTIONS:
            raise self.error(section.rows[MOST_OPTIONS][0], f"more than {MOST_OPTIONS} projects")
        return tuple(projects.values())

    def votes(self, section: _Section, known: set[str]) -> tuple[tuple[str, ...], ...]:
        first_seen: dict[str, int] = {}
        votes = []
        for line, row in section.rows:
            voter = row.get("voter_id", "")
            if not voter:
                raise self.error(line, "a vote without voter_id")
            if (earlier := first_seen.setdefault(voter, line)) != line:
                raise self.error(line, f"voter {voter} voted on line {earlier} already")
            choices = [choice.strip() for choice in row.get("vote", "").split(",")]
            named = tuple(choice for choice in choices if choice)
            for choice in named:
                if choice not in known:
                    raise self.error(line, f"voter {voter} chose project {choice}, which is none")
            if len(set(named)) != len(named):
                raise self.error(line, f"voter {voter} named a project twice")
            votes.append(named)
        return tuple(votes)

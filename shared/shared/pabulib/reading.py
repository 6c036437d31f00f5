"""From a document to an election: the checks that the format asks for, each with its line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.pabulib.bounds import (
    check_parts,
    check_points,
    check_project,
    check_terms,
    check_vote,
)
from shared.pabulib.document import Cell, Document, NotPabulib, Table
from shared.pabulib.election import POINTED, VOTE_TYPES, Election, Limits, Project, Terms, VoteType
from shared.pabulib.parsing import parse
from shared.pabulib.values import Values, split

# Older files name these for the area that the votes were about.
MOST_LENGTH = ("max_length", "max_length_unit", "max_length_district")
LEAST_LENGTH = ("min_length", "min_length_unit", "min_length_district")
MOST_PROJECTS = 100_000


def read(path: Path) -> Election:
    """Read a file. Raises `NotPabulib`: truncated, a wrong count, a duplicated voter or project,
    an unknown project, a number that is none, points that do not go with the votes."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NotPabulib(str(path), 0, error.strerror or "cannot be read") from None
    return read_bytes(data, str(path))


def read_bytes(data: bytes, file: str) -> Election:
    """Read a file's content; `file` is what a refusal calls it. Raises `NotPabulib`."""
    return understood(parse(data, file))


def understood(document: Document) -> Election:
    """The election that a document declares. Raises `NotPabulib`."""
    programme = Programme.of(document)
    votes, points = _votes(document, programme)
    programme.check_count("num_votes", len(votes), document.votes)
    return Election(document.file, programme.terms, programme.projects, votes, points)


@dataclass(frozen=True)
class Programme:
    """Everything but the votes, understood and checked."""

    terms: Terms
    projects: tuple[Project, ...]
    values: Values

    @classmethod
    def of(cls, document: Document) -> "Programme":
        """What META and PROJECTS say. Raises `NotPabulib`."""
        settings = document.settings()
        values = Values(document.file, settings)
        projects = _projects(document.projects, values)
        programme = cls(_terms(values, settings, Path(document.file).stem), projects, values)
        programme.check_count("num_projects", len(projects), document.projects)
        programme.check_lengths()
        check_terms(values, programme.terms)
        return programme

    def check_count(self, key: str, found: int, section: Table) -> None:
        """That META counts what follows."""
        end = section.rows[-1].line if section.rows else section.line
        self.check_found(key, found, end)

    def check_found(self, key: str, found: int, end: int) -> None:
        """That META counts what was found up to the line `end`."""
        line, _ = self.values.required(key)
        declared = self.values.number(key)
        if declared != found:
            what = f"{key} is {declared} (line {line}), but {found} rows follow"
            raise self.values.error(end, what)

    def check_lengths(self) -> None:
        """That a ballot is possible at all."""
        limits, projects = self.terms.limits, len(self.projects)
        most = projects if limits.most is None else limits.most
        if not most > 0 or limits.least > min(most, projects):
            line = self.values.line(*MOST_LENGTH, *LEAST_LENGTH)
            what = f"a ballot of {limits.least} to {most} of {projects} projects"
            raise self.values.error(line, what)


def _terms(values: Values, settings: Mapping[str, Cell], stem: str) -> Terms:
    kind = _vote_type(values)
    single = kind == "choose-1"
    least, most = _first(values, LEAST_LENGTH), _first(values, MOST_LENGTH)
    if single and (least not in (None, 0, 1) or most not in (None, 1)):
        line = values.line(*MOST_LENGTH, *LEAST_LENGTH)
        raise values.error(line, f"a choose-1 ballot of {least} to {most} projects")
    line, budget = values.required("budget")
    return Terms(
        title=printable(values.text("description")) or stem,
        vote_type=kind,
        budget=values.cents(line, "budget", budget),
        rule=values.text("rule"),
        unit=values.text("unit"),
        limits=Limits(
            least=1 if single and least is None else least or 0,
            most=1 if single else most,
            least_points=values.signed("min_points"),
            most_points=values.signed("max_points"),
            least_sum_points=values.signed("min_sum_points"),
            most_sum_points=values.signed("max_sum_points"),
            least_sum_cost=values.amount("min_sum_cost"),
            most_sum_cost=values.amount("max_sum_cost"),
            least_per_category=values.number("min_length_per_category"),
            most_per_category=values.number("max_length_per_category"),
        ),
        threshold=values.number("min_project_score_threshold"),
        default_score=values.signed("default_score"),
        category_budgets=_budgets(values, "categories", "budget_per_category"),
        neighborhood_budgets=_budgets(values, "neighborhoods", "budget_per_neighborhood"),
        leftover=values.text("leftover_budget"),
        comment=values.text("comment") or values.text("comments"),
        lines={key: cell.line for key, cell in settings.items()},
    )


def _vote_type(values: Values) -> VoteType:
    line, text = values.required("vote_type")
    for kind in VOTE_TYPES:
        if text == kind:
            return kind
    raise values.error(line, f"vote_type is {text[:40]!r}, none of {', '.join(VOTE_TYPES)}")


def _first(values: Values, keys: Sequence[str]) -> int | None:
    found = (values.number(key) for key in keys)
    return next((number for number in found if number is not None), None)


def _budgets(values: Values, names_key: str, amounts_key: str) -> dict[str, int]:
    """The parts of the budget: one amount for each name, in the same order."""
    amounts = values.listed(amounts_key)
    if not amounts:
        return {}
    names, line = values.listed(names_key), values.line(amounts_key)
    if len(names) != len(amounts):
        what = f"{amounts_key} has {len(amounts)} amounts for {len(names)} {names_key}"
        raise values.error(line, what)
    check_parts(values, names_key, names)
    return {
        name: values.cents(line, f"{amounts_key}: {name}", amount)
        for name, amount in zip(names, amounts, strict=True)
    }


def _projects(table: Table, values: Values) -> tuple[Project, ...]:
    projects: dict[str, Project] = {}
    for line, cells in table.rows:
        row = dict(zip(table.columns, cells, strict=True))
        id = row["project_id"]
        if not id:
            raise values.error(line, "a project without project_id")
        if "," in id:
            raise values.error(line, f"project {id[:40]!r} has a comma in its id")
        if id in projects:
            raise values.error(line, f"project {id} a second time")
        if len(projects) == MOST_PROJECTS:
            raise values.error(line, f"more than {MOST_PROJECTS} projects")
        projects[id] = Project(
            id=id,
            cost=values.cents(line, f"project {id}: cost", row["cost"]),
            name=printable(row.get("name", "")) or id,
            selected=_selected(values, line, id, row.get("selected", "")),
            categories=tuple(split(row.get("category", ""))),
            neighborhood=row.get("neighborhood", ""),
            # Files before April 2026 call them the target.
            beneficiaries=tuple(split(row.get("beneficiaries") or row.get("target", ""))),
            district=row.get("district", ""),
            votes_recorded=_recorded(values, line, f"project {id}: votes", row.get("votes", "")),
            score_recorded=_recorded(values, line, f"project {id}: score", row.get("score", "")),
            line=line,
        )
        check_project(values, projects[id])
    return tuple(projects.values())


def _selected(values: Values, line: int, id: str, text: str) -> int | None:
    if text not in ("", "0", "1", "2", "3"):
        raise values.error(line, f"project {id}: selected is {text[:40]!r}, none of 0, 1, 2, 3")
    return int(text) if text else None


def _recorded(values: Values, line: int, what: str, text: str) -> int | None:
    return values.points(line, what, text) if text else None


type Votes = tuple[tuple[str, ...], ...]


def _votes(
    document: Document, programme: Programme
) -> tuple[Votes, tuple[tuple[int, ...], ...] | None]:
    table, reader = document.votes, VoteReader(document, programme)
    votes, all_points = [], []
    for line, cells in table.rows:
        named, points = reader.vote(line, cells)
        votes.append(named)
        all_points.append(points)
    return tuple(votes), tuple(all_points) if reader.pointed else None


class VoteReader:
    """Understands one row of VOTES after the other."""

    def __init__(self, document: Document, programme: Programme) -> None:
        self._values = programme.values
        self._kind = programme.terms.vote_type
        self._known = {project.id: project.id for project in programme.projects}
        self._first_seen: dict[str, int] = {}
        table = document.votes
        self._voter = table.columns.index("voter_id")
        self._vote = table.columns.index("vote")
        self._points = table.place("points")
        if self._points is None and self._kind in POINTED:
            raise self._values.error(table.line, f"{self._kind} votes without a column points")

    @property
    def pointed(self) -> bool:
        """Whether these votes come with points. Approvals must not; ranks may."""
        return self._kind in POINTED or (self._kind == "ordinal" and self._points is not None)

    def vote(self, line: int, cells: Sequence[str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """The projects that a voter named, and the points beside them. Raises `NotPabulib`."""
        voter = cells[self._voter]
        if not voter:
            raise self._values.error(line, "a vote without voter_id")
        if (earlier := self._first_seen.setdefault(voter, line)) != line:
            raise self._values.error(line, f"voter {voter} voted on line {earlier} already")
        named = split(cells[self._vote])
        try:
            # The projects' own ids, so that a million votes are not a million texts.
            known = tuple([self._known[choice] for choice in named])
        except KeyError as unknown:
            what = f"voter {voter} chose project {unknown.args[0][:40]}, which is none"
            raise self._values.error(line, what) from None
        if len(set(known)) != len(known):
            raise self._values.error(line, f"voter {voter} named a project twice")
        check_vote(self._values, line, voter, len(known))
        given = cells[self._points] if self._points is not None else ""
        return known, self._given(line, voter, len(known), given)

    def _given(self, line: int, voter: str, named: int, text: str) -> tuple[int, ...]:
        if not self.pointed:
            if text:
                what = f"voter {voter} gave points {text[:40]!r} in a vote of type {self._kind}"
                raise self._values.error(line, what)
            return ()
        points = split(text)
        if len(points) != named:
            what = f"voter {voter} named {named} projects with {len(points)} points"
            raise self._values.error(line, what)
        given = tuple([self._values.points(line, f"voter {voter}", each) for each in points])
        check_points(self._values, line, voter, self._kind, given)
        return given


def printable(text: str) -> str:
    """A title without what no page shows."""
    return "".join(c for c in text if c.isprintable()).strip()

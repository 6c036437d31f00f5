"""A `.pb` file as it stands: three tables of text. What nobody reads survives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

SECTIONS = ("META", "PROJECTS", "VOTES")


class NotPabulib(ValueError):
    """A file is not an election in Pabulib's format; the message begins with file and line.

    The line is 0 where there is no file to have one.
    """

    def __init__(self, file: str, line: int, what: str) -> None:
        super().__init__(f"{file}:{line}: {what}" if line else f"{file}: {what}")
        self.file, self.line, self.what = file, line, what


class Row(NamedTuple):
    """The cells of a row, one for each column, and the line that it ends on."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A section: its columns by name, and its rows in the order of the file."""

    line: int
    columns: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)

    def place(self, column: str) -> int | None:
        """Where a column stands, or None where there is none of that name."""
        return self.columns.index(column) if column in self.columns else None


class Cell(NamedTuple):
    """A value and the line that it stands on."""

    line: int
    text: str


@dataclass(frozen=True)
class Document:
    """A file's sections. Two documents that say the same are equal in `content`."""

    file: str
    meta: Table
    projects: Table
    votes: Table

    @property
    def tables(self) -> tuple[tuple[str, Table], ...]:
        """The sections by name, in the order in which a file has them."""
        return tuple(zip(SECTIONS, (self.meta, self.projects, self.votes), strict=True))

    @property
    def content(self) -> dict[str, tuple[tuple[str, ...], ...]]:
        """What the file says, without where it says it."""
        return {
            name: (table.columns, *(row.cells for row in table.rows)) for name, table in self.tables
        }

    def settings(self) -> Mapping[str, Cell]:
        """META by key; a key without a value is as good as none."""
        key, value = self.meta.columns.index("key"), self.meta.columns.index("value")
        return {
            row.cells[key]: Cell(row.line, row.cells[value])
            for row in self.meta.rows
            if row.cells[value]
        }

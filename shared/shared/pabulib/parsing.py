"""From the bytes of a file to its document, or to a refusal with its line."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.pabulib.document import SECTIONS, Document, NotPabulib, Row, Table

MOST_FIELD = 10_000_000  # a description is long; csv stops at 128 KiB by itself
BOM = b"\xef\xbb\xbf"
# What csv says of a file, in words for somebody who did not write the reader.
WORDS = {
    "unexpected end of data": "a quoted cell does not end",
    "';' expected": "a quoted cell ends before its text does: a quote within is written twice",
    "field larger": f"a cell of more than {MOST_FIELD} characters",
}
NEEDED = {
    "META": ("key", "value"),
    "PROJECTS": ("project_id", "cost"),
    "VOTES": ("voter_id", "vote"),
}


@dataclass(frozen=True)
class Opening:
    """A file up to its first vote: `votes` has columns and no row yet, `at` is where rows begin.

    `line` is the line before them.
    """

    document: Document
    at: int
    line: int


def parse(data: bytes, file: str) -> Document:
    """The whole file as a document. Raises `NotPabulib`."""
    parser = _Parser(data, file)
    for _ in parser.rows():
        pass
    return parser.document()


def parse_opening(data: bytes, file: str) -> Opening:
    """The file before its votes, which may be a million. Raises `NotPabulib`."""
    parser = _Parser(data, file)
    for _ in parser.rows():
        if parser.current == "VOTES" and parser.tables["VOTES"].columns:
            break
    return Opening(parser.document(), parser.at, parser.line)


class _Parser:
    """One walk through a file; after each row, `at` is the byte that the next one begins on."""

    def __init__(self, data: bytes, file: str) -> None:
        self.tables: dict[str, Table] = {}
        self.current = ""
        self.at = len(BOM) if data.startswith(BOM) else 0
        self.line = 0
        self._settings: set[str] = set()
        self._feed = -1  # the line feed after `at`, or the end of the file
        self._data, self._file = data, file

    def rows(self) -> Iterator[int]:
        """Take row after row; each is in its section when its line is yielded."""
        csv.field_size_limit(MOST_FIELD)
        reader = csv.reader(self._lines(), delimiter=";", strict=True)
        while True:
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise self.error(self.line, _said(str(error))) from None
            if cells is None:
                return
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                self._take(self.line, stripped)
                yield self.line

    def document(self) -> Document:
        for name in SECTIONS:
            if name not in self.tables:
                raise self.error(max(self.line, 1), f"the file ends without a section {name}")
            if not self.tables[name].columns:
                raise self.error(self.line, f"the section {name} has no column names")
        return Document(self._file, *(self.tables[name] for name in SECTIONS))

    def error(self, line: int, what: str) -> NotPabulib:
        return NotPabulib(self._file, line, what)

    def _lines(self) -> Iterator[str]:
        while self.at < len(self._data):
            end = self._line_end()
            line, self.at = self._data[self.at : end], end
            self.line += 1
            try:
                yield line.decode()
            except UnicodeDecodeError as error:
                what = f"not UTF-8: {error.reason} at byte {error.start} of the line"
                raise self.error(self.line, what) from None

    def _line_end(self) -> int:
        """After LF, CR LF, or a CR alone: Pabulib's tools take each of them."""
        if self._feed < self.at:
            self._feed = self._data.find(b"\n", self.at)
            if self._feed < 0:
                self._feed = len(self._data)
        carriage = self._data.find(b"\r", self.at, self._feed)
        if carriage < 0 or carriage + 1 == self._feed:
            return min(self._feed + 1, len(self._data))
        return carriage + 1

    def _take(self, line: int, cells: Sequence[str]) -> None:
        name = cells[0]
        if name in SECTIONS and not any(cells[1:]):
            if name in self.tables:
                raise self.error(line, f"a second section {name}")
            self._check_order(line, name)
            self.current, self.tables[name] = name, Table(line, ())
        elif not self.current:
            raise self.error(line, f"{name[:40]!r} stands before any section")
        elif not (table := self.tables[self.current]).columns:
            self.tables[self.current] = Table(table.line, self._columns(line, cells))
        else:
            row = Row(line, self._cells(line, table.columns, cells))
            if self.current == "META":
                self._check_once(row, table.columns.index("key"))
            table.rows.append(row)

    def _check_order(self, line: int, name: str) -> None:
        """As Pabulib's checker has it: projects are known before anybody votes for them."""
        due = next(each for each in SECTIONS if each not in self.tables)
        if name != due:
            order = ", ".join(SECTIONS)
            what = f"the section {name} without {due} before it: the order is {order}"
            raise self.error(line, what)

    def _check_once(self, row: Row, key: int) -> None:
        """One of two settings would be lost, and nobody could say which."""
        if row.cells[key] in self._settings:
            raise self.error(row.line, f"a second setting {row.cells[key][:40]}")
        self._settings.add(row.cells[key])

    def _columns(self, line: int, cells: Sequence[str]) -> tuple[str, ...]:
        columns = list(cells)
        while not columns[-1]:
            columns.pop()
        for column in columns:
            if columns.count(column) > 1:
                raise self.error(line, f"a second column {column!r}")
        for needed in NEEDED[self.current]:
            if needed not in columns:
                raise self.error(line, f"the section {self.current} has no column {needed}")
        return tuple(columns)

    def _cells(self, line: int, columns: Sequence[str], cells: Sequence[str]) -> tuple[str, ...]:
        """More cells than columns cannot be told apart from a broken quote."""
        if len(cells) > len(columns) and any(cells[len(columns) :]):
            raise self.error(line, f"{len(cells)} cells for {len(columns)} columns")
        return (*cells[: len(columns)], *[""] * (len(columns) - len(cells)))


def _said(error: str) -> str:
    return next((words for known, words in WORDS.items() if error.startswith(known)), error)

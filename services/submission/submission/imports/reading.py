"""Reading a table of somebody else's: its encoding, its separators, its columns by their names."""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final, Self

from shared.refusal import Refusal

LARGEST: Final = 64 * 1024 * 1024
MOST_ROWS: Final = 50_000
LONGEST_ROW: Final = 64 * 1024
# What is held of a file at once: a line of commas alone would be a list of millions of cells.
_MOST_HELD: Final = 1024 * 1024
# As `csv` has it by itself; its own limit is that of the process, which other readers raise.
_LONGEST_CELL: Final = 128 * 1024
_DELIMITERS: Final = (";", ",", "\t")
_STEP: Final = 1024 * 1024


class ImportUnreadable(Refusal):
    """A file is no table: no text, or text that no row can be made of."""

    code = "import_unreadable"


class ColumnsMissing(Refusal):
    """A table lacks columns that its kind of import needs."""

    code = "columns_missing"


class TooManyRows(Refusal):
    """A table has more rows than are taken at once."""

    code = "too_many_rows"


class RowRefused(Refusal):
    """A row has more cells than the table has columns, is longer than any that is meant, or has
    what is no text."""

    code = "row_refused"


class ReferenceRefused(Refusal):
    """A row has no reference, one that is too long, or that of a row before it."""

    code = "reference_refused"


@dataclass(frozen=True, slots=True)
class Column:
    """A column by the names that people give it, in either language."""

    name: str
    called: tuple[str, ...]
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row by column, and the line on which it ends; `refused` where it is none."""

    line: int
    fields: Mapping[str, str]
    refused: Refusal | None = None


def rows(file: BinaryIO, columns: Sequence[Column]) -> Iterator[Row]:
    """The rows of a CSV file, read as they are asked for; empty ones are left out.

    Raises `ImportUnreadable`, `ColumnsMissing`, `TooManyRows`.
    """
    text = io.TextIOWrapper(file, _encoding(file), newline="")
    try:
        yield from _rows(text, columns)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ImportUnreadable(f"the file cannot be read as a table: {error}") from None
    finally:
        text.detach()


def _rows(text: io.TextIOWrapper, columns: Sequence[Column]) -> Iterator[Row]:
    first = text.readline(LONGEST_ROW)
    if "\0" in first:
        raise ImportUnreadable("the file is no text")
    delimiter = max(_DELIMITERS, key=first.count)
    text.seek(0)
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    head = next(reader, [])
    places = _places(head, columns)
    count = 0
    for cells in reader:
        lines.held = 0
        if any(len(cell) > _LONGEST_CELL for cell in cells):
            raise ImportUnreadable(f"a cell has more than {_LONGEST_CELL} characters")
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise TooManyRows(f"the file has more than {MOST_ROWS} rows")
        fields = {name: cells[at].strip() for at, name in places.items() if at < len(cells)}
        yield Row(reader.line_num, fields, _flaw(cells, len(head)))


class _Lines:
    """The lines of a file, of which no row takes more than is held at once. Raises
    `ImportUnreadable`."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.held = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._text.readline(_MOST_HELD + 1)
        self.held += len(line)
        if self.held > _MOST_HELD:
            raise ImportUnreadable(f"a row has more than {_MOST_HELD} characters")
        if not line:
            raise StopIteration
        return line


def _places(head: Sequence[str], columns: Sequence[Column]) -> dict[int, str]:
    """Which column stands where. Raises `ColumnsMissing`, and `ImportUnreadable` where two columns
    are called the same: nobody could say which one is meant."""
    names = {called: column.name for column in columns for called in (column.name, *column.called)}
    found: dict[int, str] = {}
    called: set[str] = set()
    for at, written in enumerate(head):
        heading = " ".join(written.casefold().split())
        if heading in called and heading in names:
            raise ImportUnreadable(f"two columns are called {heading}")
        called.add(heading)
        name = names.get(heading)
        if name is not None and name not in found.values():
            found[at] = name
    missing = [each.name for each in columns if each.needed and each.name not in found.values()]
    if missing or not found:
        raise ColumnsMissing(f"the file has no column {', '.join(missing)}")
    return found


def _flaw(cells: Sequence[str], columns: int) -> Refusal | None:
    if sum(len(cell) for cell in cells) > LONGEST_ROW:
        return RowRefused(f"a row has at most {LONGEST_ROW} characters")
    if any("\0" in cell for cell in cells):
        return RowRefused("a row has the character U+0000, which is no text")
    if any(cell.strip() for cell in cells[columns:]):
        return RowRefused(f"a row of {len(cells)} cells, there are {columns} columns")
    return None


def _encoding(file: BinaryIO) -> str:
    """UTF-8, else as spreadsheets of Windows write it. Raises `ImportUnreadable`."""
    for name in ("utf-8", "cp1252"):
        decoder = codecs.getincrementaldecoder(name)()
        file.seek(0)
        try:
            while step := file.read(_STEP):
                decoder.decode(step)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        file.seek(0)
        return "utf-8-sig" if name == "utf-8" else name
    raise ImportUnreadable("the file is no text")

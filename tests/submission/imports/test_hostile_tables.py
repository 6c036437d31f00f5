"""Tables of whoever means harm, or whose spreadsheet does: read, refused whole, or row by row."""

import csv
import io
import tracemalloc

import pytest

from comptoir.browser import Browser
from shared.people import Role
from shared.refusal import Refusal
from submission.imports.ideas import COLUMNS
from submission.imports.kinds import PROJECTS
from submission.imports.reading import (
    MOST_ROWS,
    ColumnsMissing,
    ImportUnreadable,
    Row,
    TooManyRows,
    rows,
)
from submission.imports.running import shown as called_here
from tests.submission.imports.test_importing import HEAD, ideas, outcomes, run, send, table
from tests.submission.proposing import Town

NEEDED = "reference;title;summary;territory;name"
GOOD = f"{NEEDED}\n1;Été;Des arbres;artois;Ada\n"


def read(content: bytes) -> list[Row]:
    return list(rows(io.BytesIO(content), COLUMNS))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_table_is_read_as_spreadsheets_write_it(encoding: str, end: str) -> None:
    [row] = read(GOOD.replace("\n", end).encode(encoding))
    assert (row.line, row.refused, row.fields["title"]) == (2, None, "Été")


WHOLE: dict[str, tuple[bytes, type[Refusal]]] = {
    "UTF-16 with its mark": (GOOD.encode("utf-16"), ImportUnreadable),
    "UTF-16 without one": (GOOD.encode("utf-16-le"), ImportUnreadable),
    "UTF-32": (GOOD.encode("utf-32"), ImportUnreadable),
    "a delimiter that is none": (GOOD.replace(";", "|").encode(), ColumnsMissing),
    "a quote that is never closed": (GOOD.encode() + b'2;"a;b;c;d\n' * 3, ImportUnreadable),
    "a quote within a cell": (GOOD.encode() + b'2;"a"b;c;d;e\n', ImportUnreadable),
    "the same heading twice": (b"title;" + GOOD.encode(), ImportUnreadable),
    "the same heading twice, in capitals": (b"TITLE ;" + GOOD.encode(), ImportUnreadable),
    "a million columns": (b";" * 1_100_000 + GOOD.encode(), ImportUnreadable),
    "a row of a million cells and more": (GOOD.encode() + b";" * 2_000_000, ImportUnreadable),
    "a row of lines without an end": (
        GOOD.encode() + b'2;"a' + b'\n";"b' * 500_000,
        ImportUnreadable,
    ),
    "a heading that is one line of 64 MB": (b"a" * (60 * 1024 * 1024), ImportUnreadable),
    "a head of NULs": (b"\0" * 1000, ImportUnreadable),
    "nothing but a mark": (b"\xef\xbb\xbf", ColumnsMissing),
    "an HTML page": (b"<!DOCTYPE html><script>alert(1)</script>", ColumnsMissing),
    "one row too many": (
        NEEDED.encode() + b"\n" + b"1;a;b;c;d\n" * (MOST_ROWS + 1),
        TooManyRows,
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_no_table_is_refused_whole(name: str) -> None:
    content, refusal = WHOLE[name]
    with pytest.raises(refusal) as found:
        read(content)
    assert str(found.value)


def test_no_row_takes_more_memory_than_a_row_needs() -> None:
    content = io.BytesIO(GOOD.encode() + b";" * (60 * 1024 * 1024))
    tracemalloc.start()
    with pytest.raises(ImportUnreadable):
        list(rows(content, COLUMNS))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 40 * 1024 * 1024


def test_a_row_of_a_million_cells_is_refused_alone() -> None:
    wide = b"2;" + b";" * 1_000_000 + b"x\n"
    found = [(row.line, row.refused is None) for row in read(GOOD.encode() + wide + b"3;a;b;c;d\n")]
    assert found == [(2, True), (3, False), (4, True)]


def test_a_row_with_a_zero_is_refused_alone() -> None:
    content = GOOD.encode() + b"2;a\0;b;c;d\n3;a;b;c;d\n"
    assert [(row.line, row.refused is None) for row in read(content)] == [
        (2, True),
        (3, False),
        (4, True),
    ]


@pytest.fixture
async def officer(town: Town) -> Browser:
    return await town.officer(Role.ADMINISTRATOR, programme_id=town.programme_id)


HOSTILE = [
    ("h1", "=cmd|' /C calc'!A0", "<script>alert(1)</script>", "artois", "@Eve", ""),
    ("h2", "+1", "{{7*7}}", "artois", "-1", ""),
    ("h3", "a\0b", "NUL", "artois", "Ada", ""),
    ("h4", "a\u202eb", "turned", "artois", "Ada", ""),
    ("h5", "Un titre", "x" * 70_000, "artois", "Ada", ""),
    ("h6", "Un titre", "des mots", "' or 1=1 --", "Ada", ""),
    ("h7", "Un titre", "des mots", "artois", "Ada", "a@b.example\r\nBcc: c@d.example"),
    ("h1", "Un titre", "la même référence", "artois", "Ada", ""),
    ("", "Un titre", "sans référence", "artois", "Ada", ""),
    ("=h8", "\u200b\u200d", "rien à voir", "artois", "Ada", ""),
]
SAID = ["new", "new", *["refused"] * 8]


async def test_every_row_of_a_hostile_file_is_reported_and_recorded_once(
    town: Town, officer: Browser
) -> None:
    before = await town.snapshot()
    seen = await send(town, officer, table(HOSTILE))
    assert seen.status == 200, seen.text
    assert await outcomes(town) == SAID
    assert {**await town.snapshot(), "answered": before["answered"]} == before
    assert "<script>alert" not in seen.text
    report = (await officer.get(f"{seen.path}/report.csv")).text
    lines = [*csv.DictReader(io.StringIO(report, newline=""))]
    assert [line["outcome"] for line in lines] == SAID
    assert next(line["code"] for line in lines if line["reference"] in ("h3", "")) == "row_refused"
    assert not [c for line in lines for c in line.values() if c.startswith(("=", "+", "-", "@"))]
    await run(town, officer, seen)
    assert [row["words"] for row in await ideas(town)] == ["+1", "=cmd|' /C calc'!A0"]
    before = await town.snapshot()
    await run(town, officer, await send(town, officer, table(HOSTILE)))
    after = await town.snapshot()
    assert {**after, "answered": before["answered"]} == before


async def test_a_zero_where_nothing_is_read_refuses_its_row_and_no_other(
    town: Town, officer: Browser
) -> None:
    head = ";".join((*HEAD, "language"))
    rows = "1;Un verger;Des arbres;artois;Ada;;f\0r\n2;Un rucher;Des abeilles;artois;Ada;;fr\n"
    seen = await send(town, officer, f"{head}\n{rows}".encode())
    assert seen.status == 200, seen.text
    assert await outcomes(town) == ["refused", "new"]


@pytest.mark.parametrize("called", ["<script>.pb", "../../x.pb", "x" * 1_000, "\u202eb.pb"])
async def test_a_name_of_a_file_is_shown_without_what_harms(
    town: Town, officer: Browser, called: str
) -> None:
    page = f"/desk/programmes/{town.programme_id}/imports"
    seen = await officer.upload(page, page, table(), called, kind="ideas")
    assert seen.status == 200, seen.text
    shown = await town.connection.fetchval("select name from import_file order by at desc limit 1")
    assert shown.isprintable() and len(shown) <= 120 and not set(shown) & set("/\\<>")


@pytest.mark.parametrize("called", ["a\0b.pb", "\u2028", "../" * 50, "<b>", ""])
def test_a_file_of_projects_is_called_as_it_is_shown(called: str) -> None:
    shown = called_here(PROJECTS, called)
    assert shown.isprintable() and shown.endswith(".pb") and not set(shown) & set("/\\<>")

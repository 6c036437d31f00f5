"""Tables of other people: what is read of them, and what is said of what cannot be."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.refusal import Refusal
from submission.imports.ideas import COLUMNS, digest_of, read_idea, read_reference
from submission.imports.organisations import CALLED, read_organisation
from submission.imports.reading import (
    LONGEST_ROW,
    ColumnsMissing,
    ImportUnreadable,
    ReferenceRefused,
    Row,
    TooManyRows,
    rows,
)
from submission.reading import FormRefused
from tests.submission.editions import edition

HEAD = "reference;title;summary;territory;name"
RULES = edition().rules
FIELDS = {
    "reference": "1",
    "title": "Un verger",
    "summary": "Des arbres.",
    "territory": "artois",
    "name": "Ada",
}


def read(content: bytes) -> list[Row]:
    return list(rows(io.BytesIO(content), COLUMNS))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_columns_are_known_by_their_names_in_either_language(encoding: str, delimiter: str) -> None:
    head = ["Référence", "TITRE", "Description", " Territoire ", "Porteur", "Ignorée"]
    table = [head, ["1", "Été", "Des arbres", "Artois", "Ada", "?"]]
    text = "\r\n".join(delimiter.join(row) for row in table)
    [row] = read(text.encode(encoding))
    assert (row.line, row.refused) == (2, None)
    assert row.fields == {
        "reference": "1",
        "title": "Été",
        "summary": "Des arbres",
        "territory": "Artois",
        "name": "Ada",
    }


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
            min_size=5,
            max_size=5,
        ),
        max_size=5,
    )
)
def test_whatever_a_spreadsheet_writes_is_read(cells: list[list[str]]) -> None:
    into = io.StringIO()
    writer = csv.writer(into, delimiter=";")
    writer.writerows([HEAD.split(";"), *cells])
    wanted = [[cell.strip() for cell in row] for row in cells if any(c.strip() for c in row)]
    assert [[*row.fields.values()] for row in read(into.getvalue().encode())] == wanted


WRONG: dict[str, tuple[bytes, type[Refusal]]] = {
    "nothing": (b"", ColumnsMissing),
    "another table": (b"a;b\n1;2\n", ColumnsMissing),
    "no title": (b"reference;summary;territory;name\n", ColumnsMissing),
    "a program": (b"MZ\x90\0\x81" + bytes(100), ImportUnreadable),
    "a ZIP": (b"PK\x03\x04\x8d\x81\0\0", ImportUnreadable),
    "a quote without an end": (HEAD.encode() + b'\n1;"a;b;c;d\n', ImportUnreadable),
    "a cell of a megabyte": (HEAD.encode() + b"\n1;" + b"x" * 1_000_000, ImportUnreadable),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_table_is_refused_whole(name: str) -> None:
    content, refusal = WRONG[name]
    with pytest.raises(refusal):
        read(content)


def test_a_cell_is_too_long_whatever_other_readers_of_the_process_take() -> None:
    earlier = csv.field_size_limit(10_000_000)
    try:
        with pytest.raises(ImportUnreadable):
            read(WRONG["a cell of a megabyte"][0])
    finally:
        csv.field_size_limit(earlier)


def test_50_001_rows_are_too_many() -> None:
    with pytest.raises(TooManyRows):
        read(HEAD.encode() + b"\n" + b"1;a;b;c;d\n" * 50_001)


def test_a_row_with_too_many_cells_is_refused_alone() -> None:
    long = b"x" * (LONGEST_ROW + 1)
    content = HEAD.encode() + b"\n1;a;b;c;d;e\n2;a;b;c;d;;;\n\n;;;;\n3;" + long + b";b;c;d"
    found = [(row.line, row.refused is None) for row in read(content)]
    assert found == [(2, False), (3, True), (6, False)]


def test_a_territory_is_known_by_its_name_and_its_labels() -> None:
    for written in ("lens-henin", "Lens-Hénin", "  LENS-HÉNIN "):
        assert read_idea(RULES, {**FIELDS, "territory": written}).territory == "lens-henin"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("title", "", "title_refused"),
        ("title", "x" * 201, "title_refused"),
        ("title", "a\u202eb", "title_refused"),
        ("summary", "a\0b", "words_refused"),
        ("territory", "Atlantide", "territory_unknown"),
        ("name", "", "words_refused"),
        ("theme", "anything", "name_unknown"),
        ("category", "anything", "name_unknown"),
        ("address", "nobody", "address_refused"),
    ],
)
def test_a_row_says_what_is_wrong_with_it(field: str, value: str, code: str) -> None:
    with pytest.raises(FormRefused) as refused:
        read_idea(RULES, {**FIELDS, field: value})
    assert {name: each.code for name, each in refused.value.errors.items()} == {field: code}


@given(st.permutations([*FIELDS.items()]), st.text(min_size=1))
def test_a_digest_is_of_what_a_row_says(said: list[tuple[str, str]], other: str) -> None:
    assert digest_of(dict(said)) == digest_of({**FIELDS, "theme": ""})
    if other != FIELDS["title"] and "\0" not in other:
        assert digest_of({**FIELDS, "title": other}) != digest_of(FIELDS)


@pytest.mark.parametrize("written", ["", " ", "x" * 101, "a\nb"])
def test_a_row_needs_a_reference(written: str) -> None:
    with pytest.raises(ReferenceRefused):
        read_reference({"reference": written})


def test_the_type_of_an_organisation_is_known_by_its_name_and_in_french() -> None:
    written = {"Association": "association", "  COLLECTIF  informel": "collective"}
    written |= {"Coopérative": "cooperative", "commune": "municipality", **CALLED}
    for said, of in written.items():
        row = {"type": said, "name": "Nous", "seat": "Artois"}
        assert read_organisation(RULES, row, date(2026, 11, 30)).type == of


@pytest.mark.parametrize("written", ["", "une guilde", "person", "personne"])
def test_what_is_no_organisation_is_refused(written: str) -> None:
    with pytest.raises(FormRefused) as refused:
        read_organisation(RULES, {"type": written, "name": "Nous"}, date(2026, 11, 30))
    assert [*refused.value.errors] == ["type"]

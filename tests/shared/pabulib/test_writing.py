"""What is written reads as what it was made of, whatever the cells hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.pabulib import Document, NotPabulib, parse, read_bytes, written
from shared.pabulib.document import SECTIONS, Row, Table
from tests.published import elections
from tests.shared.pabulib.files import VOTES, small

CELLS = st.text(
    st.characters(blacklist_categories=["Cs"]) | st.sampled_from('";,\n\r '), max_size=8
).map(str.strip)
NAMES = {
    "META": ["key", "value"],
    "PROJECTS": ["project_id", "cost"],
    "VOTES": ["voter_id", "vote"],
}


@st.composite
def tables(draw: st.DrawFn, name: str) -> Table:
    extra = draw(st.lists(CELLS.filter(bool), max_size=3, unique=True))
    columns = (*NAMES[name], *(each for each in extra if each not in NAMES[name]))
    row = st.lists(CELLS, min_size=len(columns), max_size=len(columns))
    rows = draw(st.lists(row.filter(any).filter(lambda cells: cells[0] not in SECTIONS)))
    return Table(0, columns, [Row(0, tuple(cells)) for cells in rows])


@given(tables("META"), tables("PROJECTS"), tables("VOTES"))
def test_a_document_survives_being_written_and_read(
    meta: Table, projects: Table, votes: Table
) -> None:
    document = Document("town.pb", meta, projects, votes)
    try:
        assert parse(written(document), "town.pb").content == document.content
    except NotPabulib as refused:
        assert "a second setting" in refused.what


@pytest.mark.parametrize("kind", VOTES)
def test_columns_that_nobody_reads_survive(kind: str) -> None:
    text = small(kind).replace("vote;points", "vote;points;shoe size;district")
    text = text.replace("\n2;c", "\n2;c", 1)
    document = parse(text.encode(), "town.pb")
    assert document.votes.columns[-2:] == ("shoe size", "district")
    again = parse(written(document), "town.pb")
    assert again.content == document.content
    assert read_bytes(written(document), "x").votes == read_bytes(text.encode(), "x").votes


def test_real_elections_survive_being_written_and_read() -> None:
    for file in elections():
        document = parse(file.read_bytes(), file.name)
        assert parse(written(document), file.name).content == document.content


def test_the_recorded_totals_of_real_elections_are_those_of_their_ballots() -> None:
    for file in elections():
        assert read_bytes(file.read_bytes(), file.name).misrecorded() == [], file.name

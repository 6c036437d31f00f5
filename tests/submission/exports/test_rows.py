"""Projects as lines of a file: the same in each, and nothing that a program takes for its own."""

import csv
import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submission.exports.rows import FIELDS, OF_SNAPSHOT, Csv, Format, GeoJson, Json, Told
from submission.exports.snapshot import Snapshot

AT = datetime(2027, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
SNAPSHOT = Snapshot("budget-2027-0a", 41, 2, 40, 57, AT)
LABELS = {"territory": {"artois": "Artois"}, "theme": {}, "category": {"youth": "Jeunesse"}}
TOLD = Told(
    SNAPSHOT,
    LABELS,
    "https://budget.example.org",
    lambda name: (2.123456789, 50.5) if name == "artois" else None,
)
FORMS = (Csv(), Json(), GeoJson())


def found(**changed: Any) -> Mapping[str, Any]:
    """A row, as the database gives it."""
    return {
        "project_id": UUID(int=7),
        "territory": "artois",
        "theme": None,
        "category": "youth",
        "stage": "idea",
        "standing": "active",
        "deposited_at": AT,
        "cost": 450_000,
        "family": None,
        "title": "Un verger",
        "summary": "Des arbres.\nAu bord du canal.",
    } | changed


def file(form: Format, *several: tuple[Mapping[str, Any], ...]) -> str:
    """A whole file of projects that come some at once."""
    parts = [form.some(TOLD, some, first=not n) for n, some in enumerate(several)]
    return form.head(TOLD) + "".join(parts) + form.foot()


def lines(text: str) -> list[dict[str, str]]:
    """A spreadsheet's lines."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_line_of_a_spreadsheet_says_of_which_snapshot_it_is() -> None:
    [one, other] = lines(file(Csv(), (found(),), (found(project_id=UUID(int=8)),)))
    assert [*one] == [*FIELDS, *OF_SNAPSHOT]
    for line in (one, other):
        assert {name: line[name] for name in OF_SNAPSHOT} == {
            "log": "budget-2027-0a",
            "number": "41",
            "waiting": "2",
            "covered": "40",
            "tree_size": "57",
            "as_of": "2027-02-28T23:30:00Z",
        }
    assert one["url"] == f"https://budget.example.org/projects/{UUID(int=7)}"
    assert (one["territory_label"], one["category_label"]) == ("Artois", "Jeunesse")
    assert (one["theme"], one["cost_cents"]) == ("", "450000")


@pytest.mark.parametrize("form", [Json(), GeoJson()])
def test_a_file_for_programs_says_its_snapshot_first(form: Format) -> None:
    for several in ((), ((found(),),), ((found(), found()), (found(),))):
        said = json.loads(file(form, *several))
        assert said["snapshot"] == SNAPSHOT.said()
        assert [*said].index("snapshot") == (0 if isinstance(form, Json) else 1)
        listed = said["projects" if isinstance(form, Json) else "features"]
        assert len(listed) == sum(len(some) for some in several)


def test_a_project_stands_in_its_territory_and_nowhere_where_no_outline_is_known() -> None:
    features = json.loads(file(GeoJson(), (found(), found(territory="gone"))))["features"]
    placed, nowhere = features
    assert placed["geometry"] == {"type": "Point", "coordinates": [2.12346, 50.5]}
    assert placed["properties"]["placed"] == "territory"
    assert nowhere["geometry"] is None and nowhere["properties"]["placed"] is None
    assert nowhere["properties"]["territory_label"] is None


def test_words_that_were_erased_are_null() -> None:
    erased = found(title=None, summary=None)
    [project] = json.loads(file(Json(), (erased,)))["projects"]
    assert project["title"] is None and project["summary"] is None
    [line] = lines(file(Csv(), (erased,)))
    assert line["title"] == "" and line["summary"] == ""


def test_two_states_have_different_names() -> None:
    assert SNAPSHOT.file_name("csv") == "projects-budget-2027-0a-41+2-20270228.csv"
    later = Snapshot("budget-2027-0a", 43, 0, 43, 60, AT.astimezone(UTC))
    assert later.file_name("json") == "projects-budget-2027-0a-43-20270228.json"


WORDS = st.text(max_size=30) | st.sampled_from(
    ["=1+1", "+33 6", "-1", "@SUM(A1)", "a;=cmd|'/C calc'!A0", "</script>", '","', "\u202e", "𝄞"]
)


@given(WORDS, WORDS)
def test_hostile_words_come_out_as_they_went_in_and_are_no_formula(
    title: str, summary: str
) -> None:
    written = found(title=title, summary=summary, territory=title)
    [project] = json.loads(file(Json(), (written,)))["projects"]
    assert (project["title"], project["summary"]) == (title, summary)
    [feature] = json.loads(file(GeoJson(), (written,)))["features"]
    assert feature["properties"]["title"] == title
    [line] = lines(file(Csv(), (written,)))
    for name in ("title", "summary", "territory"):
        assert not line[name].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert line["title"].replace("'", "") == title.replace("'", "")


def test_nobody_s_name_is_in_a_file() -> None:
    for form in FORMS:
        assert "carrier" not in file(form, (found(),))

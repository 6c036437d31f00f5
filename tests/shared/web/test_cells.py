"""No cell of a file for spreadsheets is a formula, whatever its program takes for a separator."""

import csv
import io
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.web.cells import cell

SIGNS = ("=", "+", "-", "@", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\u2212")
UNSEEN = " \u00a0\u2003\u3000\u200b\ufeff"
WORDS = st.text(max_size=20) | st.text('=+-@ \t\r\n;,"\u00a0\uff1d1a', max_size=8)


def begins_a_formula(words: str) -> bool:
    """As the most eager of spreadsheets would take it."""
    return words.lstrip(UNSEEN + '"').startswith(SIGNS)


@given(WORDS, WORDS)
@example("=1+1", "Un verger;=cmd|'/C calc'!A0")
@example("a\n\u3000@SUM(A1)", '";=1')
def test_no_cell_is_a_formula(one: str, other: str) -> None:
    into = io.StringIO()
    csv.writer(into).writerow([cell(one), cell(other)])
    [*rows] = csv.reader(io.StringIO(into.getvalue(), newline=""))
    assert [row[:2] for row in rows if row] == [[cell(one), cell(other)]]
    assert not begins_a_formula(cell(one)) and not begins_a_formula(cell(other))
    for piece in re.split(r"[;\t\r\n]", into.getvalue()):
        assert not begins_a_formula(piece), into.getvalue()


@given(st.text("abc ,.:é€'", max_size=20))
def test_words_that_are_no_formula_stay_as_they_are(words: str) -> None:
    assert cell(words) == words


@pytest.mark.parametrize(
    ("value", "shown"), [(None, ""), (True, "yes"), (False, "no"), (-3, -3), ("", "")]
)
def test_what_is_no_text_is_told_apart(value: object, shown: object) -> None:
    assert cell(value) == shown

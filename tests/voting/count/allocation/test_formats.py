"""Which ballots are void and with which code: the same of one as it comes and of many at once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from shared.events.ballots import Format
from shared.events.rules import Option
from voting import formats
from voting.count.allocation.profile import profile, said_by
from voting.count.allocation.voiding import void
from voting.formats.choices import territories
from voting.formats.said import said

FORMAT: TypeAdapter[Format] = TypeAdapter(Format)
PLACES = (("north",), ("north",), ("south",), (), (), ("south", "north"))
OPTIONS = [
    Option(id=f"{n}", number=n, cost=n * 10, groups={"territory": places} if places else {})
    for n, places in enumerate(PLACES, start=1)
]
FORMS: dict[str, dict[str, Any]] = {
    "approval": {"min": 2, "max": 3},
    "contests": {"own": {"min": 2, "max": 2}, "general": {"max": 1}},
    "knapsack": {"cap": 70, "max": 3},
    "cumulative": {"total": 5, "least_total": 3, "most_each": 3, "max": 2},
    "ranking": {"points": [2, 1], "min": 2, "max": 3},
    "score": {"low": -1, "high": 3, "min": 2, "max": 3},
    "plus-minus": {"most_plus": 2, "most_minus": 1, "min": 2, "minus_needs_plus": True},
    "grades": {"grades": ["poor", "fair", "good"], "min": 2},
    "decision": {"members": 3},
}


def form(kind: str) -> Format:
    return FORMAT.validate_python({"type": kind, **FORMS[kind]})


def alone(kind: str, entries: list[tuple[int, int]]) -> str | None:
    """The code of one ballot as it arrives; entries by the options' index."""
    of = territories(form(kind), OPTIONS)
    numbers = said(entries, [option.cost for option in OPTIONS], of)
    return next((code for code, holds in formats.void(form(kind), numbers) if holds), None)


@pytest.mark.parametrize(
    ("kind", "entries", "code"),
    [
        ("approval", [(0, 1)], "too_few"),
        ("approval", [(0, 1), (1, 1), (2, 1), (3, 1)], "too_many"),
        ("contests", [(0, 1), (2, 1)], "two_territories"),
        ("contests", [(0, 1)], "too_few"),
        ("contests", [(0, 1), (1, 1), (3, 1), (4, 1)], "too_many"),
        ("contests", [(0, 1), (1, 1), (3, 1)], None),
        ("contests", [(3, 1)], None),
        ("contests", [(2, 1), (5, 1)], None),
        ("contests", [(0, 1), (5, 1)], "two_territories"),
        ("knapsack", [(3, 1), (4, 1)], "over_cap"),
        ("knapsack", [(2, 1), (3, 1)], None),
        ("cumulative", [(0, 4)], "malformed"),
        ("cumulative", [(0, 3), (1, 3)], "too_many_points"),
        ("cumulative", [(0, 2)], "too_few_points"),
        ("cumulative", [(0, 1), (1, 1), (2, 1)], "too_many"),
        ("ranking", [(0, 1)], "too_few"),
        ("score", [(0, 4), (1, 0)], "malformed"),
        ("score", [(0, -1), (1, 3)], None),
        ("plus-minus", [(0, 1), (1, 0)], "malformed"),
        ("plus-minus", [(0, 1), (1, 1), (2, 1)], "too_many_plus"),
        ("plus-minus", [(0, -1), (1, -1)], "too_many_minus"),
        ("plus-minus", [(0, 1), (1, -1)], None),
        ("grades", [(0, 3), (1, 0)], "malformed"),
        ("grades", [(0, 0)], "too_few"),
        ("decision", [(0, 4)], "malformed"),
    ],
)
def test_a_ballot_that_breaks_its_format_is_void_with_a_code(
    kind: str, entries: list[tuple[int, int]], code: str | None
) -> None:
    assert alone(kind, entries) == code


@pytest.mark.parametrize("kind", sorted(FORMS))
def test_a_blank_ballot_is_never_void(kind: str) -> None:
    assert alone(kind, []) is None


ENTRIES = st.lists(st.tuples(st.integers(0, 5), st.integers(-2, 4)), max_size=5)
BALLOTS = st.lists(ENTRIES.map(lambda each: sorted(dict(each).items())), max_size=6)


@given(BALLOTS, st.sampled_from(sorted(FORMS)))
def test_many_at_once_are_void_as_each_alone(
    ballots: list[list[tuple[int, int]]], kind: str
) -> None:
    if kind in ("approval", "contests", "knapsack", "ranking"):
        ballots = [[(option, 1) for option, _ in each] for each in ballots]
    shape = form(kind)
    voided, codes = void(shape, said_by(shape, profile(ballots, len(OPTIONS))), OPTIONS)
    each = [alone(kind, ballot) for ballot in ballots]
    assert voided.tolist() == [code is not None for code in each]
    assert codes == {code: each.count(code) for code in each if code is not None}


def test_territories_are_no_more_than_options_whatever_else_these_say() -> None:
    one = [OPTIONS[5].model_copy(update={"number": 1})]
    contests = form("contests")
    assert territories(contests, one) == [0]
    _, codes = void(contests, profile([[(0, 1)]], 1), one)
    assert codes == {"too_few": 1}


@pytest.mark.parametrize("kind", sorted(FORMS))
def test_a_formats_settings_have_a_json_schema(kind: str) -> None:
    schema = formats.schema(type(form(kind)))
    assert schema["properties"]["type"]["const"] == kind
    assert schema["additionalProperties"] is False

"""A ballot of each format is valid, blank, or void for the reason that is told."""

from typing import Any

import pytest

from ledger_audit.reference.formats import given, void

OPTIONS: dict[int, dict[str, Any]] = {
    1: {"cost": 30, "groups": {"territory": ["north"]}},
    2: {"cost": 40, "groups": {"territory": ["south"]}},
    3: {"cost": 50, "groups": {}},
    4: {"cost": 60},
    5: {"cost": 5, "groups": {"territory": ["north"]}},
    6: {"cost": 5, "groups": {"territory": ["south", "north"]}},
}
FORMATS: dict[str, dict[str, Any]] = {
    "approval": {"type": "approval", "min": 2, "max": 3},
    "contests": {
        "type": "contests",
        "group": "territory",
        "own": {"min": 0, "max": 1},
        "general": {"min": 2, "max": 2},
    },
    "knapsack": {"type": "knapsack", "cap": 100, "min": 0, "max": 2},
    "cumulative": {
        "type": "cumulative",
        "total": 6,
        "least_total": 2,
        "most_each": 4,
        "min": 0,
        "max": 3,
    },
    "ranking": {"type": "ranking", "points": [3, 2, 1], "min": 2, "max": 4},
    "score": {"type": "score", "low": -2, "high": 5, "min": 2},
    "plus-minus": {
        "type": "plus-minus",
        "most_plus": 2,
        "most_minus": 2,
        "min": 1,
        "minus_needs_plus": True,
    },
    "grades": {"type": "grades", "grades": ["poor", "fair", "good"], "min": 2},
    "decision": {
        "type": "decision",
        "members": 5,
        "quorum": "1/2",
        "majority": "1/2",
        "abstentions": "left-out",
    },
}


@pytest.mark.parametrize("kind", FORMATS)
def test_a_blank_ballot_is_never_void(kind: str) -> None:
    assert void(FORMATS[kind], [], OPTIONS) is None
    assert given(FORMATS[kind], []) == {}


@pytest.mark.parametrize(
    ("kind", "choices", "gives"),
    [
        ("approval", [1, 3], {1: 1, 3: 1}),
        ("contests", [1, 3, 4], {1: 1, 3: 1, 4: 1}),
        ("contests", [2], {2: 1}),
        ("contests", [6], {6: 1}),
        ("knapsack", [2, 4], {2: 1, 4: 1}),
        ("cumulative", [[1, 4], [2, 2]], {1: 4, 2: 2}),
        ("ranking", [4, 1], {4: 3, 1: 2}),
        ("ranking", [4, 1, 3, 2], {4: 3, 1: 2, 3: 1}),
        ("score", [[1, -2], [2, 5]], {1: -2, 2: 5}),
        ("plus-minus", [[1, 1], [2, -1]], {1: 1, 2: -1}),
        ("grades", [[1, 0], [2, 1], [3, 2]], {2: 1, 3: 1}),
        ("decision", [[1, 1], [2, 2], [3, 0], [4, 3]], {1: 1}),
    ],
)
def test_a_valid_ballot_gives_what_its_format_says(
    kind: str, choices: Any, gives: dict[int, int]
) -> None:
    assert void(FORMATS[kind], choices, OPTIONS) is None
    assert given(FORMATS[kind], choices) == gives


@pytest.mark.parametrize(
    ("kind", "choices", "code"),
    [
        ("approval", [1], "too_few"),
        ("approval", [1, 2, 3, 4], "too_many"),
        ("approval", [2, 1], "malformed"),
        ("approval", [1, 1], "malformed"),
        ("approval", [1, 7], "malformed"),
        ("approval", [True, 2], "malformed"),
        ("approval", [[1, 1], [2, 1]], "malformed"),
        ("approval", {"1": 1}, "malformed"),
        ("contests", [1, 2], "two_territories"),
        ("contests", [1, 6], "two_territories"),
        ("contests", [2, 6], "too_many"),
        ("contests", [1, 5], "too_many"),
        ("contests", [1, 3], "too_few"),
        ("knapsack", [3, 4], "over_cap"),
        ("knapsack", [1, 2, 5], "too_many"),
        ("cumulative", [[1, 1]], "too_few_points"),
        ("cumulative", [[1, 4], [2, 3]], "too_many_points"),
        ("cumulative", [[1, 5]], "malformed"),
        ("cumulative", [[1, 0]], "malformed"),
        ("cumulative", [[1, 1], [2, 1], [3, 1], [4, 1]], "too_many"),
        ("ranking", [1], "too_few"),
        ("ranking", [1, 1], "malformed"),
        ("ranking", [5, 4, 3, 2, 1], "too_many"),
        ("score", [[1, 6], [2, 0]], "malformed"),
        ("score", [[1, 5]], "too_few"),
        ("plus-minus", [[1, 1], [2, 1], [3, 1]], "too_many_plus"),
        ("plus-minus", [[1, -1], [2, -1], [3, -1]], "too_many_minus"),
        ("plus-minus", [[1, -1], [2, -1], [3, 1]], "minus_over_plus"),
        ("plus-minus", [[1, 2]], "malformed"),
        ("grades", [[1, 3], [2, 0]], "malformed"),
        ("grades", [[1, 2]], "too_few"),
        ("decision", [[1, 4]], "malformed"),
    ],
)
def test_a_ballot_that_breaks_its_format_is_void_with_a_code(
    kind: str, choices: Any, code: str
) -> None:
    assert void(FORMATS[kind], choices, OPTIONS) == code

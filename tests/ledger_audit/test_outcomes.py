"""Rounds of every format and rule: what count publishes is what the auditor counts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from shared.events import Event
from shared.events.ballots import Format
from shared.events.rules import Rule
from shared.events.voting import TieAsked, TieOrdered
from tests.ledger_audit.logs import Election
from tests.ledger_audit.test_recount import counted
from tests.voting.count.allocation.rounds import Round, rounds
from voting.count.rounds import RuleImpossible

FORMAT: TypeAdapter[Format] = TypeAdapter(Format)
COSTS = [500, 300, 300, 400]
NUMBERS: list[list[Any]] = [[1], [1, 2], [2, 3], [1, 2, 3, 4], [3, 4], [], [4]]
# The ballots of each format, with void and blank ones among them.
FORMATS: dict[str, tuple[dict[str, Any], list[list[Any]]]] = {
    "approval": ({"max": 3}, NUMBERS),
    "contests": (
        {"group": "area", "own": {"max": 1}, "general": {"min": 1, "max": 1}},
        [[1], [2], [3], [1, 3], [2, 4], [1, 2], [], [1, 3, 4]],
    ),
    "knapsack": ({"cap": 900}, NUMBERS),
    "cumulative": (
        {"total": 5, "most_each": 4, "least_total": 2},
        [[[1, 4]], [[1, 1], [2, 3]], [[2, 1]], [[3, 4], [4, 4]], [], [[4, 2]]],
    ),
    "ranking": ({"points": [3, 2, 1], "max": 3}, [[2, 1], [1], [3, 4, 1], [4, 3, 2, 1], []]),
    "score": (
        {"low": -2, "high": 5, "max": 3},
        [[[1, 5], [2, -2]], [[2, 3]], [[1, 1], [2, 1], [3, 1], [4, 1]], [], [[4, 2]]],
    ),
    "plus-minus": (
        {"most_plus": 2, "most_minus": 1, "minus_needs_plus": True},
        [[[1, 1], [2, -1]], [[2, -1]], [[2, 1], [3, 1]], [], [[1, 1], [2, 1], [4, 1]]],
    ),
    "grades": (
        {"grades": ["bad", "fair", "good"], "min": 2},
        [[[1, 2], [2, 1]], [[1, 0], [2, 2], [3, 2]], [[4, 2]], [], [[3, 1], [4, 2]]],
    ),
    "decision": (
        {"members": 4},
        [[[1, 1], [2, 1], [3, 2], [4, 0]], [[1, 1], [2, 3], [3, 1]], [[1, 2], [2, 1]], []],
    ),
}
VOID: dict[str, dict[str, int]] = {
    "approval": {"too_many": 1},
    "contests": {"two_territories": 1, "too_many": 1},
    "knapsack": {"over_cap": 1},
    "cumulative": {"too_few_points": 1, "too_many_points": 1},
    "ranking": {"too_many": 1},
    "score": {"too_many": 1},
    "plus-minus": {"minus_over_plus": 1, "too_many_plus": 1},
    "grades": {"too_few": 1},
    "decision": {},
}
ONE = [{"name": "all", "amount": 1000}]
TIES = {"criteria": ["cost", "option"]}
TREE = [
    {"name": "all", "amount": 1000},
    {
        "name": "north",
        "within": "all",
        "amount": 500,
        "options": {"groups": {"area": ["north"]}},
        "remainder": "nowhere",
    },
    {
        "name": "cheap",
        "within": "all",
        "amount": 600,
        "kind": "most",
        "options": {"cost_below": 350},
    },
    {"name": "b", "within": "all", "amount": 50, "voters": {"groups": {"tier": ["B"]}}},
]
RULES: dict[str, dict[str, Any]] = {
    "by votes": {"passes": [{"name": "p", "order": {"type": "votes"}}]},
    "what is promised, then the rest": {
        "groups": {"area": []},
        "passes": [
            {
                "name": "first",
                "order": {"type": "votes"},
                "quotas": [{"of": "area", "most": 1, "required": True}],
            },
            {"name": "then", "order": {"type": "votes-per-cost"}, "most": 1},
        ],
    },
    "by a jury, with prizes": {
        "passes": [{"name": "p", "order": {"type": "jury-rank"}}],
        "prizes": {
            "prizes": [
                {"place": 1, "sponsor": "a bank", "amount": 101},
                {"place": 2, "sponsor": "a bank", "amount": 50},
            ],
            "equal_ranks": "shared",
        },
    },
    "a tree of envelopes": {
        "groups": {"area": ["north", "south"], "tier": ["A", "B"]},
        "envelopes": TREE,
        "passes": [
            {
                "name": "p",
                "order": {"type": "votes"},
                "misfit": {"policy": "part-fund", "at_least": "1/2"},
            }
        ],
    },
    "grants, caps and thresholds": {
        "groups": {"area": []},
        "thresholds": [{"of": "supporters", "share": "1/4"}],
        "caps": [{"of": "area"}],
        "grants": [{"percent": 80, "ceiling": 350, "floor": 10, "cofinanced": 10}, {}],
        "passes": [{"name": "p", "order": {"type": "votes"}}],
    },
    "equal shares": {
        "electorate": {"blank": "counted"},
        "passes": [{"name": "p", "order": {"type": "equal-shares"}}],
    },
    "equal shares to the end": {
        "passes": [
            {
                "name": "p",
                "order": {
                    "type": "equal-shares",
                    "utility": "cardinality",
                    "unit": 10,
                    "completion": {"share": "1/10", "stop": "exhaustive"},
                    "top_up": "votes",
                    "comparison": {"by": "projects"},
                },
            }
        ],
    },
    "the median grade": {
        "passes": [{"name": "p", "order": {"type": "median-grade", "at_least": "fair"}}]
    },
}
FACTS: Mapping[int, Mapping[str, Any]] = {
    0: {"groups": {"area": ["north"]}, "jury_rank": 2},
    1: {"groups": {"area": ["south"]}, "jury_rank": 1, "other_money": 100},
    2: {"jury_rank": 1},
    3: {"other_money": 40},
}
# A median needs grades, and grades are not added up; a decision divides no money.
ALONE = {("grades", name) for name in RULES if "shares" in name or "rest" in name} | {
    ("decision", name) for name in RULES if "shares" in name
}
PAIRS = [
    (form, name)
    for form in FORMATS
    for name in RULES
    if (form, name) not in ALONE and (form == "grades" or name != "the median grade")
]


def election(form: str, name: str, **changes: Any) -> Election:
    fields, votes = FORMATS[form]
    return Election(
        costs=COSTS,
        votes=votes,
        form=FORMAT.validate_python({"type": form, **fields}),
        rule=Rule.model_validate({"envelopes": ONE, "ties": TIES, **RULES[name]}),
        facts=FACTS,
        declared=2,
        **changes,
    )


@pytest.mark.parametrize(("form", "name"), PAIRS)
def test_a_round_of_any_format_and_rule_agrees(tmp_path: Path, form: str, name: str) -> None:
    found = counted(election(form, name).log(), tmp_path)
    assert (found.differences, found.agrees) == ((), True)
    assert dict(found.void) == VOID[form]
    blank = 0 if "electorate" in RULES[name] else found.blank
    assert found.keys == sum(VOID[form].values()) + blank + found.counted


def drawn_election(drawn: Round, **changes: Any) -> Election:
    facts = ("groups", "jury_rank", "other_money", "withdrawn")
    seen = [option.model_dump(mode="json", exclude_none=True) for option in drawn.options]
    return Election(
        costs=[option.cost for option in drawn.options],
        votes=drawn.choices,
        form=drawn.form,
        rule=drawn.rule,
        facts={
            n: {name: option[name] for name in facts if name in option}
            | {"filed": option["filed"] + 1}
            for n, option in enumerate(seen)
        },
        declared=len(drawn.choices) // 2,
        **changes,
    )


SOME = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@SOME
@given(rounds())
def test_any_round_of_the_services_agrees_with_the_auditor(
    tmp_path_factory: pytest.TempPathFactory, drawn: Round
) -> None:
    try:
        log = drawn_election(drawn).log()
    except RuleImpossible:
        assume(False)
        raise
    found = counted(log, tmp_path_factory.mktemp("log"))
    assert (found.differences, found.agrees) == ((), True)


@SOME
@given(rounds(["ask"]), st.randoms(use_true_random=False), st.integers(0, 2))
def test_any_round_that_asks_officers_agrees_whether_they_answer_or_not(
    tmp_path_factory: pytest.TempPathFactory, drawn: Round, random: Any, answered: int
) -> None:
    answers = [lambda options: random.sample(options, len(options))] * answered
    asked = list[Event]()

    def keep(event: Event) -> Event:
        if isinstance(event, TieAsked | TieOrdered):
            asked.append(event)
        return event

    try:
        log = drawn_election(drawn, answers=answers, change=keep).log()
    except RuleImpossible:
        assume(False)
        raise
    found = counted(log, tmp_path_factory.mktemp("log"))
    assert found.differences == ()
    waits = bool(asked) and isinstance(asked[-1], TieAsked)
    assert found.agrees is (None if waits else True)

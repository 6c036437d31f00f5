"""What a count looks at is paid for, so that no rule keeps an auditor for days."""

from typing import Any

import pytest

from ledger_audit.reference import Count, TooMuch, Work
from tests.ledger_audit.reference.rounds import options, plain, rule

VALUES = [f"v{n}" for n in range(40)]
MANY = options(*[1] * 16, area=[VALUES] * 16)
LEAST = {"of": "area", "least": 99}
CHEAP = {"name": "cheap", "within": "all", "amount": 99, "kind": "most"}
WHOLE = {"name": "all", "amount": 100}
GRADES = {"type": "grades", "grades": ["bad", "good"]}


def spent(written: dict[str, Any], form: dict[str, Any], voters: int = 1) -> int:
    """How much a count is charged."""
    asked, of, listed, _ = plain(written, MANY, [], form)
    value: Any = [1, 1] if form["type"] == "grades" else 1
    work = Work()
    before = work.left
    Count(asked, of, listed, [{"choices": [value], "voters": voters}], work).result()
    return before - work.left


BASE: dict[str, Any] = {"below_threshold": "taken", "groups": {"area": VALUES}}
APPROVAL = {"type": "approval", "max": 9}


@pytest.mark.parametrize(
    ("changes", "form"),
    [
        ({"quotas": [LEAST] * 10}, APPROVAL),
        ({"quotas": [{"of": "area", "most": 99}] * 10}, APPROVAL),
        ({"caps": [{"of": "area", "most": 99}] * 10}, APPROVAL),
        ({"envelopes": [WHOLE, *({**CHEAP, "name": f"c{n}"} for n in range(20))]}, APPROVAL),
        ({"thresholds": [{"of": "votes", "votes": 0}] * 50}, APPROVAL),
    ],
    ids=["promises", "quotas", "caps", "envelopes", "thresholds"],
)
def test_each_limit_that_looks_at_winners_costs_more(
    changes: dict[str, Any], form: dict[str, Any]
) -> None:
    assert spent(rule(**BASE, **changes), form) > 2 * spent(rule(**BASE), form)


def test_grades_cost_as_much_as_there_are_voters() -> None:
    graded = rule(order={"type": "median-grade"}, **BASE)
    assert spent(graded, GRADES, 10_000) > 5 * spent(graded, GRADES)


def test_a_rule_of_very_many_promises_ends_the_count() -> None:
    asked, of, listed, _ = plain(rule(**BASE, quotas=[LEAST] * 40), MANY, [], APPROVAL)
    with pytest.raises(TooMuch):
        Count(asked, of, listed, [], Work(100_000)).result()

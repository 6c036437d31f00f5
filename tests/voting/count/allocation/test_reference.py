"""The engine and the auditor's second implementation say the same of any round.

They share no code: one is arrays and floats that filter, the other fractions from the paper.
"""

import os
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from ledger_audit import reference
from shared.events.rules import Ties
from tests.voting.count.allocation.rounds import Round, divided, rounds
from voting.count.allocation.engine import count
from voting.count.allocation.profile import Profile, profile
from voting.count.allocation.result import Tied

MANY = settings(
    max_examples=int(os.environ.get("COMPTOIR_FUZZ", "1000")),
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ],
)


def profiled(drawn: Round) -> Profile:
    """The ballots as the engine has them."""
    rows = [
        [tuple(each) if isinstance(each, list) else (each, 1) for each in choices]
        for choices in drawn.choices
    ]
    kinds = [{k: tuple(v) for k, v in groups.items()} for groups in drawn.groups]
    return profile(
        [[(number - 1, value) for number, value in row] for row in rows],
        len(drawn.options),
        range(len(kinds)),
        kinds or [{}],
    )


def by_engine(drawn: Round) -> dict[str, Any]:
    """What the engine says, in the auditor's words."""
    found = count(drawn.rule, drawn.form, drawn.options, profiled(drawn))
    prizes: Counter[str] = Counter()
    for prize in found.prizes:
        prizes[prize.option] += prize.amount
    return {
        "winners": found.winners,
        "paid": {each.option: each.amount for each in found.options if each.funded},
        "reasons": {each.option: each.reason for each in found.options},
        "money": [(*step.name, dict(step.left)) for step in found.steps],
        "out": dict(found.gone),
        "prizes": {option: cents for option, cents in prizes.items() if cents},
        "void": dict(found.void),
    }


def by_reference(drawn: Round) -> dict[str, Any]:
    """What the auditor says."""
    found = reference.count(*drawn.data())
    return {
        "winners": found.winners,
        "paid": dict(found.paid),
        "reasons": dict(found.reasons),
        "money": [(*names, dict(left)) for *names, left in found.money],
        "out": dict(found.out),
        "prizes": dict(found.prizes),
        "void": dict(Counter(found.void.values())),
    }


@MANY
@given(rounds())
def test_the_engine_and_the_reference_say_the_same_of_any_round(drawn: Round) -> None:
    assert by_engine(drawn) == by_reference(drawn)


@MANY
@given(divided())
def test_they_say_the_same_of_equal_shares_full_of_ties(drawn: Round) -> None:
    assert by_engine(drawn) == by_reference(drawn)


@settings(MANY, max_examples=200)
@given(rounds())
def test_officers_are_asked_where_the_reference_asks_them(drawn: Round) -> None:
    asking = drawn.rule.model_copy(update={"ties": Ties(criteria=("ask",))})
    drawn = replace(drawn, rule=asking)
    try:
        theirs = by_reference(drawn)
    except reference.Suspended:
        with pytest.raises(Tied):
            by_engine(drawn)
    else:
        ours = by_engine(drawn)
        assert ours["paid"] == theirs["paid"]
        assert ours["prizes"] == theirs["prizes"]

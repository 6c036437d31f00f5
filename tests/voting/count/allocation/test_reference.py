"""The engine and the auditor's second implementation say the same of any round.

They share no code: one is arrays and floats that filter, the other fractions from the paper.
"""

import json
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
    return {
        "winners": found.winners,
        "options": {each.option: _said(each) for each in found.options},
        "steps": [(s.name, s.funded, dict(s.left), dict(s.facts)) for s in found.steps],
        "reserve": found.reserve,
        "out": dict(found.gone),
        "prizes": [(p.option, p.place, p.sponsor, p.amount) for p in found.prizes],
        "void": dict(found.void),
        "blank": found.blank,
        "counted": found.counted,
    }


def by_reference(drawn: Round) -> dict[str, Any]:
    """What the auditor says."""
    found = reference.count(*drawn.data())
    return {
        "winners": found.winners,
        "options": {option: _said(each) for option, each in found.decided.items()},
        "steps": [(s.names, s.funded, dict(s.left), dict(s.facts)) for s in found.steps],
        "reserve": found.reserve,
        "out": dict(found.out),
        "prizes": [(p.option, p.place, p.sponsor, p.amount) for p in found.awards],
        "void": dict(found.void),
        "blank": found.blank,
        "counted": found.counted,
    }


def _said(each: Any) -> dict[str, Any]:
    names = ("reason", "amount", "place", "rank", "step", "votes")
    return {name: getattr(each, name) for name in names} | {"facts": dict(each.facts)}


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
def test_identical_ballots_may_be_one_in_the_reference(drawn: Round) -> None:
    rule, form, options, ballots = drawn.data()
    alike = Counter(map(json.dumps, ballots))
    merged = [{**json.loads(ballot), "voters": many} for ballot, many in alike.items()]
    assert reference.count(rule, form, options, merged) == reference.count(*drawn.data())


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
        # What nobody has to be asked about is in the same order as well.
        assert by_engine(drawn) == theirs

"""The engine and the auditor's second implementation say the same of any round.

They share no code: one is arrays and floats that filter, the other fractions from the paper.
"""

import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger_audit import reference
from ledger_audit.reference import questions
from tests.voting.count.allocation.rounds import Round, divided, level, rounds
from voting.count.allocation import asking
from voting.count.allocation.engine import count
from voting.count.allocation.profile import Profile, profile
from voting.count.allocation.result import Tied
from voting.count.allocation.said import merged

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


def by_engine(drawn: Round, said: Sequence[str] = ()) -> dict[str, Any]:
    """What the engine says, in the auditor's words."""
    found = count(drawn.rule, drawn.form, drawn.options, profiled(drawn), said)
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


def by_reference(drawn: Round, said: Sequence[str] = ()) -> dict[str, Any]:
    """What the auditor says."""
    found = reference.count(*drawn.data(), said)
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


@dataclass
class Asked:
    """What officers were asked until the round was decided, and what they said; as one in `whole`.

    The engine and the reference ask the same.
    """

    said: list[list[str]]
    whole: list[str]


def asked(drawn: Round, random: Any) -> Asked:
    """Ask officers who say any order, until nobody asks any more."""
    found, auditor = Asked([], []), reference.Count(*drawn.data())
    while (question := auditor.question(found.whole)) is not None:
        with pytest.raises(Tied) as tied:
            by_engine(drawn, found.whole)
        assert (tied.value.options, tied.value.step) == (question.options, question.step)
        order = random.sample(question.options, len(question.options))
        known = iter(option for option in found.whole if option in question.options)
        order = [next(known) if option in found.whole else option for option in order]
        whole = merged(found.whole, order)
        assert whole == reference.merge(found.whole, order)
        assert len(whole) > len(found.whole), "no question is asked twice"
        found.said.append(order)
        found.whole = whole
    return found


def gets(found: dict[str, Any]) -> Any:
    """Who gets what."""
    return {o: each["amount"] for o, each in found["options"].items() if each["place"]}, sorted(
        found["prizes"]
    )


ASKING = st.one_of(level(), rounds(["ask"]), rounds(["cost", "ask"]))


@settings(MANY, max_examples=500)
@given(ASKING, st.randoms(use_true_random=False))
def test_officers_are_asked_what_the_reference_asks_them(drawn: Round, random: Any) -> None:
    """And nobody loses a tie to another by an order that they did not say."""
    found = asked(drawn, random)
    result = by_engine(drawn, found.whole)
    assert result == by_reference(drawn, found.whole)
    for option, each in result["options"].items():
        if each["facts"].get("criterion") == "ask":
            pair = [each["facts"]["to"], option]
            assert any([o for o in order if o in pair] == pair for order in found.said)


@settings(MANY, max_examples=500)
@given(level(), st.randoms(use_true_random=False))
def test_officers_are_asked_where_some_order_gives_another_result_and_only_there(
    drawn: Round, random: Any
) -> None:
    """By a look at every order of all options, with each thing that officers say at fewer."""
    by_order = {
        order: gets(by_engine(drawn, order))
        for order in permutations(option.id for option in drawn.options)
    }
    auditor, found = reference.Count(*drawn.data()), asked(drawn, random)
    whole = list[str]()
    for order in [*found.said, None]:
        left = [each for o, each in by_order.items() if [i for i in o if i in whole] == whole]
        assert (auditor.question(whole) is not None) == any(each != left[0] for each in left)
        whole = merged(whole, order or [])
    assert gets(by_engine(drawn, whole)) == left[0]


@settings(MANY, max_examples=200)
@given(ASKING, st.randoms(use_true_random=False))
def test_where_there_are_more_orders_than_are_counted_they_ask_the_same(
    drawn: Round, random: Any
) -> None:
    with pytest.MonkeyPatch.context() as few:
        few.setattr(asking, "MOST_ORDERS", 1)
        few.setattr(questions, "ORDERS", 1)
        whole = asked(drawn, random).whole
        assert by_engine(drawn, whole) == by_reference(drawn, whole)

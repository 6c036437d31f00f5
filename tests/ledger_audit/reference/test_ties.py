"""Ties end in a total order, or in a question where the answer matters."""

import hashlib

import pytest

from ledger_audit.reference import Count, Question, Suspended, merge
from tests.ledger_audit.reference.rounds import approving, counted, options, plain, rule

LEVEL = approving(a=2, b=2, c=2)


@pytest.mark.parametrize(
    ("criteria", "winners"),
    [
        (["option"], ("a", "b", "c")),
        (["cost", "option"], ("c", "a", "b")),
        (["dearest", "option"], ("a", "b", "c")),
        (["filed", "option"], ("b", "c", "a")),
    ],
)
def test_criteria_in_turn_tell_level_options_apart(
    criteria: list[str], winners: tuple[str, ...]
) -> None:
    listed = options(20, 20, 10)
    for option, filed in zip(listed, (3, 1, 2), strict=True):
        option["filed"] = filed
    assert counted(rule(100, ties={"criteria": criteria}), listed, LEVEL).winners == winners


def test_ids_are_compared_as_text() -> None:
    listed = [{"id": id, "number": n, "cost": 10} for n, id in enumerate(("9", "10", "2"), 1)]
    found = counted(rule(100), listed, [[1], [2], [3]])
    assert found.winners == ("10", "2", "9")


def test_more_supporters_with_the_same_points_come_first() -> None:
    form = {"type": "cumulative", "total": 4, "most_each": 4}
    ballots = [[[1, 4]], [[2, 2]], [[2, 2]]]
    by_supporters = rule(100, ties={"criteria": ["supporters", "option"]})
    assert counted(by_supporters, options(10, 10), ballots, form).winners == ("b", "a")


def test_a_public_lot_is_the_hash_of_seed_and_option() -> None:
    seed = "00ff" * 8
    drawn = sorted("abc", key=lambda o: hashlib.sha256(bytes.fromhex(seed) + o.encode()).digest())
    lot = rule(100, ties={"criteria": ["lot"], "seed": seed})
    assert counted(lot, options(10, 10, 10), LEVEL).winners == tuple(drawn)


ASK = {"criteria": ["cost", "ask"]}


def test_officers_are_asked_only_where_it_matters() -> None:
    assert sorted(counted(rule(30, ties=ASK), options(10, 10, 10), LEVEL).winners) == list("abc")
    none_fits = counted(rule(9, ties=ASK), options(10, 10, 10), LEVEL)
    assert none_fits.winners == ()
    told_apart = counted(rule(20, ties=ASK), options(10, 11, 12), LEVEL)
    assert told_apart.winners == ("a",)


def test_a_count_is_suspended_until_officers_say_the_order() -> None:
    with pytest.raises(Suspended) as suspended:
        counted(rule(20, ties=ASK), options(10, 10, 10), LEVEL)
    assert suspended.value.question.options == ("a", "b", "c")
    assert counted(rule(20, ties=ASK), options(10, 10, 10), LEVEL, said="cab").winners == ("c", "a")


def test_an_order_that_matters_only_for_a_prize_is_asked_for() -> None:
    prizes = {"prizes": [{"place": 1, "sponsor": "the bank", "amount": 5}]}
    with pytest.raises(Suspended):
        counted(rule(30, ties=ASK, prizes=prizes), options(10, 10, 10), LEVEL)


def test_a_tie_that_only_another_order_leads_to_is_asked_for_as_well() -> None:
    """Whether b and c are ever level depends on who of a and b is first under equal shares."""
    order = {"type": "equal-shares"}
    ballots = [[1, 2], [1, 2], [3, 2], [3]]
    with pytest.raises(Suspended):
        counted(rule(40, order, ties=ASK), options(20, 20, 20), ballots)


def test_so_many_level_options_that_nobody_tries_their_orders_are_asked_about() -> None:
    """Money is left for half of twelve: half a milliard of orders."""
    listed = options(*[10] * 12)
    with pytest.raises(Suspended) as suspended:
        counted(rule(60, ties=ASK), listed, [[n] for n in range(1, 13)])
    assert len(suspended.value.question.options) == 12


def test_many_ties_that_change_nothing_are_no_question() -> None:
    """Four pairs: two that all win, one of which neither fits, one behind them."""
    votes = approving(a=5, b=5, c=4, d=4, e=3, f=3, g=2, h=2)
    found = counted(rule(60, ties=ASK), options(10, 10, 10, 10, 90, 90, 10, 10), votes)
    assert sorted(found.winners) == [*"abcdgh"]


def test_a_question_is_asked_in_the_step_that_it_decides() -> None:
    """Nothing is left in the first step, whatever the order; one of three wins in the second."""
    tree = [{"name": "all", "amount": 20}, {"name": "none", "within": "all", "amount": 0}]
    passes = [
        {"name": "first", "envelopes": ["none"], "order": {"type": "votes"}},
        {"name": "then", "envelopes": ["all"], "order": {"type": "votes"}},
    ]
    passes[0]["misfit"] = {"policy": "stop"}
    written = rule(ties=ASK, envelopes=tree) | {"passes": passes}
    asked = Count(*plain(written, options(10, 10, 10), LEVEL)).question()
    assert asked == Question(("a", "b", "c"), ("then", "all"))


def test_what_was_said_is_asked_again_only_with_something_new() -> None:
    asked = Count(*plain(rule(20, ties=ASK), options(10, 10, 10), LEVEL))
    assert asked.question("cab") is None
    assert asked.question("a") == Question(("a", "b", "c"), ("all", "all"))


@pytest.mark.parametrize(
    ("said", "order", "whole"),
    [
        ("", "ba", "ba"),
        ("ba", "dc", "badc"),
        ("abc", "bdc", "abdc"),
        ("abc", "debfgc", "adebfgc"),
        ("abc", "cd", "abcd"),
    ],
)
def test_orders_become_one_that_keeps_to_each(said: str, order: str, whole: str) -> None:
    assert "".join(merge(said, order)) == whole

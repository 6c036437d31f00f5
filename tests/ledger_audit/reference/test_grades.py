"""Majority judgement, by what is known of it and by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_audit.reference.grades import medians
from tests.ledger_audit.reference.rounds import counted, options, rule

GRADES = ["reject", "poor", "acceptable", "good", "very-good", "excellent"]
FORM = {"type": "grades", "grades": GRADES}


def gauge(grades: list[int]) -> tuple[int, bool, int]:
    """The median, and the larger of those who grade strictly above and strictly below it.

    Of those two shares majority judgement considers the largest (Fabre, Tie-breaking the highest
    median, Social Choice and Welfare 2021, abstract): more above is better, more below is worse.
    """
    median = sorted(grades)[(len(grades) - 1) // 2]
    above, below = sum(g > median for g in grades), sum(g < median for g in grades)
    return (median, True, above) if above > below else (median, False, -below)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=9))
def test_the_larger_side_of_the_median_decides(ballots: list[tuple[int, int]]) -> None:
    one, other = ([ballot[place] for ballot in ballots] for place in (0, 1))
    if gauge(one) != gauge(other):
        assert (medians(one) > medians(other)) == (gauge(one) > gauge(other))


def test_of_two_middles_the_lower_one_is_the_median() -> None:
    assert medians([5, 0]) == [0, 5]
    assert medians([1, 2, 3, 4]) == [2, 3, 1, 4]


@given(st.lists(st.integers(0, 5), max_size=9))
def test_every_grade_is_taken_once(grades: list[int]) -> None:
    assert sorted(medians(grades)) == sorted(grades)
    if grades:
        below = sum(grade < medians(grades)[0] for grade in grades)
        above = sum(grade > medians(grades)[0] for grade in grades)
        assert below < len(grades) / 2 or len(grades) == 1
        assert above <= len(grades) / 2


ORDER = {"type": "median-grade"}


def test_the_better_median_wins_though_the_other_has_the_best_grades() -> None:
    ballots = [[[1, 5], [2, 3]], [[1, 2], [2, 3]], [[1, 2], [2, 3]]]
    assert counted(rule(10, ORDER), options(10, 10), ballots, FORM).winners == ("b",)


def test_who_is_not_graded_has_the_worst_grade() -> None:
    ballots = [[[1, 5]], [[1, 5], [2, 3]], [[2, 3]], [[2, 3]]]
    assert counted(rule(10, ORDER), options(10, 10), ballots, FORM).winners == ("b",)


@pytest.mark.parametrize(("at_least", "winners"), [("good", ("b",)), ("acceptable", ("b", "a"))])
def test_a_median_below_the_least_is_below_the_threshold(
    at_least: str, winners: tuple[str, ...]
) -> None:
    ballots = [[[1, 5], [2, 3]], [[1, 2], [2, 3]], [[1, 2], [2, 3]]]
    order = {**ORDER, "at_least": at_least}
    found = counted(rule(20, order), options(10, 10), ballots, FORM)
    assert found.winners == winners
    assert found.reasons["a"] == ("funded" if "a" in winners else "below_threshold")


def test_the_same_grades_throughout_are_a_tie() -> None:
    ballots = [[[1, 5], [2, 3]], [[1, 3], [2, 5]]]
    cheaper = rule(10, ORDER, ties={"criteria": ["cost", "option"]})
    assert counted(cheaper, options(10, 9), ballots, FORM).winners == ("b",)

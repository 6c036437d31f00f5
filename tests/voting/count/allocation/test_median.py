"""Majority judgement against its definition: take a median out, look again."""

from itertools import combinations_with_replacement

from hypothesis import given
from hypothesis import strategies as st

from ledger_audit.reference.grades import medians, outwards
from voting.count.allocation.median import best_first, compare, median


def taken_out(grades: tuple[int, ...]) -> list[int]:
    """The medians of a list of ballots, each taken out before the next is read."""
    ballots = sorted(grade for grade, many in enumerate(grades) for _ in range(many))
    return [ballots.pop((len(ballots) - 1) // 2) for _ in range(len(ballots))]


def of(ballots: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(ballots.count(grade) for grade in range(4))


def test_every_pair_of_results_of_up_to_seven_ballots_compares_as_defined() -> None:
    for size in range(1, 8):
        drawn = [of(ballots) for ballots in combinations_with_replacement(range(4), size)]
        for one in drawn:
            assert median(one) == taken_out(one)[0]
            for other in drawn:
                better = (taken_out(one) > taken_out(other)) - (taken_out(one) < taken_out(other))
                found = compare(one, other)
                assert (found > 0) - (found < 0) == better, (one, other)


@given(
    st.integers(1, 60).flatmap(
        lambda size: st.lists(
            st.lists(st.integers(0, 4), min_size=size, max_size=size), min_size=1, max_size=6
        )
    )
)
def test_options_are_placed_best_first_and_level_ones_alike(drawn: list[list[int]]) -> None:
    graded = [tuple(ballots.count(grade) for grade in range(5)) for ballots in drawn]
    places = best_first(graded)
    for one, place in zip(graded, places, strict=True):
        assert place == sum(taken_out(other) > taken_out(one) for other in graded)


@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=9), min_size=1, max_size=6))
def test_recused_members_leave_options_that_the_auditor_orders_alike(
    drawn: list[list[int]],
) -> None:
    graded = [tuple(ballots.count(grade) for grade in range(4)) for ballots in drawn]
    places = best_first(graded)
    theirs = outwards({str(n): ballots for n, ballots in enumerate(drawn)})
    for n, place in enumerate(places):
        assert place == sum(theirs[other] > theirs[str(n)] for other in theirs)


@given(st.integers(1, 12).flatmap(lambda size: st.lists(st.tuples(*[st.integers(0, 3)] * size))))
def test_where_nobody_is_recused_the_auditor_orders_as_ever(drawn: list[tuple[int, ...]]) -> None:
    theirs = outwards({str(n): ballots for n, ballots in enumerate(drawn)})
    for n, one in enumerate(drawn):
        for m, other in enumerate(drawn):
            better = medians(one) > medians(other)
            assert (theirs[str(n)] > theirs[str(m)]) == better


def test_a_million_ballots_are_compared_at_once() -> None:
    assert compare((10**6, 10**6 + 1, 3), (10**6, 10**6, 4)) < 0

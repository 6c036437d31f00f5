"""The method of equal shares: published examples, and cases worked out by hand."""

from fractions import Fraction
from typing import Any

import pytest

from ledger_audit.reference.equal_shares import price
from tests.ledger_audit.reference.rounds import counted, options, rule


def equal_shares(**settings: Any) -> dict[str, Any]:
    return {"type": "equal-shares", **settings}


def test_rich_payers_pay_what_the_poor_cannot() -> None:
    """Two voters have 2 and 10: for a cost of 10 the first pays all, the second the other 8."""
    assert price([(Fraction(2), 1), (Fraction(10), 1)], 10) == 8
    assert price([(Fraction(2), 1), (Fraction(7), 1)], 10) is None
    assert price([(Fraction(5), 1), (Fraction(5), 1)], 10) == 5
    assert price([(Fraction(9), 2), (Fraction(9), 1)], 9) == 3
    assert price([], 1) is None


def test_the_majority_of_51_percent_does_not_take_it_all() -> None:
    """The example by which the method is explained: 51 of 100 voters approve ten projects, 49 ten
    others, and there is money for ten. The shares pay for five and four; with completion for five
    and five."""
    form = {"type": "approval", "max": 20}
    red, blue = [*range(1, 9)], [*range(9, 17)]
    listed = options(*[100] * 16)
    ballots = [red] * 51 + [blue] * 49
    found = counted(rule(1000, equal_shares()), listed, ballots, form)
    assert sorted(found.winners) == [*"abcde", *"ijkl"]
    completed = equal_shares(completion={"share": "1/100", "stop": "overspend"})
    found = counted(rule(1000, completed), listed, ballots, form)
    assert sorted(found.winners) == [*"abcde", *"ijklm"]
    greedy = counted(rule(1000), listed, ballots, form)
    assert sorted(greedy.winners) == [*"abcdefgh", *"ij"]


def test_with_cardinality_the_cheaper_for_each_vote_wins_first() -> None:
    """Four voters have 25 each; a costs 80 with 4 votes, b 30 with 2. By cost a is bought first (a
    voter pays least of her share for a euro's worth), by cardinality b, and a no more after it."""
    ballots = [[1, 2], [1, 2], [1], [1]]
    listed = options(80, 30)
    assert counted(rule(100, equal_shares()), listed, ballots).winners == ("a",)
    cardinality = equal_shares(utility="cardinality")
    found = counted(rule(100, cardinality), listed, ballots)
    assert found.winners == ("b",)
    assert found.reasons == {"a": "unaffordable", "b": "funded"}


def test_points_are_utility_and_what_is_below_zero_counts_as_nothing() -> None:
    """The share is 50. With 3 points of 4 the first voter pays 3/4 of the cost as long as she can:
    a costs 60, she pays 45 and the second 15; the third, who opposes it, nothing."""
    form = {"type": "score", "low": -1, "high": 3}
    ballots = [[[1, 3], [2, 1]], [[1, 1], [2, 3]], [[1, -1], [3, 1]]]
    found = counted(rule(150, equal_shares()), options(60, 41, 50), ballots, form)
    # Left are 5 and 35: not enough for b, which costs 41; c is paid by the third alone.
    assert found.winners == ("a", "c")
    found = counted(rule(150, equal_shares()), options(60, 40, 50), ballots, form)
    assert sorted(found.winners) == ["a", "b", "c"]


def test_who_could_be_had_at_the_winners_price_and_then_not_paid_has_lost_a_tie() -> None:
    ballots = [[1, 2], [1, 2], [3], [3], [3]]
    order = equal_shares(utility="cardinality")
    found = counted(rule(20, order), options(8, 8, 13), ballots)
    assert found.reasons == {"a": "funded", "b": "lost_tie", "c": "unaffordable"}
    dearer = counted(rule(20, order), options(7, 8, 13), ballots)
    assert dearer.reasons == {"a": "funded", "b": "unaffordable", "c": "unaffordable"}
    # What greedy funds instead has won against nobody's price.
    instead = equal_shares(utility="cardinality", comparison={"by": "projects"})
    found = counted(rule(20, instead), options(8, 8, 13), ballots)
    assert found.reasons == {"a": "outvoted", "b": "unaffordable", "c": "funded"}


def test_blank_ballots_have_a_share_where_they_count() -> None:
    ballots = [[1], [1], []]
    assert counted(rule(90, equal_shares()), options(90), ballots).winners == ("a",)
    blank = rule(90, equal_shares(), electorate={"blank": "counted"})
    assert counted(blank, options(90), ballots).winners == ()


def test_a_share_in_whole_units_is_rounded_down() -> None:
    ballots = [[1], [1], [2]]
    assert counted(rule(110, equal_shares()), options(73, 1), ballots).winners == ("a", "b")
    whole = rule(110, equal_shares(unit=10))
    assert counted(whole, options(73, 1), ballots).winners == ("b",)


STOPS = [("exhaustive", ("c",)), ("overspend", ("a",))]


@pytest.mark.parametrize(("stop", "winners"), STOPS)
def test_the_two_stops_of_a_completion_differ(stop: str, winners: tuple[str, ...]) -> None:
    """15 for four voters: at 3.75 the first two pay for c; 8 are left, and nothing costs so little.

    Whoever goes on comes to 5.75: a and c are level, a is first and nobody can pay for c. At 6.75
    both are paid, which is too much; so a alone.
    """
    order = equal_shares(completion={"cents": 1, "stop": stop})
    ballots = [[3], [1, 3], [2], [1]]
    assert counted(rule(15, order), options(11, 11, 7), ballots).winners == winners


def test_a_completion_ends_when_all_that_is_supported_is_funded() -> None:
    order = equal_shares(completion={"share": "1/10", "stop": "overspend"})
    assert counted(rule(100, order), options(10, 10, 10), [[1], [2]]).winners == ("a", "b")


def test_a_completion_ends_though_a_cap_keeps_the_last_option_out() -> None:
    order = equal_shares(completion={"cents": 1, "stop": "overspend"})
    capped = rule(100, order, caps=[{"of": "carrier"}], groups={"carrier": []})
    listed = options(10, 10, carrier=["x", "x"])
    assert counted(capped, listed, [[1, 2]]).winners == ("a",)


TOP_UPS = [(None, ("a",)), ("votes", ("a", "b")), ("votes-per-cost", ("a", "c"))]


@pytest.mark.parametrize(("by", "winners"), TOP_UPS)
def test_what_is_left_tops_up_what_shares_could_not_pay(
    by: str | None, winners: tuple[str, ...]
) -> None:
    """22 for four: a takes 3.67 of three of them. b lacks 1.67, c 1.33; both have two votes."""
    ballots = [[2], [1, 2], [1, 3], [1, 3]]
    order = equal_shares(**{"top_up": by} if by else {})
    assert counted(rule(22, order), options(11, 9, 5), ballots).winners == winners


def test_greedy_counts_where_more_voters_prefer_it() -> None:
    """a has three votes of five and costs everything; shares pay for b alone."""
    listed, ballots = options(100, 20), [[1], [1], [1], [2], [2]]
    assert counted(rule(100, equal_shares()), listed, ballots).winners == ("b",)
    for by in ("projects", "money", "excluded"):
        compared = rule(100, equal_shares(comparison={"by": by}))
        assert counted(compared, listed, ballots).winners == ("a",), by
        level = [[1], [1], [2], [2]]
        assert counted(compared, listed, level).winners == ("b",), by


MEASURES = [
    # Shares fund a and c, greedy a and b: as many projects of the first voter, dearer ones.
    (10, (4, 5, 2), [[1, 2, 3], [1]], {"projects": "ac", "money": "ab", "excluded": "ac"}),
    # Shares leave the third voter without any; greedy does not, and is dearer for the second.
    (9, (4, 5, 2), [[1, 3], [1, 2, 3], [2]], {"projects": "ac", "money": "ab", "excluded": "ab"}),
]


@pytest.mark.parametrize(("budget", "costs", "ballots", "winners"), MEASURES)
def test_projects_money_and_exclusion_are_three_measures(
    budget: int, costs: tuple[int, ...], ballots: list[list[int]], winners: dict[str, str]
) -> None:
    for by, expected in winners.items():
        compared = rule(budget, equal_shares(comparison={"by": by}))
        assert "".join(counted(compared, options(*costs), ballots).winners) == expected, by


def test_a_cap_and_a_quota_are_passed_over_while_others_win() -> None:
    listed = options(30, 30, 30, carrier=["x", "x", "y"])
    ballots = [[1, 2, 3]] * 3
    capped = rule(90, equal_shares(), caps=[{"of": "carrier"}], groups={"carrier": []})
    found = counted(capped, listed, ballots)
    assert (found.winners, found.reasons["b"]) == (("a", "c"), "exclusive")


@pytest.mark.parametrize("blank", ["counted", "set-aside"])
def test_nobody_voted_nothing_is_funded(blank: str) -> None:
    nothing = rule(90, equal_shares(top_up="votes"), electorate={"blank": blank})
    assert counted(nothing, options(30), [[]]).winners == ()

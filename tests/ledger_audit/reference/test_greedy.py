"""Orders that look at one option after the other: cases counted by hand."""

from typing import Any

import pytest

from tests.ledger_audit.reference.rounds import approving, counted, options, rule

SIX_FOUR_TWO = approving(a=6, b=4, c=2)


def test_the_most_voted_is_funded_and_what_no_longer_fits_is_skipped() -> None:
    found = counted(rule(100), options(70, 40, 30), SIX_FOUR_TWO)
    assert found.winners == ("a", "c")
    assert found.reasons == {"a": "funded", "b": "does_not_fit", "c": "funded"}
    assert found.money == (("all", "all", {"all": 0}),)


def test_what_does_not_fit_behind_its_equal_has_lost_a_tie() -> None:
    found = counted(rule(20), options(10, 15, 11), approving(a=2, b=2, c=2))
    assert found.reasons == {"a": "funded", "b": "lost_tie", "c": "lost_tie"}
    # There was never enough for b, whoever came first; and c came first for its canton.
    cantons = {"canton": ["", "", "south"]}
    promised = rule(12, groups={"canton": []}, quotas=[{"of": "canton", "least": 1}])
    found = counted(promised, options(10, 15, 11, **cantons), approving(a=2, b=2, c=2))
    assert found.reasons == {"a": "does_not_fit", "b": "does_not_fit", "c": "funded"}


def test_no_votes_no_money_unless_the_pass_takes_them() -> None:
    found = counted(rule(100), options(10, 10), approving(a=1))
    assert (found.winners, found.reasons["b"]) == (("a",), "no_votes")
    assert counted(rule(100, below_threshold="taken"), options(10, 10), approving(a=1)).winners == (
        "a",
        "b",
    )


@pytest.mark.parametrize(
    ("threshold", "winners"),
    [
        ({"votes": 4}, ("a", "b")),
        ({"share": "1/3"}, ("a", "b")),
        ({"share": "34/100"}, ("a",)),
        # b needs 4 votes for 40 cents at 10 a euro, c 3 for 30, and has 2.
        ({"per_euro": "10"}, ("a", "b")),
    ],
)
def test_a_threshold_is_reached_exactly(threshold: dict[str, Any], winners: Any) -> None:
    found = counted(rule(100, thresholds=[threshold]), options(10, 40, 30), SIX_FOUR_TWO)
    assert found.winners == winners
    assert found.reasons["c"] == "below_threshold"


def test_supporters_are_ballots_and_votes_are_points() -> None:
    form = {"type": "cumulative", "total": 9, "most_each": 9}
    ballots = [[[1, 9]], [[2, 2]], [[2, 2]]]
    by_votes = rule(10, thresholds=[{"votes": 5}])
    assert counted(by_votes, options(10, 10), ballots, form).winners == ("a",)
    by_supporters = rule(10, thresholds=[{"of": "supporters", "votes": 2}])
    assert counted(by_supporters, options(10, 10), ballots, form).winners == ("b",)


def test_a_share_of_voters_counts_blank_ballots_where_they_count() -> None:
    ballots = [*approving(a=2), [], [], []]
    half = [{"share": "1/2"}]
    assert counted(rule(10, thresholds=half), options(10), ballots).winners == ("a",)
    blank = rule(10, thresholds=half, electorate={"blank": "counted"})
    assert counted(blank, options(10), ballots).winners == ()


def test_votes_per_cost_puts_the_free_before_the_cheap() -> None:
    listed = options(60, 20, 50)
    listed[2]["other_money"] = 50
    order = {"type": "votes-per-cost"}
    found = counted(rule(100, order, grants=[{}]), listed, SIX_FOUR_TWO)
    assert found.winners == ("c", "b", "a")  # nothing; 4 for 20; 6 for 60
    assert found.paid == {"c": 0, "b": 20, "a": 60}


def test_a_jury_s_ranks_decide_and_who_has_none_is_out() -> None:
    listed = options(10, 10, 10)
    listed[0]["jury_rank"], listed[1]["jury_rank"] = 2, 1
    found = counted(rule(100, {"type": "jury-rank"}), listed, SIX_FOUR_TWO)
    assert (found.winners, found.reasons["c"]) == (("b", "a"), "not_ranked")


MISFITS = [
    ({"policy": "skip"}, ("a", "c"), {"b": "does_not_fit"}, 90),
    ({"policy": "stop"}, ("a",), {"b": "does_not_fit", "c": "after_stop"}, 60),
    # 40 is left of 50: four fifths.
    ({"policy": "fund-next", "at_least": "4/5"}, ("a", "b"), {"c": "after_stop"}, 110),
    ({"policy": "part-fund", "at_least": "4/5"}, ("a", "b"), {"b": "part_funded"}, 100),
    ({"policy": "fund-next", "at_least": "81/100"}, ("a", "c"), {"b": "does_not_fit"}, 90),
    (
        {"policy": "part-fund", "at_least": "1", "otherwise": "stop"},
        ("a",),
        {"c": "after_stop"},
        60,
    ),
]


@pytest.mark.parametrize(("misfit", "winners", "reasons", "spent"), MISFITS)
def test_what_does_not_fit_is_treated_as_the_pass_says(
    misfit: dict[str, Any], winners: Any, reasons: dict[str, str], spent: int
) -> None:
    found = counted(rule(100, misfit=misfit), options(60, 50, 30), SIX_FOUR_TWO)
    assert found.winners == winners
    assert found.reasons.items() >= reasons.items()
    assert found.money == (("all", "all", {"all": 100 - spent}),)
    if "b" in winners:
        assert found.paid["b"] == (50 if found.reasons["b"] == "funded" else 40)


def test_a_group_that_is_promised_a_winner_comes_first() -> None:
    listed = options(40, 40, 40, canton=["north", "north", "south"])
    least = rule(80, quotas=[{"of": "canton", "least": 1}], groups={"canton": []})
    assert counted(least, listed, SIX_FOUR_TWO).winners == ("a", "c")


def test_a_group_that_has_its_winners_is_passed_over() -> None:
    listed = options(40, 40, 20, 20, canton=["north", "north", "south", None])
    most = rule(200, quotas=[{"of": "canton", "most": 1}], groups={"canton": []})
    found = counted(most, listed, approving(a=6, b=4, c=2, d=1))
    assert (found.winners, found.reasons["b"]) == (("a", "c", "d"), "quota")
    required = rule(
        200, quotas=[{"of": "canton", "most": 1, "required": True}], groups={"canton": []}
    )
    found = counted(required, listed, approving(a=6, b=4, c=2, d=1))
    assert (found.winners, found.reasons["d"]) == (("a", "c"), "quota")


def test_caps_hold_over_groups_that_an_option_may_have_several_of() -> None:
    listed = options(10, 10, 10, conflict=[["x"], ["x", "y"], ["y"]])
    found = counted(
        rule(100, caps=[{"of": "conflict"}], groups={"conflict": []}), listed, SIX_FOUR_TWO
    )
    assert found.winners == ("a", "c")
    assert found.reasons["b"] == "exclusive"


def test_winners_are_limited_in_each_step_and_in_all() -> None:
    assert (
        counted(rule(100, most=2), options(10, 10, 10), SIX_FOUR_TWO).reasons["c"] == "after_stop"
    )
    found = counted(rule(100, most_winners=1), options(10, 10, 10), SIX_FOUR_TWO)
    assert (found.winners, found.reasons["b"]) == (("a",), "most_winners")


def test_a_decision_needs_its_quorum_and_its_majority() -> None:
    form = {"type": "decision", "members": 5}
    answers = [
        [[1, 1], [2, 1], [3, 1], [4, 0]],
        [[1, 1], [2, 1], [3, 2], [4, 0]],
        [[1, 2], [2, 3], [4, 1]],
    ]
    found = counted(rule(100), options(10, 10, 10, 10), answers, form)
    # 2 yes of 3; 2 yes of 2, 4 may vote; 1 of 2, and 2 answers of 5; 1 yes, nobody against.
    assert found.reasons == {"a": "funded", "b": "funded", "c": "no_quorum", "d": "funded"}
    counting_all = {**form, "abstentions": "counted"}
    found = counted(rule(100), options(10, 10, 10, 10), answers, counting_all)
    assert found.reasons["d"] == "rejected"
    tie = [[[1, 1]], [[1, 1]], [[1, 2]], [[1, 2]]]
    assert counted(rule(100), options(10), tie, form).reasons == {"a": "rejected"}

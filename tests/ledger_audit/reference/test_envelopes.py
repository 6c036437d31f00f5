"""The tree of envelopes, step by step: by hand."""

from typing import Any

import pytest

from tests.ledger_audit.reference.rounds import approving, counted, options, rule

VOTES = approving(a=6, b=5, c=4, d=3)


def tree(*inner: dict[str, Any], amount: int = 100, **root: Any) -> list[dict[str, Any]]:
    return [{"name": "all", "amount": amount, **root}, *({"within": "all", **e} for e in inner)]


def of(*territories: str) -> dict[str, Any]:
    return {"groups": {"territory": list(territories)}}


NORTH = {"name": "north", "amount": 30, "options": of("north")}
SOUTH = {"name": "south", "amount": 40, "options": of("south")}
GROUPS: dict[str, list[str]] = {"territory": []}
HERE = ["south", "south", "north", "north"]


def test_children_come_before_their_parent_and_what_they_leave_is_its() -> None:
    envelopes = rule(envelopes=tree(NORTH, SOUTH), groups=GROUPS)
    found = counted(envelopes, options(25, 20, 25, 20, territory=HERE), VOTES)
    assert found.winners == ("c", "a", "b", "d")
    assert found.money == (
        ("all", "north", {"all": 35, "north": 0, "south": 40}),  # 30 of its own, 5 left
        ("all", "south", {"all": 50, "north": 0, "south": 0}),
        ("all", "all", {"all": 10, "north": 0, "south": 0}),
    )


@pytest.mark.parametrize(
    ("remainder", "after", "out"),
    [
        ("parent", {"all": 35, "north": 0, "south": 40}, {}),
        ("next", {"all": 30, "north": 0, "south": 45}, {}),
        ("next-year", {"all": 30, "north": 0, "south": 40}, {"north": 5}),
        ("nowhere", {"all": 30, "north": 0, "south": 40}, {"north": 5}),
    ],
)
def test_a_remainder_goes_where_the_envelope_says(
    remainder: str, after: dict[str, int], out: dict[str, int]
) -> None:
    envelopes = tree({**NORTH, "remainder": remainder}, SOUTH)
    found = counted(
        rule(envelopes=envelopes, groups=GROUPS), options(25, 20, 25, 20, territory=HERE), VOTES
    )
    assert found.money[0] == ("all", "north", after)
    assert found.out == out


def test_where_no_sibling_has_a_step_to_come_the_remainder_is_the_parents() -> None:
    envelopes = tree(SOUTH, {**NORTH, "remainder": "next"})
    found = counted(
        rule(envelopes=envelopes, groups=GROUPS), options(25, 20, 25, 20, territory=HERE), VOTES
    )
    assert found.money[1][2] == {"all": 30 + 15 + 5, "north": 0, "south": 0}


def test_money_waits_for_a_later_pass_over_the_same_envelope() -> None:
    written = rule(envelopes=tree(NORTH), groups=GROUPS)
    written["passes"] = [
        {"name": "first", "order": {"type": "votes"}, "envelopes": ["north"], "most": 1},
        {"name": "then", "order": {"type": "votes"}, "envelopes": ["north", "all"]},
    ]
    found = counted(written, options(50, 10, 10, 10, territory=HERE), VOTES)
    assert [left["north"] for _, _, left in found.money] == [20, 0, 0]
    assert found.winners == ("c", "d", "a", "b")
    assert [left["all"] for _, _, left in found.money] == [70, 80, 20]


def test_what_reaches_a_parent_whose_steps_are_over_goes_on_upwards() -> None:
    envelopes = [
        *tree({"name": "city", "amount": 60, "remainder": "nowhere"}),
        {**NORTH, "within": "city"},
    ]
    written = rule(envelopes=envelopes, groups=GROUPS, passes=[])
    written["passes"] = [
        {"name": "p", "order": {"type": "votes"}, "envelopes": ["city", "north", "all"]}
    ]
    found = counted(written, options(30, 20, 25, 20, territory=HERE), VOTES)
    # a costs the city's 30; c 25 of the north's 30, the 5 are the city's, whose steps are over.
    assert found.out == {"city": 5}


def test_an_envelope_with_a_most_spends_its_parents_money_and_limits_every_step() -> None:
    most = {"name": "south", "amount": 40, "kind": "most", "options": of("south")}
    listed = options(30, 20, 30, 30, territory=HERE)
    found = counted(rule(envelopes=tree(most), groups=GROUPS), listed, VOTES)
    assert (found.winners, found.reasons["b"]) == (("a", "c", "d"), "limit")
    assert found.money[0] == ("all", "south", {"all": 70, "south": 10})
    general = rule(envelopes=tree(most), groups=GROUPS, envelopes_=None)
    del general["passes"][0]["envelopes_"]
    general["passes"][0]["envelopes"] = ["all"]
    found = counted(general, listed, VOTES)
    assert (found.winners, found.reasons["b"]) == (("a", "c", "d"), "limit")


def test_equal_shares_divide_no_more_than_an_envelope_with_a_most_allows() -> None:
    most = {"name": "south", "amount": 40, "kind": "most", "options": of("south")}
    written = rule(0, {"type": "equal-shares"}, groups=GROUPS)
    written["envelopes"] = tree(most)
    written["passes"][0]["envelopes"] = ["south"]
    written["passes"].append({"name": "rest", "order": {"type": "votes"}, "envelopes": ["all"]})
    found = counted(written, options(20, 20, 10, 10, territory=HERE), [[1], [1], [2], [2]])
    assert found.winners == ("a", "b")
    found = counted(written, options(22, 19, 10, 10, territory=HERE), [[1], [1], [2], [2]])
    assert found.winners == ("b",)
    assert found.reasons["a"] == "limit"


def test_an_overshoot_is_used_up_once_and_leaves_nothing() -> None:
    written = rule(envelopes=tree(amount=50, overshoot=10, remainder="nowhere"))
    found = counted(written, options(30, 25, 20, 5), VOTES)
    assert found.winners == ("a", "b", "d")
    assert found.money == (("all", "all", {"all": -10}),)
    assert found.out == {}


def test_equal_shares_never_overshoot() -> None:
    written = rule(0, {"type": "equal-shares", "top_up": "votes"})
    written["envelopes"] = tree(amount=50, overshoot=10)
    assert counted(written, options(51), [[1]]).winners == ()


def test_only_the_voters_whom_an_envelope_admits_decide_it() -> None:
    voters = {"voters": {"groups": {"territory": ["north"]}}}
    envelopes = tree({**NORTH, **voters}, amount=35)
    listed = options(10, 10, 20, 20, territory=["south", "south", "north", "north"])
    ballots = [[3], [3], [4]]
    groups = [{"territory": [t]} for t in ("south", "south", "north")]
    written = rule(envelopes=envelopes, groups=GROUPS)
    assert counted(written, listed, ballots, groups=groups).winners == ("d",)
    assert counted(written, listed, ballots, groups=groups).reasons["c"] == "does_not_fit"


def test_an_option_that_no_step_admits_is_told_so() -> None:
    written = rule(envelopes=tree(amount=40, options=of("north")), groups=GROUPS)
    found = counted(written, options(10, 10, 20, 20, territory=HERE), VOTES)
    assert found.reasons["a"] == "not_admitted"

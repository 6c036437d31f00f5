"""What winners are paid, and what sponsors give beside: by hand."""

from typing import Any

import pytest

from ledger_audit.reference.grants import amount
from shared.events.rules import Grant, Option
from tests.ledger_audit.reference.rounds import approving, counted, options, rule


def granted(option: dict[str, Any], *grants: dict[str, Any]) -> int | str:
    return amount(
        Option.model_validate({"id": "a", "number": 1, **option}).model_dump(exclude_none=True),
        [Grant.model_validate(grant).model_dump(exclude_none=True) for grant in grants],
    )


@pytest.mark.parametrize(
    ("option", "grants", "paid"),
    [
        ({"cost": 1001}, [], 1001),
        ({"cost": 1001, "other_money": 500}, [], 1001),
        ({"cost": 1001}, [{"percent": 50}], 500),
        ({"cost": 1001}, [{"percent": 80, "ceiling": 700}], 700),
        ({"cost": 1000, "other_money": 400}, [{"percent": 80}], 600),
        ({"cost": 1000, "other_money": 1200}, [{"percent": 80}], 0),
        ({"cost": 1000}, [{"fixed": 300}], 300),
        ({"cost": 200}, [{"fixed": 300}], 200),
        ({"cost": 1000}, [{"percent": 10, "floor": 100}], 100),
        ({"cost": 999}, [{"percent": 10, "floor": 100}], "below_floor"),
        ({"cost": 1000, "other_money": 200}, [{"cofinanced": 20}], 800),
        ({"cost": 1000, "other_money": 199}, [{"cofinanced": 20}], "not_cofinanced"),
        ({"cost": 1000, "withdrawn": "no permit"}, [], "withdrawn"),
        # The first that admits it counts, not the best.
        ({"cost": 1000}, [{"options": {"cost_from": 1001}}, {"fixed": 1}, {"fixed": 2}], 1),
        ({"cost": 1000}, [{"options": {"cost_below": 1000}, "fixed": 1}], 1000),
        (
            {"cost": 1000, "groups": {"kind": ["x", "y"]}},
            [{"options": {"groups": {"kind": ["y"]}}, "fixed": 7}],
            7,
        ),
        ({"cost": 1000}, [{"options": {"groups": {"kind": ["y"]}}, "fixed": 7}], 1000),
    ],
)
def test_an_option_is_granted_what_the_first_grant_for_it_says(
    option: dict[str, Any], grants: list[dict[str, Any]], paid: int | str
) -> None:
    assert granted(option, *grants) == paid


def test_who_is_out_is_never_looked_at() -> None:
    listed = options(10, 10, 10)
    listed[0]["withdrawn"] = "no permit"
    grants = [{"options": {"cost_below": 11}, "floor": 5, "percent": 50}]
    found = counted(rule(100, grants=grants), listed, approving(a=3, b=2, c=1))
    assert found.reasons == {"a": "withdrawn", "b": "funded", "c": "funded"}
    assert found.paid == {"b": 5, "c": 5}


PRIZES = [
    {"place": 1, "sponsor": "the bank", "amount": 90},
    {"place": 1, "sponsor": "the baker", "amount": 1},
    {"place": 2, "sponsor": "the bank", "amount": 50},
    {"place": 3, "sponsor": "the bank", "amount": 10},
]


@pytest.mark.parametrize(
    ("equal_ranks", "votes", "got"),
    [
        ("order", {"a": 2, "b": 2, "c": 1}, {"a": 91, "b": 50, "c": 10}),
        ("each", {"a": 2, "b": 2, "c": 1}, {"a": 91, "b": 91, "c": 10}),
        ("shared", {"a": 2, "b": 2, "c": 1}, {"a": 70, "b": 70, "c": 10}),
        ("shared", {"a": 2, "b": 1, "c": 1}, {"a": 91, "b": 30, "c": 30}),
        ("shared", {"a": 1, "b": 1, "c": 1}, {"a": 49, "b": 49, "c": 49}),
        ("each", {"a": 3, "b": 2, "c": 1, "d": 1}, {"a": 91, "b": 50, "c": 10, "d": 10}),
    ],
)
def test_prizes_go_to_places_and_level_winners_are_treated_as_said(
    equal_ranks: str, votes: dict[str, int], got: dict[str, int]
) -> None:
    prizes = {"prizes": PRIZES, "equal_ranks": equal_ranks}
    found = counted(rule(100, prizes=prizes), options(10, 10, 10, 10), approving(**votes))
    assert found.prizes == got
    assert sum(found.paid.values()) == 10 * len(votes)


def test_under_equal_shares_winners_of_one_price_are_level_whatever_their_votes() -> None:
    """Each of six has 10: a is 15 for three, b 10 for two, both 5 each; c is 6 for its one."""
    prizes = {"prizes": PRIZES, "equal_ranks": "each"}
    order = {"type": "equal-shares", "utility": "cardinality"}
    found = counted(rule(60, order, prizes=prizes), options(15, 10, 6), approving(a=3, b=2, c=1))
    assert found.winners == ("a", "b", "c")
    assert found.prizes == {"a": 91, "b": 91, "c": 10}

"""Where a grant stands, by what its rows have."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.scheme import Funding
from voting.count.funding.asking import reducing
from voting.count.funding.standing import Line, State, WrongStep
from voting.count.funding.tables import Granted, Instalment
from voting.count.tables import Option, Round

A, EVENT, DAY = UUID(int=1), uuid4(), date(2027, 6, 1)
PRORATED = Funding(prorate=True)
NOON = datetime(2027, 6, 1, 12, tzinfo=UTC)


def round_in(state: str, validated: UUID | None = EVENT) -> Round:
    """A round that stands so."""
    return Round(
        round_id=A,
        programme_id=A,
        log="log",
        state=state,
        budget=100,
        format={},
        rule={},
        listed="",
        opens_at=NOON,
        closes_at=NOON,
        options=1,
        digest="",
        flush={},
        validated_event=validated,
    )


def line(
    *, confirmed: bool = False, signed: bool = False, paid: int = 0, lapsed: int | None = None
) -> Line:
    """A grant of 100 cents in two parts of 50, of which so many are paid."""
    row = round_in("decided")
    option = Option(
        round_id=A, option_id=A, number=1, cost=200, title="", seen={}, amount=100, funded=True
    )
    option.agreement_event = EVENT if signed else None
    kept = Granted(round_id=A, option_id=A, amount=100, lapsed=lapsed)
    kept.confirmed_event = EVENT if confirmed else None
    parts = [
        Instalment(
            round_id=A,
            option_id=A,
            name=f"p{n}",
            place=n,
            amount=50,
            due="order",
            paid_event=EVENT if n <= paid else None,
        )
        for n in (1, 2)
    ]
    found = kept if confirmed or signed or lapsed else None
    return Line(row, option, found, tuple(parts) if signed else ())


@pytest.mark.parametrize(
    ("found", "state", "left"),
    [
        (line(), "decided", 100),
        (line(confirmed=True), "confirmed", 100),
        (line(signed=True), "signed", 100),
        (line(signed=True, paid=1), "signed", 50),
        (line(signed=True, paid=2), "settled", 0),
        (line(lapsed=100), "lapsed", 0),
        (line(signed=True, paid=1, lapsed=50), "lapsed", 0),
    ],
)
def test_a_grant_stands_where_its_rows_say(found: Line, state: State, left: int) -> None:
    assert (found.state, found.left) == (state, left)
    found.check(state)
    states: tuple[State, ...] = ("decided", "confirmed", "signed", "settled", "lapsed")
    for other in set(states) - {state}:
        with pytest.raises(WrongStep):
            found.check(other)


@given(st.integers(1, 300), st.integers(1, 900), st.lists(st.integers(0, 900), min_size=1))
def test_a_grant_is_reduced_from_what_was_agreed_however_often(
    amount: int, cost: int, costs: list[int]
) -> None:
    """Grant 10 000.00 of 30 000.00; 29 999.99, then 29 999.98 are spent: 9 999.99 is left."""
    for granted, whole, spent in (
        (amount, cost, sorted({c for c in costs if c < cost}, reverse=True)),
        (10_000_00, 30_000_00, [29_999_99, 29_999_98]),
    ):
        kept = Granted(round_id=A, option_id=A, amount=granted, agreed=granted, cost=whole)
        part = Instalment(round_id=A, option_id=A, name="g", place=1, amount=granted, due="order")
        found = replace(line(signed=True), granted=kept, instalments=(part,))
        for each in spent:
            decides = reducing(found, PRORATED, each)
            assert decides["before_in_cents"] == kept.amount
            assert decides["amount_in_cents"] == granted * each // whole
            if not decides["amount_in_cents"]:
                break
            kept.amount, kept.spent = decides["amount_in_cents"], each
            part.amount = kept.amount


def test_a_grant_that_was_reduced_before_that_was_kept_is_reduced_from_there() -> None:
    kept = Granted(round_id=A, option_id=A, amount=50, cost=200, spent=100)
    found = replace(line(signed=True), granted=kept)
    assert reducing(found, PRORATED, 50)["amount_in_cents"] == 25


def test_a_result_that_is_not_final_gives_nothing_yet() -> None:
    found = line()
    assert replace(found, row=round_in("decided", None)).state == "provisional"
    assert replace(found, row=round_in("annulled")).state == "provisional"


def test_what_is_deliberated_has_no_agreement_before_its_deliberation() -> None:
    """Whatever else the charter says, and even where it says nothing."""
    found = replace(line(), open_amount=True)
    assert found.missing(None, DAY) == ("deliberation",)
    assert replace(line(confirmed=True), open_amount=True).missing(None, DAY) == ()
    assert line().missing(None, DAY) == ()

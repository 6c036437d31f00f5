"""A grant in its parts, and what a lower cost makes of it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.scheme import InstalmentTerm
from voting.count.funding.instalments import (
    InstalmentPaid,
    InstalmentUnknown,
    NotLower,
    PaidMore,
    PaidOnRefused,
    Part,
    check_payment,
    divided,
    divided_again,
    paid_in_all,
    prorated,
)

ON = ("order", "invoice", "report")
DAY = date(2027, 6, 1)


def terms(*percents: int) -> list[InstalmentTerm]:
    return [
        InstalmentTerm.model_validate(
            {"name": f"part-{n}", "fr": "Part", "en": "Part", "percent": percent, "on": ON[n % 3]}
        )
        for n, percent in enumerate(percents)
    ]


PERCENTS = st.lists(st.integers(1, 40), min_size=1, max_size=6)


def test_the_rest_is_in_the_last_part() -> None:
    found = divided(10_000_01, terms(50, 30, 20))
    assert [each.amount for each in found] == [5_000_00, 3_000_00, 2_000_01]
    assert [each.on for each in found] == ["order", "invoice", "report"]
    [whole] = divided(10_000_01, ())
    assert (whole.name, whole.amount, whole.on) == ("grant", 10_000_01, "signature")


@given(st.integers(0, 300), PERCENTS)
def test_parts_add_up_and_none_is_below_nothing(amount: int, percents: list[int]) -> None:
    whole = [*percents, max(1, 100 - sum(percents))] if sum(percents) < 100 else percents[:1]
    found = divided(amount, terms(*whole))
    assert sum(each.amount for each in found) == amount
    assert sum(whole) != 100 or all(each.amount >= 0 for each in found)


@given(st.integers(0, 100), st.integers(1, 100), st.integers(0, 100))
def test_a_lower_cost_lowers_the_grant_in_proportion(amount: int, cost: int, spent: int) -> None:
    if spent >= cost:
        with pytest.raises(NotLower):
            prorated(amount, cost, spent)
        return
    lower = prorated(amount, cost, spent)
    assert lower * cost <= amount * spent < (lower + 1) * cost


@given(
    st.integers(0, 300), st.integers(1, 900), st.lists(st.integers(0, 900), min_size=1), PERCENTS
)
def test_costs_that_fall_in_steps_leave_what_the_last_one_alone_leaves(
    amount: int, cost: int, costs: list[int], percents: list[int]
) -> None:
    falling = sorted({each for each in costs if each < cost}, reverse=True)
    parts = [Part(f"p{n}", percent) for n, percent in enumerate(percents)]
    granted = min(amount, sum(percents))
    known, at_last, stepwise = None, None, parts
    for spent in falling:
        at_last = prorated(granted, cost, spent, known)
        stepwise, known = [*divided_again(stepwise, at_last)], spent
    if falling:
        assert at_last == prorated(granted, cost, falling[-1])
        assert stepwise == [*divided_again(parts, prorated(granted, cost, falling[-1]))]
        with pytest.raises(NotLower):
            prorated(granted, cost, falling[-1], known)


@given(
    st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=5),
    st.integers(0, 100),
)
def test_what_was_paid_stays_and_the_others_get_what_is_left(
    drawn: list[tuple[int, bool]], wanted: int
) -> None:
    parts = [Part(f"p{n}", amount, paid) for n, (amount, paid) in enumerate(drawn)]
    amount = min(wanted, sum(part.amount for part in parts))
    if amount < paid_in_all(parts):
        with pytest.raises(PaidMore):
            divided_again(parts, amount)
        return
    found = divided_again(parts, amount)
    assert sum(part.amount for part in found) == amount
    for before, after in zip(parts, found, strict=True):
        assert after.amount <= before.amount
        assert not before.paid or before == after
    unpaid = [(b, a) for b, a in zip(parts, found, strict=True) if not b.paid]
    short = [n for n, (b, a) in enumerate(unpaid) if a.amount < b.amount]
    if short:  # only the first of these has something left, in their order
        assert all(a.amount == 0 for _, a in unpaid[short[0] + 1 :])


def test_a_part_is_paid_once_after_the_agreement_and_not_tomorrow() -> None:
    part = Part("first", 100)
    check_payment(part, DAY, DAY, DAY)
    for wrong, refused in {
        (None, DAY): InstalmentUnknown,
        (Part("first", 100, paid=True), DAY): InstalmentPaid,
        (Part("first", 0), DAY): InstalmentPaid,
        (part, date(2027, 6, 2)): PaidOnRefused,
        (part, date(2027, 5, 31)): PaidOnRefused,
    }.items():
        with pytest.raises(refused):
            check_payment(wrong[0], wrong[1], DAY, DAY)

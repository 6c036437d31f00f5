"""What a declared budget may say, and what may be asked for of it."""

from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.charter import CharterRules
from shared.events.projects import CostLine, IncomeLine
from shared.events.scheme import Costs, Grant
from shared.refusal import Refusal
from submission.amounts import CostRefused
from submission.projects.plans import (
    AskedOverCeiling,
    AskedUnderFloor,
    BudgetMinority,
    CostExcluded,
    CostKindRefused,
    MonthsRefused,
    NatureRefused,
    OverBase,
    OverRate,
    OwnShareMissing,
    Plan,
    PlanUnbalanced,
    PublicShareOver,
    check_plan,
    in_euros,
    lines_shown,
    read_plan,
    written_plan,
)
from submission.reading import FormRefused, Reader
from tests.submission.editions import edition
from tests.submission.planned import COSTS, PLAN

RULES = edition().rules
AMOUNTS = st.integers(0, 12)


def rules(costs: Costs | None = COSTS, grant: Grant | None = None) -> CharterRules:
    """The preset's rules with these."""
    return RULES.model_copy(update={"costs": costs, "grant": grant})


def read(said: Mapping[str, str], asked: int = 400_000, found: CharterRules | None = None) -> Plan:
    """The plan of a form. Raises the first refusal."""
    reader = Reader(said)
    plan = read_plan(found or rules(), reader, said, asked)
    try:
        reader.done()
    except FormRefused as refused:
        raise refused.first from None
    assert plan is not None
    return plan


def plan(asked: int, own: int = 0, public: int = 0, private: int = 0, in_kind: int = 0) -> Plan:
    """A balanced plan."""
    income = [
        IncomeLine(source=source, amount=amount)
        for source, amount in (
            *(("asked", asked), ("own", own), ("other-public", public)),
            *(("private", private), ("in-kind", in_kind)),
        )
        if amount
    ]
    total = asked + own + public + private + in_kind
    return Plan((CostLine(kind="equipment", amount=total),), tuple(income))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Balanced plans of few cents, so that shares are met exactly."""
    return plan(draw(st.integers(1, 12)), *(draw(AMOUNTS) for _ in range(4)))


@st.composite
def grants(draw: st.DrawFn) -> Grant:
    """Rules about grants, each there or not."""
    bounds, percents = st.integers(1, 30), st.sampled_from((10, 20, 25, 33, 50, 66, 80, 100))
    return Grant(
        percent=draw(st.none() | percents),
        base_ceiling=draw(st.none() | bounds),
        ceiling=draw(st.none() | bounds),
        floor=draw(st.none() | bounds),
        least_own_percent=draw(st.none() | percents),
        most_public_percent=draw(st.none() | percents),
        majority=draw(st.sampled_from((None, True))),
        full_for=draw(st.sampled_from((None, ("youth",)))),
    )


@given(plans(), grants(), st.sampled_from((None, "youth", "sport")))
def test_a_balanced_plan_is_taken_exactly_where_each_bound_and_share_holds(
    found: Plan, grant: Grant, category: str | None
) -> None:
    total, asked = found.total, found.asked
    percent = 100 if category in (grant.full_for or ()) else grant.percent or 100
    base = min(total, grant.base_ceiling or total)
    own, public = found.of("own", "private", "in-kind"), found.of("asked", "other-public")
    holds = (
        asked <= (grant.ceiling or asked)
        and asked >= (grant.floor or 0)
        and asked <= Fraction(base * percent, 100)
        and Fraction(own, total) >= Fraction(grant.least_own_percent or 0, 100)
        and Fraction(public, total) <= Fraction(grant.most_public_percent or 100, 100)
        and (not grant.majority or asked > Fraction(total, 2))
    )
    try:
        check_plan(rules(grant=grant), found, category)
    except Refusal:
        assert not holds
    else:
        assert holds


@given(plans(), st.integers(1, 20))
def test_a_plan_whose_sums_differ_is_refused_whatever_the_grant_says(found: Plan, by: int) -> None:
    more = Plan((*found.costs, CostLine(kind="services", amount=by)), found.income)
    with pytest.raises(PlanUnbalanced, match=f"{found.total + by} cents are spent, {found.total}"):
        check_plan(rules(), more, None)


@pytest.mark.parametrize(
    ("grant", "found", "refusal"),
    [
        (Grant(ceiling=99), plan(100), AskedOverCeiling),
        (Grant(floor=101), plan(100), AskedUnderFloor),
        (Grant(base_ceiling=99), plan(100), OverBase),
        (Grant(percent=80), plan(81, own=19), OverRate),
        (Grant(percent=80, base_ceiling=50), plan(41, own=59), OverRate),
        (Grant(least_own_percent=20), plan(81, own=19), OwnShareMissing),
        (Grant(most_public_percent=80), plan(50, public=31, own=19), PublicShareOver),
        (Grant(majority=True), plan(50, own=50), BudgetMinority),
    ],
)
def test_each_rule_about_a_grant_refuses_with_its_own_code(
    grant: Grant, found: Plan, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        check_plan(rules(grant=grant), found, None)


def test_a_category_that_is_paid_in_full_may_ask_for_all_of_it() -> None:
    """Nièvre: 80 percent up to 15,000 euros, and all of it for the youth."""
    found = rules(grant=Grant(percent=80, ceiling=1_500_000, full_for=("youth",)))
    check_plan(found, plan(1_000_000), "youth")
    check_plan(found, plan(800_000, own=200_000), None)
    with pytest.raises(OverRate, match="80 percent of 1000000 are 800000"):
        check_plan(found, plan(1_000_000), None)


def test_a_form_says_a_plan_and_a_kept_plan_the_form() -> None:
    found = read(PLAN)
    assert (found.total, found.asked, found.of("own")) == (500_000, 400_000, 100_000)
    kept = written_plan(
        [line.model_dump() for line in found.costs], [line.model_dump() for line in found.income]
    )
    again = read({**kept, "cost": in_euros(found.asked)})
    assert again == found


def test_a_charter_without_costs_and_grants_asks_for_no_plan() -> None:
    assert read_plan(RULES, Reader(PLAN), PLAN, 400_000) is None


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"cost-kind-1": "consumables"}, CostExcluded),
        ({"cost-kind-1": "wages"}, CostKindRefused),
        ({"cost-kind-3": "equipment"}, CostRefused),
        ({"cost-amount-3": "10"}, CostKindRefused),
        ({"cost-amount-1": "much"}, CostRefused),
        ({"income-own": "-5"}, CostRefused),
    ],
)
def test_a_line_that_is_not_paid_or_not_understood_is_refused(
    said: dict[str, str], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        read(PLAN | said)


def test_a_line_that_is_empty_does_not_count_and_an_income_may_be_nothing() -> None:
    said = PLAN | {"cost-kind-3": "", "cost-amount-3": "", "income-private": "0"}
    assert read(said) == read(PLAN)


def test_where_no_kinds_are_named_the_whole_is_one_line() -> None:
    found = read({"cost-amount-1": "5 000", "income-own": "1 000"}, found=rules(costs=Costs()))
    assert [line.kind for line in found.costs] == ["total"]
    assert found.total == 500_000


def test_only_investment_is_taken_where_the_rules_say_so() -> None:
    """Hérault: investment alone, no operating money for three years, 12 to 36 months."""
    costs = Costs(
        kinds=COSTS.kinds,
        nature="investment",
        operating_years_free=3,
        months_least=12,
        months_most=36,
    )
    said = PLAN | {"nature": "investment", "months": "24"}
    found = read(said, found=rules(costs))
    assert (found.nature, found.months) == ("investment", 24)
    with pytest.raises(NatureRefused):
        read(said | {"nature": "operating"}, found=rules(costs))
    for months in ("11", "37", "48", "", "two", "²"):
        with pytest.raises(MonthsRefused):
            read(said | {"months": months}, found=rules(costs))


def test_a_free_start_alone_refuses_operating_money() -> None:
    costs = Costs(kinds=COSTS.kinds, operating_years_free=3)
    with pytest.raises(NatureRefused, match="first 3 years"):
        read(PLAN | {"nature": "operating"}, found=rules(costs))


@given(st.integers(1, 30))
def test_a_form_shows_every_line_that_is_filled_in(number: int) -> None:
    assert lines_shown({f"cost-amount-{number}": "1"}) == max(10, number)

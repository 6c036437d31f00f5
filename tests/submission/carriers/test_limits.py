"""Who may deposit and file: each condition of a charter's `submitting`, and no other."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.carriers import CarrierType
from shared.events.charter import CharterRules
from shared.events.scheme import Link, Links, Submitting
from shared.refusal import Refusal
from submission.carriers.limits import (
    AgeRefused,
    BirthRefused,
    CarrierTooYoung,
    Depositor,
    EarlierWinner,
    LinksMissing,
    NotSworn,
    SeatElsewhere,
    SponsorMissing,
    SseExpired,
    SseMissing,
    TooManyDossiers,
    TooManyIdeas,
    TooManyOfCarrier,
    WinnersOnly,
    age_on,
    check_carrier,
    check_depositor,
    check_dossier_type,
    check_dossiers,
    check_ideas,
    check_kinds,
    check_not_barred,
    check_sponsored,
    check_voted,
    needs_consent,
    read_birth,
    years_before,
)
from submission.carriers.tables import Organisation
from submission.carriers.types import CARRIER_TYPES, CarrierTypeRefused, read_type
from tests.submission.editions import edition

TODAY = date(2027, 3, 1)
RULES = edition().rules
EVERY_TYPE = st.sampled_from(sorted(CARRIER_TYPES))


def rules(**said: Any) -> CharterRules:
    """The preset's rules with these conditions."""
    return RULES.model_copy(update={"submitting": Submitting(**said)})


def organisation(**said: Any) -> Organisation:
    """An association in order."""
    return Organisation(
        **{"organisation_id": UUID(int=1), "type": "association", "name": "0" * 64, **said}
    )


@given(EVERY_TYPE, st.none() | st.dates(date(1920, 1, 1), TODAY))
def test_a_charter_that_says_nothing_takes_everybody(of: CarrierType, born: date | None) -> None:
    check_depositor(RULES, Depositor(of, born), TODAY)
    check_dossier_type(RULES, of)
    check_carrier(RULES, of, None, TODAY)
    check_sponsored(RULES, of, False)
    check_ideas(RULES, 1_000_000)
    check_dossiers(RULES, 1_000_000)
    check_not_barred(RULES, TODAY, TODAY)
    check_kinds(RULES, ["impact-measurement"], False)
    check_voted(RULES, [["a", "b", "c"]])
    assert not needs_consent(RULES, Depositor(of, born), TODAY)


@pytest.mark.parametrize(
    ("born", "refused"),
    [
        (date(2016, 3, 1), None),  # eleven today
        (date(2016, 3, 2), AgeRefused),
        (date(1996, 3, 2), None),  # thirty until tomorrow
        (date(1996, 3, 1), AgeRefused),
        (None, BirthRefused),
    ],
)
def test_ages_are_those_of_the_day(born: date | None, refused: type[Refusal] | None) -> None:
    asked = rules(minimum_age=11, maximum_age=30)
    if refused is None:
        return check_depositor(asked, Depositor(born=born), TODAY)
    with pytest.raises(refused):
        check_depositor(asked, Depositor(born=born), TODAY)


def test_a_class_or_an_association_has_no_age() -> None:
    for of in ("class", "association", "municipality"):
        check_depositor(rules(minimum_age=16), Depositor(read_type(of)), TODAY)
    with pytest.raises(BirthRefused):
        check_depositor(rules(minimum_age=16), Depositor("collective"), TODAY)


@given(st.dates(date(1912, 3, 2), TODAY), st.integers(0, 115))
def test_somebody_is_so_old_from_her_birthday_on(born: date, age: int) -> None:
    assert (age_on(born, TODAY) >= age) == (born <= years_before(TODAY, age))


@pytest.mark.parametrize("written", ["", "1.3.1999", "2027-03-02", "1900-01-01", "1999-02-30"])
def test_what_is_no_day_of_birth_is_refused(written: str) -> None:
    with pytest.raises(BirthRefused):
        read_birth(written, TODAY)


def test_a_minor_needs_her_representative_s_consent_and_nobody_else_does() -> None:
    asked = rules(consent_below=15)
    assert needs_consent(asked, Depositor(born=date(2012, 3, 2)), TODAY)
    assert not needs_consent(asked, Depositor(born=date(2012, 3, 1)), TODAY)
    assert not needs_consent(asked, Depositor("class", date(2012, 3, 2)), TODAY)


@given(st.sets(st.sampled_from(["live", "work", "study", "interest"])), st.integers(1, 3))
def test_so_many_of_the_charter_s_links_are_enough(said: set[Link], least: int) -> None:
    asked = rules(links=Links(of=("live", "work", "study"), least=least))
    if len(said - {"interest"}) >= least:
        check_depositor(asked, Depositor(links=frozenset(said)), TODAY)
    else:
        with pytest.raises(LinksMissing):
            check_depositor(asked, Depositor(links=frozenset(said)), TODAY)


def test_a_sworn_statement_is_asked_for() -> None:
    check_depositor(rules(sworn=True), Depositor(sworn=True), TODAY)
    with pytest.raises(NotSworn):
        check_depositor(rules(sworn=True), Depositor(), TODAY)


@given(EVERY_TYPE, st.sets(EVERY_TYPE))
def test_only_the_charter_s_types_deposit_and_file(
    of: CarrierType, taken: set[CarrierType]
) -> None:
    asked = rules(ideas_by=tuple(sorted(taken)), dossiers_by=tuple(sorted(taken)))
    if of in taken:
        check_depositor(asked, Depositor(of), TODAY)
        check_dossier_type(asked, of)
    else:
        with pytest.raises(CarrierTypeRefused):
            check_depositor(asked, Depositor(of), TODAY)
        with pytest.raises(CarrierTypeRefused):
            check_dossier_type(asked, of)


CONDITIONS: dict[str, tuple[dict[str, Any], dict[str, Any], type[Refusal] | None]] = {
    "three years to the day": ({"minimum_years": 3}, {"founded_on": date(2024, 3, 1)}, None),
    "a day too few": ({"minimum_years": 3}, {"founded_on": date(2024, 3, 2)}, CarrierTooYoung),
    "a day that is not said": ({"minimum_years": 3}, {}, CarrierTooYoung),
    "a seat here": ({"seat": "seat"}, {"seat": "artois"}, None),
    "a seat elsewhere": ({"seat": "seat"}, {"seat": "lille"}, SeatElsewhere),
    "no seat said": ({"seat": "seat"}, {}, SeatElsewhere),
    "a branch is no seat": ({"seat": "seat"}, {"branch": "artois"}, SeatElsewhere),
    "a branch": ({"seat": "seat-or-branch"}, {"branch": "artois", "seat": "lille"}, None),
    "an identifier until today": ({"sse": True}, {"sse": "62-1", "sse_until": TODAY}, None),
    "one until yesterday": (
        {"sse": True},
        {"sse": "62-1", "sse_until": date(2027, 2, 28)},
        SseExpired,
    ),
    "a day of no identifier": ({"sse": True}, {"sse_until": TODAY}, SseMissing),
    "an identifier until nobody knows when": ({"sse": True}, {"sse": "62-1"}, SseMissing),
    "no identifier": ({"sse": True}, {}, SseMissing),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_an_organisation_is_as_the_charter_asks(name: str) -> None:
    asked, said, refused = CONDITIONS[name]
    if refused is None:
        return check_carrier(rules(**asked), "association", organisation(**said), TODAY)
    with pytest.raises(refused):
        check_carrier(rules(**asked), "association", organisation(**said), TODAY)


def test_an_authority_is_old_enough_and_a_person_has_no_seat() -> None:
    asked = rules(minimum_years=3, seat="seat")
    check_carrier(asked, "municipality", organisation(seat="artois"), TODAY)
    check_carrier(asked, "person", None, TODAY)
    with pytest.raises(SseMissing):
        check_carrier(rules(sse=True), "person", None, TODAY)


def test_a_person_who_needs_a_sponsor_does_not_answer_for_herself() -> None:
    asked = rules(sponsored=("person",))
    with pytest.raises(SponsorMissing):
        check_sponsored(asked, "person", False)
    check_sponsored(asked, "person", True)
    check_sponsored(asked, "association", False)


@given(st.integers(1, 5), st.integers(0, 8))
def test_limits_count_up_to_what_the_charter_takes(most: int, has: int) -> None:
    checks: list[tuple[Callable[[], None], type[Refusal]]] = [
        (lambda: check_ideas(rules(most_ideas=most), has), TooManyIdeas),
        (lambda: check_dossiers(rules(most_dossiers=most), has), TooManyDossiers),
    ]
    for check, refused in checks:
        if has < most:
            check()
        else:
            with pytest.raises(refused):
                check()


@given(st.lists(st.integers(1, 5), max_size=5), st.integers(1, 4))
def test_a_vote_has_no_more_of_one_carrier_than_the_charter_takes(
    sizes: list[int], most: int
) -> None:
    names = [[f"p{carrier}-{n}" for n in range(size)] for carrier, size in enumerate(sizes)]
    if all(size <= most for size in sizes):
        return check_voted(rules(most_voted=most), names)
    with pytest.raises(TooManyOfCarrier) as refused:
        check_voted(rules(most_voted=most), names)
    first = next(each for each in names if len(each) > most)
    assert all(name in str(refused.value) for name in first)


@pytest.mark.parametrize(
    ("funded", "barred"),
    [
        (None, False),
        (date(2025, 3, 1), False),  # two years ago to the day
        (date(2025, 3, 2), True),
        (TODAY, True),
    ],
)
def test_earlier_winners_are_barred_for_some_years(funded: date | None, barred: bool) -> None:
    if not barred:
        return check_not_barred(rules(barred_years=2), funded, TODAY)
    with pytest.raises(EarlierWinner):
        check_not_barred(rules(barred_years=2), funded, TODAY)


def test_some_costs_are_for_earlier_winners_only() -> None:
    asked = rules(winners_only=("impact-measurement",))
    check_kinds(asked, ["equipment"], False)
    check_kinds(asked, ["equipment", "impact-measurement"], True)
    with pytest.raises(WinnersOnly, match="impact-measurement"):
        check_kinds(asked, ["equipment", "impact-measurement"], False)

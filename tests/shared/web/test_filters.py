"""Money, numbers, days and times as people read them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.scheme import Labelled
from shared.web.filters import day, filters, hour, label, moment, money, number, percent, weekday

CENTS = st.integers(-(10**15), 10**15)


@pytest.mark.parametrize(
    ("cents", "french", "english"),
    [
        (0, "0 €", "0 €"),
        (1_250_000, "12 500 €", "12 500 €"),
        (1_250_050, "12 500,50 €", "12 500.50 €"),
        (5, "0,05 €", "0.05 €"),
        (-98_750, "−987,50 €", "−987.50 €"),
        (123_456_789_00, "123 456 789 €", "123 456 789 €"),
    ],
)
def test_money_is_grouped_by_narrow_spaces(cents: int, french: str, english: str) -> None:
    narrow = str.maketrans({" ": "\u202f"})
    assert money(cents) == french.translate(narrow)
    assert money(cents, "en") == english.translate(narrow)


@given(CENTS, st.sampled_from(("fr", "en")))
def test_an_amount_says_every_cent(cents: int, language: str) -> None:
    shown = money(cents, language)
    euros, _, rest = shown.removesuffix("\u202f€").replace(",", ".").partition(".")
    digits = euros.replace("\u202f", "").replace("−", "-")
    sign = -1 if digits.startswith("-") else 1
    assert sign * (abs(int(digits)) * 100 + int(rest or 0)) == cents


@given(CENTS)
def test_a_number_never_breaks_and_reads_back(value: int) -> None:
    shown = number(value)
    assert not set(shown) & set(" ,.\u00a0")
    assert int(shown.replace("\u202f", "").replace("−", "-")) == value


def test_a_share_has_a_tenth_where_there_is_one() -> None:
    assert percent(0.423) == "42,3\u202f%"
    assert percent(0.423, "en") == "42.3%"
    assert percent(1) == "100\u202f%"
    assert percent(-0.005, "en") == "−0.5%"


def test_days_and_times_are_those_of_paris_in_words() -> None:
    at = datetime(2027, 4, 30, 22, 5, tzinfo=UTC)  # past midnight in Paris
    assert moment(at) == "1er mai 2027 à 0\u00a0h\u00a005"
    assert moment(at, "en") == "1 May 2027 at 0:05"
    assert moment("2027-12-24T17:30:00Z", "en") == "24 December 2027 at 18:30"
    assert weekday(date(2027, 5, 14)) == "vendredi 14 mai 2027"
    assert weekday(date(2027, 5, 14), "en") == "Friday 14 May 2027"
    assert day("2027-05-14") == "14 mai 2027"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        moment(datetime(2027, 4, 30, 22, 5))  # noqa: DTZ001
    with pytest.raises(TypeError, match="no time"):
        hour("2027-04-30")


def test_a_label_is_that_of_the_language() -> None:
    declared = Labelled(name="health", fr="Santé", en="Health")
    assert (label(declared), label(declared, "en")) == ("Santé", "Health")
    assert label({"fr": "Santé", "en": "Health"}, "en") == "Health"
    assert filters("en")["label"](declared) == "Health"


@pytest.mark.parametrize(
    ("name", "french", "english"),
    [
        ("very-good", "Très bien", "Very good"),
        ("tres-bien", "Très bien", "Very good"),
        ("a-rejeter", "À rejeter", "To be rejected"),
        ("tout-feu", "tout-feu", "tout-feu"),
    ],
)
def test_a_grade_is_a_usual_one_in_words_or_what_the_charter_calls_it(
    name: str, french: str, english: str
) -> None:
    assert (filters("fr")["grade"](name), filters("en")["grade"](name)) == (french, english)

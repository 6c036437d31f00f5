"""SIRET and RNA numbers: which are taken, and in which one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submission.carriers.identifiers import (
    RnaRefused,
    SiretRefused,
    check_rna,
    check_siret,
    luhn,
)

# As INSEE and its users print them: an office of a bank's, and La Poste's head office.
PUBLISHED = ("73282932000074", "35600000000048", "44306184100047")


@pytest.mark.parametrize("number", PUBLISHED)
def test_a_published_siret_is_taken_however_it_is_spaced(number: str) -> None:
    spaced = f" {number[:3]} {number[3:6]}\u202f{number[6:9]}.{number[9:]} "
    assert check_siret(number) == check_siret(spaced) == number


def test_la_poste_s_offices_pass_by_the_sum_of_their_digits() -> None:
    office = next(
        n for n in (f"356000000{k:05}" for k in range(1, 200)) if luhn(n) % 10 and not digits(n) % 5
    )
    assert check_siret(office) == office
    other = office.replace("356000000", "356000001")
    assert luhn(other) % 10
    with pytest.raises(SiretRefused, match="check digits"):
        check_siret(other)


def digits(number: str) -> int:
    return sum(int(digit) for digit in number)


@given(st.text("0123456789", min_size=13, max_size=13), st.integers(0, 13), st.integers(1, 9))
def test_a_wrong_digit_is_noticed(start: str, place: int, more: int) -> None:
    """Luhn's check finds any one digit that is another."""
    number = next(n for n in (f"{start}{last}" for last in range(10)) if not luhn(n) % 10)
    if number.startswith("35600000") or not number.strip("0"):
        return
    assert check_siret(number) == number
    wrong = number[:place] + str((int(number[place]) + more) % 10) + number[place + 1 :]
    if not wrong.startswith("356000000"):
        with pytest.raises(SiretRefused):
            check_siret(wrong)


@pytest.mark.parametrize(
    "written",
    ["", "7328293200007", "732829320000745", "7328293200007x", "\u06673282932000074", "0" * 14],
)
def test_what_is_no_siret_is_refused(written: str) -> None:
    with pytest.raises(SiretRefused):
        check_siret(written)


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("W622000001", "W622000001"),
        (" w 622 000 001 ", "W622000001"),
        ("W2A1000001", "W2A1000001"),
        ("W9R1000001", "W9R1000001"),
    ],
)
def test_an_rna_number_has_one_form(written: str, form: str) -> None:
    assert check_rna(written) == form


@pytest.mark.parametrize("written", ["", "W62200000", "W6220000011", "X622000001", "W6A2000001"])
def test_what_is_no_rna_number_is_refused(written: str) -> None:
    with pytest.raises(RnaRefused):
        check_rna(written)

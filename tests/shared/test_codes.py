"""Posted codes: read back from paper, and never by mistake as another's."""

from hypothesis import given
from hypothesis import strategies as st

from shared.codes import ALPHABET, LENGTH, new_code, read_code, with_check

codes = st.integers(0, 2**50 - 1).map(with_check)


@given(codes)
def test_a_code_is_read_as_it_was_made(code: str) -> None:
    assert len(code) == LENGTH
    assert read_code(code) == code


@given(codes)
def test_case_hyphens_spaces_and_look_alikes_do_not_matter(code: str) -> None:
    typed = f" {code[:4]}-{code[4:8]} {code[8:]}".lower().replace("0", "o").replace("1", "l")
    assert read_code(typed) == code


@given(codes, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(code: str, place: int, character: str) -> None:
    wrong = code[:place] + character + code[place + 1 :]
    assert (read_code(wrong) == code) is (wrong == code)
    assert wrong == code or read_code(wrong) is None


@given(codes, st.integers(0, 8))
def test_two_neighbours_swapped_are_noticed(code: str, place: int) -> None:
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert swapped == code or read_code(swapped) is None


def test_new_codes_differ() -> None:
    assert len({new_code() for _ in range(1000)}) == 1000


def test_what_is_no_code_is_none() -> None:
    assert [read_code(text) for text in ("", "ABC", "U" * 12, "0" * 11, "é" * 12)] == [None] * 5

"""A request is read in its one form, or refused."""

import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.notes import Malformed
from ledger.witness.requests import LONGEST, MOST_HASHES, Addition, written
from tests.ledger.witness.trees import note, proof, request

# c2sp.org/tlog-witness, its example.
EXAMPLE = """old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
""".encode()  # noqa: E501


def test_the_example_of_the_protocol_is_read_and_written() -> None:
    found = Addition.parse(EXAMPLE)
    assert (found.old, len(found.proof)) == (20852014, 4)
    assert (found.checkpoint.origin, found.checkpoint.size) == (
        "example.com/behind-the-sofa",
        20852163,
    )
    assert [signature.name for signature in found.note.signatures] == [found.checkpoint.origin] * 2
    assert written(found.old, found.proof, EXAMPLE.decode().partition("\n\n")[2]) == EXAMPLE


def test_a_note_whose_text_has_an_empty_line_is_not_split_there() -> None:
    with pytest.raises(Malformed, match="a checkpoint"):
        Addition.parse(EXAMPLE.replace(b"sofa\n2", b"sofa\n\n2", 1))


WRONG = {
    "no end of line": EXAMPLE[:-1],
    "no empty line": EXAMPLE.replace(b"\n\n", b"\n", 1),
    "no old size": EXAMPLE.partition(b"\n")[2],
    "an old size with a zero before it": EXAMPLE.replace(b"old 2", b"old 02", 1),
    "an old size with a sign": EXAMPLE.replace(b"old 2", b"old +2", 1),
    "an old size of two spaces": EXAMPLE.replace(b"old ", b"old  ", 1),
    "an old size beyond 2^63": EXAMPLE.replace(b"old 20852014", b"old 9223372036854775808", 1),
    "carriage returns": EXAMPLE.replace(b"\n", b"\r\n"),
    "a proof's line of 31 bytes": EXAMPLE.replace(
        b"PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=",
        b"PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkQ==",
    ),
    "a proof's line without padding": EXAMPLE.replace(b"pkaw=", b"pkaw", 1),
    "base64 that is not in its one form": EXAMPLE.replace(b"pkaw=", b"pkax=", 1),
    "base64 for addresses": EXAMPLE.replace(b"PC3swk", b"PC3-wk", 1),
    "a checkpoint of no size": EXAMPLE.replace(b"\n20852163\n", b"\n-1\n", 1),
    "a root of 3 bytes": EXAMPLE.replace(
        b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", b"CsUY", 1
    ),
    "no signature": EXAMPLE.partition("— ".encode())[0],
    "a hyphen for the dash": EXAMPLE.replace("— ".encode(), b"- "),
    "a signature as short as an id": EXAMPLE.partition("— ".encode())[0]
    + "— x AAAAAA==\n".encode(),
    "what is not UTF-8": EXAMPLE.replace(b"example.com", b"example\xff.com"),
    "a control character": EXAMPLE.replace(b"example.com", b"example\x00.com"),
    "nothing": b"",
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_not_in_the_form_of_the_protocol_is_refused(what: str) -> None:
    with pytest.raises(Malformed):
        Addition.parse(WRONG[what])


def test_a_proof_has_at_most_63_lines() -> None:
    assert len(Addition.parse(written(1, [bytes(32)] * MOST_HASHES, note(3))).proof) == MOST_HASHES
    with pytest.raises(Malformed, match="at most 63"):
        Addition.parse(written(1, [bytes(32)] * (MOST_HASHES + 1), note(3)))


def test_the_longest_request_of_ours_is_far_below_the_limit() -> None:
    assert len(written(2**62, [bytes(32)] * MOST_HASHES, note(3))) < LONGEST / 4
    with pytest.raises(Malformed, match="less than 16384"):
        Addition.parse(b"old 1\n" + bytes(LONGEST))


@given(st.binary(max_size=400))
@example(b"old 0\n\n\n\n")
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    check_read_or_refused(body)


@given(st.integers(0), st.integers(0, 255), st.integers(0, 3))
def test_a_request_with_changed_bytes_is_read_or_refused(at: int, byte: int, gone: int) -> None:
    body = bytearray(request(5, 23))
    at %= len(body)
    body[at : at + gone] = bytes([byte])
    check_read_or_refused(bytes(body))


@given(
    st.lists(
        st.sampled_from(["old 3", "", "— a b", "— x AAAAAAAA", "7", "A" * 43 + "=", "é", "\x85"])
        | st.text(max_size=12),
        max_size=80,
    )
)
def test_lines_in_any_order_are_read_or_refused(lines: list[str]) -> None:
    check_read_or_refused("\n".join([*lines, ""]).encode())


def check_read_or_refused(body: bytes) -> None:
    """What is read says the same bytes again: there is one way to say it."""
    try:
        found = Addition.parse(body)
    except Malformed:
        return
    assert written(found.old, found.proof, body.decode().partition("\n\n")[2]) == body
    assert found.note.text.decode().startswith(found.checkpoint.text)


@pytest.mark.parametrize(
    "body",
    [
        b"old 1\n" + b"\n" * 16_000,
        b"old 1\n" + b"A\n" * 8_000,
        b"old 1\n\n" + "— a b\n".encode() * 2_000,
        b"old " + b"9" * 16_000,
        request(5, 23).replace(b"\n\n", b"\n\n" + b"x\n" * 7_000, 1),
    ],
)
def test_reading_takes_little_memory_whatever_comes(body: bytes) -> None:
    tracemalloc.start()
    try:
        check_read_or_refused(body[: LONGEST - 1])
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_a_proof_is_written_as_it_was_made() -> None:
    assert Addition.parse(request(5, 23)).proof == tuple(proof(5, 23))

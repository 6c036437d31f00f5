"""The voting code: read back from paper, and always the same key and blinding."""

from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hmac
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from shared.codes import ALPHABET
from shared.voting_code import (
    BALLOT_KEY,
    BLINDING,
    NoVotingCode,
    derive,
    new_seed,
    read,
    written,
)

ROUND = UUID("00000000-0000-4000-8000-0000000000ab")
seeds = st.binary(min_size=16, max_size=16)


@given(seeds)
def test_a_code_is_read_as_it_was_written(seed: bytes) -> None:
    code = written(seed)
    assert [len(group) for group in code.split("-")] == [4] * 7
    assert set(code) <= {*ALPHABET, "-"}
    assert read(code) == seed


@given(seeds)
def test_case_blanks_hyphens_and_look_alikes_do_not_matter(seed: bytes) -> None:
    code = written(seed).lower().replace("0", "o").replace("1", "l")
    typed = f" {code[:12]}\n{code[12:].replace('-', ' ')}\t"
    assert read(typed) == seed
    assert read(typed.replace("l", "i")) == seed


@given(seeds, st.integers(0, 27), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(seed: bytes, place: int, character: str) -> None:
    code = written(seed).replace("-", "")
    wrong = code[:place] + character + code[place + 1 :]
    if wrong != code:
        with pytest.raises(NoVotingCode):
            read(wrong)


@given(seeds, st.integers(0, 24))
def test_two_neighbours_swapped_are_noticed(seed: bytes, place: int) -> None:
    code = written(seed).replace("-", "")
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        with pytest.raises(NoVotingCode):
            read(swapped)


def test_a_seed_has_one_code() -> None:
    """The 26 characters have two bits more than the seed: they are zero, also where the check
    fits others."""
    code = written(bytes(16)).replace("-", "")
    assert code == "0" * 28
    with pytest.raises(NoVotingCode):
        read("0" * 25 + "1" + "01")  # 1 modulo 1021 is 1


@pytest.mark.parametrize("typed", ["", "-", "0" * 27, "0" * 29, "U" * 28, "é" * 28, "\ud800" * 28])
def test_what_is_no_code_is_refused_and_not_quoted(typed: str) -> None:
    with pytest.raises(NoVotingCode) as found:
        read(typed)
    assert not typed.strip("-") or typed not in str(found.value)


@pytest.mark.parametrize("length", [0, 15, 17])
def test_nothing_but_a_seed_is_written(length: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        written(bytes(length))


def test_seeds_are_fresh() -> None:
    assert len({new_seed() for _ in range(1000)}) == 1000


@pytest.mark.parametrize(("purpose", "length"), [(BALLOT_KEY, 32), (BLINDING, 400)])
def test_what_is_derived_is_rfc_5869_s(purpose: str, length: int) -> None:
    """By its two steps, with the bytes of `info` as the specification writes them."""
    seed = bytes(range(16))
    use = f'{{"purpose":"{purpose}","round":"{ROUND}","tier":"A"}}'
    info = b"comptoir-voter-v1\0" + use.encode()
    extracted, found, block = _hmac(bytes(32), seed), b"", b""
    for counter in range(1, -(-length // 32) + 1):
        block = _hmac(extracted, block + info + bytes([counter]))
        found += block
    assert derive(seed, ROUND, "A", purpose) == found[:length]


def _hmac(key: bytes, said: bytes) -> bytes:
    made = hmac.HMAC(key, SHA256())
    made.update(said)
    return made.finalize()


def test_round_tier_purpose_and_seed_each_give_others() -> None:
    found = {
        derive(seed, round_id, tier, purpose)[:32]
        for seed in (bytes(16), bytes(15) + b"1")
        for round_id in (ROUND, UUID(int=1))
        for tier in "AB"
        for purpose in (BALLOT_KEY, BLINDING)
    }
    assert len(found) == 16


def test_a_code_that_others_have_to_derive_from_as_well() -> None:
    """Fixed for good: the page's script and every other client must come to the same bytes."""
    seed = bytes(range(16))
    assert written(seed) == "000G-40R4-0M30-E209-185G-R38E-1WNR"
    key = "b71c7bf0083310baf4510d717f3b82a9ccfaa5a9f3a3adb3d67b38ee570ffa02"
    assert derive(seed, ROUND, "A", BALLOT_KEY).hex() == key
    blinding = "01f950bcd723b5b123682ebd782cc8669737e78878ca9737daadb35b212c4e93"
    assert derive(seed, ROUND, "A", BLINDING)[:32].hex() == blinding

"""Shares of a commission's key: what is wrong with one is said without a word of it."""

import traceback

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from shamir_mnemonic import generate_mnemonics

from shared.refusal import Refusal
from shared.shares import (
    ITERATIONS,
    WORDS,
    OtherCommission,
    ShareCheckWrong,
    ShareLengthWrong,
    SharesApart,
    SharesTooFew,
    ShareTwice,
    ShareWordUnknown,
    check_each,
    public_key,
    read_share,
    rebuild,
)


def made(iterations: int = ITERATIONS) -> tuple[str, list[str]]:
    """A key in seven shares, any three of which give it."""
    private = X25519PrivateKey.generate()
    secret = private.private_bytes_raw()
    [shares] = generate_mnemonics(1, [(3, 7)], secret, iteration_exponent=iterations)
    return public_key(private), shares


KEY, SHARES = made()
OTHER_KEY, OTHERS = made()


@pytest.mark.parametrize("place", [1, 17, WORDS])
def test_a_word_that_is_none_is_named_by_its_place(place: int) -> None:
    words = SHARES[0].split()
    words[place - 1] = "mairie"
    with pytest.raises(ShareWordUnknown) as refused:
        read_share(" ".join(words))
    assert refused.value.word == place
    assert f"word {place} " in str(refused.value)


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (SHARES[0].split()[:-1], ShareLengthWrong),
        ([*SHARES[0].split(), "academic"], ShareLengthWrong),
        ([], ShareLengthWrong),
        (["academic", *SHARES[0].split()[1:]], ShareCheckWrong),
        ([*SHARES[0].split()[:5], "mairie"], ShareWordUnknown),
    ],
)
def test_nothing_of_a_share_is_in_what_is_said_of_it(
    words: list[str], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal) as refused:
        read_share(" ".join(words))
    said = set("".join(traceback.format_exception_only(refused.value)).split())
    assert not said & set(words), refused.value
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None or refused.value.__suppress_context__


def test_the_share_of_another_key_is_named_by_its_place() -> None:
    with pytest.raises(SharesApart) as refused:
        rebuild([SHARES[0], OTHERS[1], SHARES[2]])
    assert refused.value.stranger == 2
    with pytest.raises(SharesApart) as refused:  # nobody can tell
        rebuild([SHARES[0], OTHERS[1]])
    assert refused.value.stranger is None


def test_shares_of_another_commission_give_no_key_of_this_one() -> None:
    assert public_key(rebuild(OTHERS[:3])) == OTHER_KEY
    with pytest.raises(OtherCommission):
        rebuild(OTHERS[:3], KEY)
    with pytest.raises(SharesTooFew):
        rebuild([*SHARES[:2], SHARES[1]], KEY)


def test_shares_that_would_take_hours_are_refused_at_once() -> None:
    _, slow = made(ITERATIONS + 1)
    with pytest.raises(OtherCommission):
        rebuild(slow[:3])


def test_each_of_many_shares_is_tried() -> None:
    assert public_key(check_each(SHARES, 3, KEY)) == KEY
    assert public_key(check_each(SHARES[2:6], 3, KEY)) == KEY
    with pytest.raises(ShareTwice):
        check_each([*SHARES[:3], SHARES[0]], 3, KEY)
    with pytest.raises(SharesApart) as refused:
        check_each([*SHARES[:4], OTHERS[4]], 3, KEY)
    assert refused.value.stranger == 5


@pytest.mark.parametrize("said", [2, 4])
def test_shares_of_another_threshold_than_is_said_are_not_this_commissions(said: int) -> None:
    """Who is told that three people have to come together is not told of two who could."""
    with pytest.raises(OtherCommission):
        check_each(SHARES, said, KEY)

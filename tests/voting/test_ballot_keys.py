"""Which Ed25519 keys may be ballot keys."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from voting.ballot_keys import SMALL_ORDER, P, flaw


def as_key(y: int) -> str:
    return b64encode(y.to_bytes(32, "little")).decode()


def new_key() -> str:
    return b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()


def test_a_fresh_key_is_a_ballot_key() -> None:
    assert flaw(new_key()) is None


@pytest.mark.parametrize(
    "key",
    [
        "",
        "not base64",
        "é" * 44,
        b64encode(bytes(31)).decode(),
        b64encode(bytes(33)).decode(),
        "\ud800",
        *(as_key(y) for y in sorted(SMALL_ORDER)),
        *(as_key(y | 1 << 255) for y in sorted(SMALL_ORDER)),
        *(as_key(P + beyond) for beyond in range(19)),
    ],
)
def test_a_key_that_verifiers_could_disagree_about_is_refused(key: str) -> None:
    assert flaw(key) is not None


def test_a_key_has_one_name() -> None:
    key = new_key()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for other in range(1, 4):  # the last character's two spare bits
        named = key[:42] + alphabet[alphabet.index(key[42]) + other] + "="
        assert flaw(named) == "its base64 is not canonical"

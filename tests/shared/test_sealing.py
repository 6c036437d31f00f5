"""What is sealed opens for the commission alone, in its own ballot, and its size tells nothing."""

import hashlib
import json
from base64 import b64decode, b64encode
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st

from shared import sealing
from shared.sealing import Place, TooLong, Unopenable, open_sealed, padded_size, seal, sealed_length
from tests.rfc9180 import schedule

PRIVATE = X25519PrivateKey.from_private_bytes(bytes(range(32)))
COMMISSION = b64encode(PRIVATE.public_key().public_bytes_raw()).decode()
PLACE = Place("5b1f6c1e-0000-4000-8000-000000000002", "A", "a key", 1)
SALT = bytes(range(32))
PADDED = 192

choices = st.lists(st.integers(1, 99) | st.tuples(st.integers(1, 9), st.integers(-9, 9)).map(list))


@given(choices.filter(lambda chosen: len(chosen) < 8))
def test_what_is_sealed_opens_to_the_same(chosen: list[Any]) -> None:
    sealed = seal(COMMISSION, PLACE, chosen, SALT, PADDED)
    assert open_sealed(PRIVATE, PLACE, sealed) == (chosen, SALT)
    assert len(sealed) == sealed_length(PADDED)


def test_the_key_schedule_of_the_rfc_opens_it_as_the_protocol_says() -> None:
    raw = b64decode(seal(COMMISSION, PLACE, [3, 1], SALT, PADDED))
    point = PRIVATE.exchange(X25519PublicKey.from_public_bytes(raw[:32]))
    info = (
        b"comptoir-ballot-v1\0"
        b'{"key":"a key","revision":1,"round":"5b1f6c1e-0000-4000-8000-000000000002","tier":"A"}'
    )
    found = schedule(point, raw[:32], PRIVATE.public_key().public_bytes_raw(), info)
    plain = ChaCha20Poly1305(found["key"]).decrypt(found["base_nonce"], raw[32:], b"")
    said = b'{"choices":[3,1],"salt":"' + SALT.hex().encode() + b'"}'
    assert plain == said + bytes(PADDED - len(said))


def test_the_commitment_is_the_hash_that_the_protocol_says() -> None:
    said = (
        b'{"choices":[3,[1,2]],"key":"a key","revision":1,'
        b'"round":"5b1f6c1e-0000-4000-8000-000000000002"}'
    )
    expected = hashlib.sha256(b"comptoir-commitment-v1" + SALT + said).hexdigest()
    assert sealing.commitment(PLACE, [3, [1, 2]], SALT) == expected


@pytest.mark.parametrize(
    "other",
    [{"round_id": "another"}, {"tier": "B"}, {"key": "another"}, {"revision": 2}],
    ids=lambda other: next(iter(other)),
)
def test_what_was_copied_into_another_ballot_opens_for_nobody(other: dict[str, Any]) -> None:
    sealed = seal(COMMISSION, PLACE, [1], SALT, PADDED)
    with pytest.raises(Unopenable):
        open_sealed(PRIVATE, replace(PLACE, **other), sealed)


@given(st.integers(0, PADDED + sealing.OVERHEAD - 1), st.integers(0, 7))
def test_no_bit_can_be_another(byte: int, bit: int) -> None:
    raw = bytearray(b64decode(seal(COMMISSION, PLACE, [1], SALT, PADDED)))
    # X25519 masks the highest bit of a point (RFC 7748 §5), but `enc` is in the key schedule.
    raw[byte] ^= 1 << bit
    with pytest.raises(Unopenable):
        open_sealed(PRIVATE, PLACE, b64encode(raw).decode())


def test_another_commission_opens_nothing() -> None:
    with pytest.raises(Unopenable):
        open_sealed(
            X25519PrivateKey.from_private_bytes(bytes(range(1, 33))),
            PLACE,
            seal(COMMISSION, PLACE, [1], SALT, PADDED),
        )


@pytest.mark.parametrize(
    "words",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 5000,
        b'{"choices":[1]}',
        b'{"choices":1,"salt":"' + b"0" * 64 + b'"}',
        b'{"choices":[1],"salt":"00"}',
        b'{"choices":[1],"salt":7}',
        b'{"choices":[1],"salt":"' + b"x" * 64 + b'"}',
    ],
    ids=repr,
)
def test_sealed_nonsense_is_no_ballot(words: bytes) -> None:
    raw = sealing._SUITE.encrypt(words, PRIVATE.public_key(), sealing._info(PLACE))
    with pytest.raises(Unopenable):
        open_sealed(PRIVATE, PLACE, b64encode(raw).decode())


@pytest.mark.parametrize("text", ["", "é", "A" * 5, "A" * 64])
def test_what_is_not_sealed_at_all_is_no_ballot(text: str) -> None:
    with pytest.raises(Unopenable):
        open_sealed(PRIVATE, PLACE, text)


@given(choices)
def test_the_longest_choices_have_room_and_longer_ones_are_refused(chosen: list[Any]) -> None:
    padded = padded_size(len(json.dumps(chosen, separators=(",", ":"))))
    assert padded % sealing.BLOCK == 0
    seal(COMMISSION, PLACE, chosen, SALT, padded)
    with pytest.raises(TooLong):
        seal(COMMISSION, PLACE, [*chosen, *[1] * sealing.BLOCK], SALT, padded)

"""A sealed ballot: it commits to its choices in public, and the commission alone can read them.

As voting-protocol.md §5 says: the commitment is SHA-256("comptoir-commitment-v1" ‖ salt ‖
JCS{choices, key, revision, round}). Sealed is JCS{choices, salt} with zeros up to the round's size,
by HPKE (RFC 9180, base mode, X25519, HKDF-SHA256, ChaCha20-Poly1305, no `aad`); `info` names round,
tier, key and revision, so that what somebody copied opens in no other ballot.
"""

import hashlib
import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from shared.canonical import canonical

SALT = 32
# What is sealed has a multiple of so many bytes.
BLOCK = 64
# Before what is sealed the sender's key, behind it the tag.
OVERHEAD = 32 + 16
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_COMMITMENT = b"comptoir-commitment-v1"
_INFO = b"comptoir-ballot-v1\0"


class TooLong(Exception):
    """These choices are more than a ballot of the round has room for."""


class Unopenable(Exception):
    """Nobody can open this: it is not sealed to this key in this ballot, or says nothing."""


@dataclass(frozen=True, slots=True)
class Place:
    """The ballot that something is sealed in; `round_id` and `key` as on the wire."""

    round_id: str
    tier: str
    key: str
    revision: int


def new_salt() -> bytes:
    """So much chance that nobody finds choices by trying."""
    return secrets.token_bytes(SALT)


def commitment(place: Place, choices: Sequence[Any], salt: bytes) -> str:
    """What the ballot shows of its choices, in hexadecimal; the tier is no part of it."""
    said = {
        "choices": choices,
        "key": place.key,
        "revision": place.revision,
        "round": place.round_id,
    }
    return hashlib.sha256(_COMMITMENT + salt + canonical(said)).hexdigest()


def padded_size(longest: int) -> int:
    """The bytes that a round's ballots are padded to, of which the longest choices have so many."""
    return -(-(longest + len(_plain([], bytes(SALT))) - 2) // BLOCK) * BLOCK


def sealed_length(padded: int) -> int:
    """How many characters `sealed` has."""
    return -(-(padded + OVERHEAD) // 3) * 4


def seal(commission: str, place: Place, choices: Sequence[Any], salt: bytes, padded: int) -> str:
    """Choices sealed to the commission's key (raw X25519, base64). Raises `TooLong`."""
    plain = _plain(choices, salt)
    if len(plain) > padded:
        raise TooLong(f"{len(plain)} bytes, a ballot of this round has {padded}")
    key = X25519PublicKey.from_public_bytes(b64decode(commission))
    return b64encode(_SUITE.encrypt(plain.ljust(padded, b"\0"), key, _info(place))).decode()


def open_sealed(private: X25519PrivateKey, place: Place, sealed: str) -> tuple[list[Any], bytes]:
    """The choices and the salt. Raises `Unopenable`.

    Whether the choices are what the ballot committed to, or a ballot at all, is for others to see.
    """
    try:
        plain = _SUITE.decrypt(b64decode(sealed, validate=True), private, _info(place))
    except (InvalidTag, ValueError):
        raise Unopenable("it is not sealed to this key in this ballot") from None
    try:
        said = json.loads(plain.rstrip(b"\0"))
        choices, salt = said["choices"], bytes.fromhex(said["salt"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Unopenable("what it says is no ballot") from None
    if not isinstance(choices, list) or len(salt) != SALT:
        raise Unopenable("what it says is no ballot")
    return choices, salt


def _plain(choices: Sequence[Any], salt: bytes) -> bytes:
    return canonical({"choices": choices, "salt": salt.hex()})


def _info(place: Place) -> bytes:
    named = {
        "key": place.key,
        "revision": place.revision,
        "round": place.round_id,
        "tier": place.tier,
    }
    return _INFO + canonical(named)

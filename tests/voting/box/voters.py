"""Voters and a tier key of the tests' own: what the roll and a voter's device would make."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.canonical import canonical

TIERS = ("A", "B")


@cache
def tier_key(tier: str) -> RSAPrivateKey:
    """The private key of a tier, the same for all tests."""
    assert tier in TIERS
    return generate_private_key(65537, 3072)


def spki(tier: str) -> bytes:
    """The public key of a tier (SPKI, DER)."""
    return tier_key(tier).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def public_keys(*tiers: str) -> dict[str, str]:
    """The tiers of a round, as its opening states them."""
    return {tier: b64encode(spki(tier)).decode() for tier in tiers}


def token_message(round_id: UUID, tier: str, key: str) -> bytes:
    """What a token is a signature over."""
    named = {"v": "comptoir-token-v1", "round": str(round_id), "tier": tier, "key": key}
    return canonical(named)


def token_for(round_id: UUID, tier: str, key: str) -> str:
    """The token of a ballot key."""
    padding = PSS(mgf=MGF1(hashes.SHA384()), salt_length=0)
    message = token_message(round_id, tier, key)
    return b64encode(tier_key(tier).sign(message, padding, hashes.SHA384())).decode()


class Voter:
    """Somebody with a token for a round."""

    def __init__(self, round_id: UUID, tier: str = "A", secret: bytes | None = None) -> None:
        made = Ed25519PrivateKey.generate()
        self.private = Ed25519PrivateKey.from_private_bytes(secret or made.private_bytes_raw())
        self.key = b64encode(self.private.public_key().public_bytes_raw()).decode()
        self.round_id = round_id
        self.tier = tier
        self.token = token_for(round_id, tier, self.key)

    def fields(
        self, choices: Sequence[int] | None = (), revision: int = 1, **others: Any
    ) -> dict[str, Any]:
        """A ballot, signed after `others` are put into it; those of None are left out."""
        made = {
            "v": 1,
            "round": str(self.round_id),
            "tier": self.tier,
            "key": self.key,
            "token": self.token,
            "revision": revision,
            "choices": None if choices is None else list(choices),
        } | others
        fields = {name: value for name, value in made.items() if value is not None}
        return fields | {"sig": b64encode(self.private.sign(canonical(fields))).decode()}

    def ballot(self, choices: Sequence[int] | None = (), revision: int = 1, **others: Any) -> bytes:
        """The same as canonical bytes."""
        return canonical(self.fields(choices, revision, **others))


def bytes_of(base64: str) -> bytes:
    """What a text in base64 stands for."""
    return b64decode(base64, validate=True)

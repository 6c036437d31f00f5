"""What a voter's device makes of a voting code: the ballot key, the token for it, the ballot.

The bytes of voting-protocol.md §4 and §5, as the script of the voting page makes them; nothing here
asks anybody.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from shared import rsabssa, voting_code
from shared.events.voting import token_bytes
from shared.promises import promised
from shared.sealing import Place


class PromiseBroken(Exception):
    """What the box answered is not its signed promise for this ballot."""


class Device:
    """A seed's ballot key in a round, at a tier. The same seed gives the same bytes everywhere."""

    __slots__ = ("_private", "_seed", "key", "round_id", "tier")

    def __init__(self, seed: bytes, round_id: UUID, tier: str) -> None:
        self._seed, self.round_id, self.tier = seed, round_id, tier
        secret = voting_code.derive(seed, round_id, tier, voting_code.BALLOT_KEY)
        self._private = Ed25519PrivateKey.from_private_bytes(secret)
        self.key = b64encode(self._private.public_key().public_bytes_raw()).decode()

    def blinded(self, public: RSAPublicKey) -> str:
        """What the roll signs for it, in base64. Raises `rsabssa.FactorRefused`."""
        return b64encode(rsabssa.blind(public, self._message, self._factor(public))).decode()

    def token(self, public: RSAPublicKey, signature: str) -> str:
        """The token that the roll's answer gives, in base64. Raises `rsabssa.SignatureWrong`."""
        signed = b64decode(signature)
        found = rsabssa.finalize(public, self._message, signed, self._factor(public))
        return b64encode(found).decode()

    def question(self, nonce: str) -> dict[str, str]:
        """The question after the highest revision under the key, signed with it."""
        said = {
            "round": str(self.round_id),
            "key": self.key,
            "purpose": "highest-revision",
            "nonce": nonce,
        }
        return said | {"sig": self._signed(said)}

    def place(self, revision: int) -> Place:
        """The ballot of this revision, as something is sealed in it."""
        return Place(str(self.round_id), self.tier, self.key, revision)

    def ballot(self, token: str, revision: int, said: Mapping[str, Any]) -> bytes:
        """A signed ballot, as canonical bytes: `said` are its `choices`, or its `commitment` and
        what is `sealed`. The same again gives the same bytes."""
        fields = {
            "v": 1,
            "round": str(self.round_id),
            "tier": self.tier,
            "key": self.key,
            "token": token,
            "revision": revision,
            **said,
        }
        return rfc8785.dumps(fields | {"sig": self._signed(fields)})

    @property
    def _message(self) -> bytes:
        return token_bytes(self.round_id, self.tier, self.key)

    def _factor(self, public: RSAPublicKey) -> int:
        derived = voting_code.derive(self._seed, self.round_id, self.tier, voting_code.BLINDING)
        return rsabssa.factor(public, derived)

    def _signed(self, said: Mapping[str, Any]) -> str:
        return b64encode(self._private.sign(rfc8785.dumps(dict(said)))).decode()


def tier_key(spki: str) -> RSAPublicKey:
    """A tier's public key, as the opening of a round states it (SPKI, DER, base64)."""
    public = load_der_public_key(b64decode(spki))
    assert isinstance(public, RSAPublicKey)
    return public


def check_promise(
    promise: Mapping[str, Any], digest: bytes, round_id: UUID, box: Ed25519PublicKey
) -> None:
    """Raise `PromiseBroken` unless this is the box's word for the ballot of this digest, in the one
    form that it can have."""
    said = {name: value for name, value in promise.items() if name != "signature"}
    if said != promised(digest, round_id):
        raise PromiseBroken(f"what the box promises is not that {digest.hex()} is published")
    try:
        box.verify(b64decode(promise["signature"]), rfc8785.dumps(said))
    except InvalidSignature:
        raise PromiseBroken(f"the promise for ballot {digest.hex()} is not signed by it") from None

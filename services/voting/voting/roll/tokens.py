"""The token: the signature that a ballot key may vote once in a round, at a tier, made blindly.

What the voter asks to be signed is blinded, so that nobody but she knows which ballot key it is
for (RFC 9474). The rules here say what may be signed, and whether it was.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Annotated, NamedTuple, Self

import gmpy2
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.refusal import Refusal
from voting.roll.codes import read_one

BLINDED_BYTES = 384


class RequestMalformed(Refusal):
    """What was sent is not a request for a token, or for a code's tier."""

    code = "malformed"


class BlindedRefused(Refusal):
    """What shall be signed is no canonical base64 of 384 bytes, 0, or not below the modulus."""

    code = "blinded_refused"


class SignatureWrong(Refusal):
    """The signer answered with something that is no signature under the announced key."""

    code = "signature_wrong"


class CodeIn(BaseModel):
    """A posted code, whose tier is asked for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: str


class TokenIn(BaseModel):
    """A request for a token: a posted code, and what shall be signed for it, in base64."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: str
    blinded: Annotated[str, Field(max_length=512)]


class Asked(NamedTuple):
    """A request that was read: the code in its one form, and the blinded value."""

    code: str
    blinded: bytes


class AnnouncedKey(NamedTuple):
    """The public key that was announced for a tier."""

    modulus: gmpy2.mpz
    exponent: int

    @classmethod
    def of(cls, spki: bytes) -> Self:
        """From its bytes (SPKI, DER)."""
        public = load_der_public_key(spki)
        assert isinstance(public, RSAPublicKey)
        numbers = public.public_numbers()
        return cls(gmpy2.mpz(numbers.n), numbers.e)


def read_code_of(sent: bytes) -> str:
    """The code in a body, in its one form. Raises `RequestMalformed`, `CodeMalformed`."""
    return read_one(_read(CodeIn, sent).code)


def read_request(sent: bytes) -> Asked:
    """The request in a body. Raises `RequestMalformed`, `CodeMalformed`, `BlindedRefused`; none
    of them quotes what was sent."""
    asked = _read(TokenIn, sent)
    code = read_one(asked.code)
    try:
        blinded = b64decode(asked.blinded, validate=True)
    except ValueError:
        raise BlindedRefused("the blinded value is not base64") from None
    if b64encode(blinded).decode() != asked.blinded:
        raise BlindedRefused("the base64 of the blinded value is not canonical")
    if len(blinded) != BLINDED_BYTES:
        raise BlindedRefused(f"a blinded value has {BLINDED_BYTES} bytes, not {len(blinded)}")
    return Asked(code, blinded)


def fitting(tiers: Mapping[str, AnnouncedKey], blinded: bytes) -> list[str]:
    """The tiers whose key can sign a value: it is not 0, and below their modulus."""
    value = int.from_bytes(blinded)
    return [tier for tier, key in tiers.items() if 0 < value < key.modulus]


def check_signature(key: AnnouncedKey, blinded: bytes, signature: bytes) -> None:
    """Raises `SignatureWrong` unless the signature, raised to the public exponent, is the value.

    A fault while it was computed, or a key file that was exchanged, would be useless to the voter,
    and could give the private key away (Boneh, DeMillo and Lipton, 1997).
    """
    value = int.from_bytes(signature)
    if len(signature) != BLINDED_BYTES or not 0 < value < key.modulus:
        raise SignatureWrong("the signer's answer is no number modulo n")
    if gmpy2.powmod(value, key.exponent, key.modulus) != int.from_bytes(blinded):
        raise SignatureWrong("the signer's answer is not signed by the announced tier key")


def _read[M: BaseModel](model: type[M], sent: bytes) -> M:
    try:
        return model.model_validate_json(sent)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = found["loc"][0] if found["loc"] and found["type"] != "extra_forbidden" else "body"
        raise RequestMalformed(f"{place}: {found['type'].replace('_', ' ')}") from None

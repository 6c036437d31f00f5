"""The token: the roll's signature that a ballot key may vote once in a round, at a tier.

RSASSA-PSS with SHA-384, MGF1 with SHA-384 and no salt (RFC 9474's PSSZERO, not blinded yet): the
same message always gives the same bytes.
"""

from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.refusal import Refusal
from voting import ballot_keys, token_signature
from voting.refusals import KeyRefused
from voting.roll.codes import read_one


class RequestMalformed(Refusal):
    """What was sent is not a request for a token."""

    code = "malformed"


class TokenIn(BaseModel):
    """A request for a token: a posted code, and the ballot key that it shall be for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: str
    key: str


class Signer(NamedTuple):
    """A tier's private key, and the public one that was announced."""

    private: RSAPrivateKey
    announced: RSAPublicKey


def read_request(sent: bytes) -> TokenIn:
    """The request in a body, its code in the one form, its key checked.

    Raises `RequestMalformed`, `CodeMalformed`, `KeyRefused`; none of them quotes code or key.
    """
    try:
        asked = TokenIn.model_validate_json(sent)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = found["loc"][0] if found["loc"] and found["type"] != "extra_forbidden" else "body"
        raise RequestMalformed(f"{place}: {found['type'].replace('_', ' ')}") from None
    check_key(asked.key)
    return TokenIn(code=read_one(asked.code), key=asked.key)


def check_key(key: str) -> None:
    """Raises `KeyRefused` where a text is not the base64 of an Ed25519 key good for ballots."""
    if (found := ballot_keys.flaw(key)) is not None:
        raise KeyRefused(f"the ballot key is refused: {found}")


def sign_token(signer: Signer, message: bytes) -> bytes:
    """The token for a message, verified under the announced key before it leaves.

    A wrong signature (a fault while it was computed, a key file that was exchanged) would be
    useless to the voter, and could give the private key away (Boneh, DeMillo and Lipton, 1997).
    """
    token = signer.private.sign(message, token_signature.PADDING, token_signature.HASH)
    try:
        signer.announced.verify(token, message, token_signature.PADDING, token_signature.HASH)
    except InvalidSignature:
        raise RuntimeError("a token does not verify under the announced tier key") from None
    return token

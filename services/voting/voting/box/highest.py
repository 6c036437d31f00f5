"""The highest revision under a ballot key, told to whoever has the key and to nobody else.

Keys are public once their ballots are published, and when somebody changed her mind is not: so the
question is signed, with a nonce of the box that is good for a few minutes. Nothing is kept of it.
"""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from typing import Annotated, Literal
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.canonical import canonical
from shared.events.event import PublicKey, Signature
from shared.refusal import Refusal
from voting import ballot_keys
from voting.box.ballots import SignatureInvalid
from voting.refusals import KeyRefused

PURPOSE: Literal["highest-revision"] = "highest-revision"
# How long a nonce is good, in seconds.
LASTS = 300
LARGEST_QUESTION = 1024
_TIME, _CHANCE, _MAC = 8, 16, 32


class NonceStale(Refusal):
    """The nonce is not one that the box gave within the last minutes."""

    code = "nonce_stale"


class QuestionMalformed(Refusal):
    """What was sent is not the question after the highest revision."""

    code = "question_malformed"


class Nonce(BaseModel):
    """What a question must hold, so that nobody asks it again."""

    nonce: str


class Question(BaseModel):
    """Asked by the holder of a ballot key, and signed with it over all other fields (RFC 8785)."""

    model_config = ConfigDict(extra="forbid")

    round: UUID
    key: PublicKey
    purpose: Literal["highest-revision"]
    nonce: Annotated[str, Field(max_length=100)]
    sig: Signature

    def signed_bytes(self) -> bytes:
        """What `sig` is over."""
        return canonical(self.model_dump(mode="json", exclude={"sig"}))


class Highest(BaseModel):
    """The highest revision that the box has under a key; 0 where it has none."""

    revision: int


class Nonces:
    """Nonces of one box. All its replicas have the same key, and remember none of them."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        named = b"comptoir-box-nonce-v1" + key.private_bytes_raw()
        self._key = hashlib.sha256(named).digest()

    def new(self, now: float) -> str:
        """A nonce that is good from now on, in seconds since 1970."""
        said = int(now).to_bytes(_TIME) + secrets.token_bytes(_CHANCE)
        return b64encode(said + self._mac(said)).decode()

    def check(self, nonce: str, now: float) -> None:
        """Raise `NonceStale` unless it is one of ours, and young enough."""
        try:
            raw = b64decode(nonce, validate=True)
        except ValueError:
            raw = b""
        said, mac = raw[: _TIME + _CHANCE], raw[_TIME + _CHANCE :]
        known = len(raw) == _TIME + _CHANCE + _MAC and hmac.compare_digest(mac, self._mac(said))
        age = now - int.from_bytes(said[:_TIME])
        if not known or age > LASTS:
            raise NonceStale(f"ask for a nonce and use it within {LASTS} seconds")

    def _mac(self, said: bytes) -> bytes:
        return hmac.digest(self._key, said, "sha256")


def read_question(sent: bytes) -> Question:
    """The question in a request's body. Raises `QuestionMalformed`, without quoting it."""
    try:
        return Question.model_validate_json(sent)
    except ValidationError:
        fields = ", ".join(Question.model_fields)
        raise QuestionMalformed(f"a question has these fields and no other: {fields}") from None


def check_question(question: Question, nonces: Nonces, now: float) -> None:
    """Whether the holder of the key asks, now. Raises `NonceStale`, `KeyRefused`,
    `SignatureInvalid`."""
    nonces.check(question.nonce, now)
    if (found := ballot_keys.flaw(question.key)) is not None:
        raise KeyRefused(f"the ballot key is refused: {found}")
    try:
        Ed25519PublicKey.from_public_bytes(b64decode(question.key)).verify(
            b64decode(question.sig), question.signed_bytes()
        )
    except InvalidSignature:
        raise SignatureInvalid("the question is not signed by its key") from None

"""Questions to the signer and its answers: a JSON object a line, answered in order.

| question | answer |
|---|---|
| `{"do":"health"}` | `{"status":"ready"}` |
| `{"do":"make","round":…,"tier":…}` | `{"public":…}`, SPKI in base64, of a key made if need be |
| `{"do":"public","round":…,"tier":…}` | the same, of a key that there is |
| `{"do":"destroy","round":…,"tier":…}` | the same, of a key that is gone for good |
| `{"do":"sign","round":…,"tier":…,"blinded":…}` | `{"signature":…}`, base64 of 384 bytes each |

What is refused is answered with `{"code":…,"detail":…}`, which quotes nothing.
"""

import asyncio
import json
import logging
from base64 import b64encode
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shared.events.event import Tier
from shared.refusal import Refusal
from voting.signer.keys import TierKeys
from voting.signer.signing import SigningFailed, read_blinded

log = logging.getLogger("comptoir.signer")


class QuestionMalformed(Refusal):
    """This line is no question."""

    code = "malformed"


class _Question(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Health(_Question):
    """Whether it answers."""

    do: Literal["health"]


class Key(_Question):
    """For a tier's public key, made first where `make` is said; `destroy` leaves nothing else."""

    do: Literal["make", "public", "destroy"]
    round: UUID
    tier: Tier


class Sign(_Question):
    """For the blind signature of a blinded value."""

    do: Literal["sign"]
    round: UUID
    tier: Tier
    blinded: str


Question = Annotated[Health | Key | Sign, Field(discriminator="do")]
_QUESTION: TypeAdapter[Health | Key | Sign] = TypeAdapter(Question)


async def answered(keys: TierKeys, line: bytes) -> bytes:
    """The answer to a line, as a line."""
    try:
        said = await _answer(keys, _read(line))
    except Refusal as refusal:
        if isinstance(refusal, SigningFailed):
            log.critical("a signature did not verify: is this machine's memory sound?")
        said = {"code": refusal.code, "detail": str(refusal)}
    return json.dumps(said).encode() + b"\n"


def _read(line: bytes) -> Health | Key | Sign:
    try:
        return _QUESTION.validate_json(line)
    except ValidationError:
        raise QuestionMalformed("this line is no question") from None


async def _answer(keys: TierKeys, asked: Health | Key | Sign) -> dict[str, str]:
    match asked:
        case Health():
            keys.forget()
            return {"status": "ready"}
        case Key():
            # Making one takes a second: others are answered meanwhile.
            find = {"make": keys.make, "public": keys.public, "destroy": keys.destroy}[asked.do]
            public = await asyncio.to_thread(find, asked.round, asked.tier)
            return {"public": b64encode(public).decode()}
        case Sign():
            blinded = read_blinded(asked.blinded)
            signature = keys.key(asked.round, asked.tier).sign(blinded)
            return {"signature": b64encode(signature).decode()}

"""A request that is sent again because its answer was lost gets the answer it would have had."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Annotated, Self

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.canonical import canonical
from shared.people import FormData
from shared.refusal import Refusal
from submission import queries


class IdempotencyConflict(Refusal):
    """An idempotency key comes again with another request."""

    code = "idempotency_conflict"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked; without a key, it is not remembered."""

    key: str | None
    digest: bytes

    def with_part(self, part: bytes) -> "Asked":
        """The same with a file: with another one, it is another request."""
        digest = hashlib.sha256(self.digest + part).digest()
        if self.key is None:
            return Asked(None, digest)
        return Asked("form:" + hashlib.sha256(self.key.encode() + part).hexdigest(), digest)

    def check_same(self, digest: bytes) -> None:
        """Raises `IdempotencyConflict` where the remembered request was another one."""
        if not hmac.compare_digest(self.digest, digest):
            raise IdempotencyConflict("this Idempotency-Key was used for another request")


async def asked(
    request: Request,
    key: Annotated[
        str | None,
        Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[!-~]+$"),
    ] = None,
) -> Asked:
    """The method, path and body of a request, under its key."""
    line = f"{request.method} {request.url.path}\n".encode()
    return Asked(key, hashlib.sha256(line + await request.body()).digest())


RouteAsked = Annotated[Asked, Depends(asked)]


async def asked_by_form(request: Request, data: FormData) -> Asked:
    """A form under its `once`: sent again as it is, it does nothing more; written anew on a page
    that was gone back to, it is another request."""
    once = data.get("once", "")
    said = sorted((name, value) for name, value in data.items() if name not in ("once", "csrf"))
    line = canonical({"path": request.url.path, "said": [list(pair) for pair in said]})
    found = hashlib.sha256(line).digest()
    return Asked(None, found) if not once else Asked(_form_key(once, found), found)


def _form_key(once: str, found: bytes) -> str:
    return "form:" + hashlib.sha256(once.encode() + found).hexdigest()


RouteFormAsked = Annotated[Asked, Depends(asked_by_form)]


class Answer(BaseModel):
    """What is answered, and kept for whoever asks again with the same key."""

    @classmethod
    async def given(cls, session: AsyncSession, asked: Asked) -> Self | None:
        """What this very request was answered before. Raises `IdempotencyConflict`."""
        if asked.key is None:
            return None
        known = await queries.answered(session, asked.key, asked.digest)
        if known is None:
            return None
        asked.check_same(known.asked)
        return cls.model_validate(known.answer)

    async def keep(self, session: AsyncSession, asked: Asked) -> Self:
        """Remember this answer in the transaction that makes it true."""
        if asked.key is not None:
            await queries.remember_answer(session, asked.key, self.model_dump(mode="json"))
        return self

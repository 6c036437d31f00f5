"""One witness, asked over HTTP (C2SP tlog-witness v1.0.0), and what its answers mean.

A witness may be slow, away or wrong: all of that is an answer that counts for nothing. Only what
says that there are two trees is more.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import httpx

from ledger.notes import Checkpoint, Malformed, Note, Signature, read_size
from ledger.policy import Party
from ledger.verifier_keys import VerifierKey, WrongSignature
from ledger.witness.requests import written

WITHIN = 2.0
# How far a witness's clock may be from ours: a cosignature of long ago, or of years ahead, would be
# fresh to no auditor, or to every one for ever.
CLOCKS = 300
LONGEST_ANSWER = 64 * 1024
_SIZE = "text/x.tlog.size"
_REFUSED = {400: "refused", 403: "key_unknown", 404: "log_unknown"}


@dataclass(frozen=True, slots=True)
class Cosigned:
    """It saw that the tree continues what it knew."""

    signature: Signature


@dataclass(frozen=True, slots=True)
class Holds:
    """The last tree that it cosigned has this size, which is not the one it was asked from."""

    size: int


@dataclass(frozen=True, slots=True)
class Contradicts:
    """It did not see that the tree continues what it knew: maybe there are two."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No answer that says anything about the tree; `why` is a word for the metrics."""

    why: str


Answer = Cosigned | Holds | Contradicts | Nothing


def meaning(
    status: int, kind: str, body: bytes, key: VerifierKey, note: str, now: float | None = None
) -> Answer:
    """What an answer to the submission of this note means."""
    match status:
        case 200:
            return _cosigned(body, key, note, time.time() if now is None else now)
        case 409 if kind.partition(";")[0].strip() == _SIZE:
            try:
                return Holds(read_size(body.decode("ascii").removesuffix("\n")))
            except (Malformed, UnicodeDecodeError):
                return Nothing("garbage")
        case 422:
            return Contradicts()
        case _:
            return Nothing(_REFUSED.get(status, "garbage"))


def _cosigned(body: bytes, key: VerifierKey, note: str, now: float) -> Answer:
    try:
        found = Note.parse(note.encode() + body)
        times = key.times(found)
        if not times or any(abs(now - each) > CLOCKS for each in times):
            return Nothing("garbage")
    except (Malformed, WrongSignature):
        return Nothing("garbage")
    ours = [s for s in found.signatures if (s.name, s.id) == (key.name, key.id)]
    return Cosigned(ours[-1])


class Witness:
    """A witness of the policy, under its name there."""

    def __init__(self, name: str, party: Party, client: httpx.AsyncClient) -> None:
        self.name = name
        self.key = party.key
        self._url = f"{party.url}".rstrip("/")
        self._client = client

    async def add(self, old: int, proof: Sequence[bytes], note: str) -> Answer:
        """Submit a checkpoint. It takes two seconds at most."""
        try:
            async with asyncio.timeout(WITHIN):
                return await self._add(written(old, proof, note), note)
        except TimeoutError:
            return Nothing("slow")
        except (httpx.HTTPError, httpx.InvalidURL):
            return Nothing("unreachable")

    async def _add(self, body: bytes, note: str) -> Answer:
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        content = bytearray()
        async with self._client.stream(
            "POST", f"{self._url}/add-checkpoint", content=body, headers=headers
        ) as response:
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > LONGEST_ANSWER:
                    return Nothing("garbage")
        kind = response.headers.get("Content-Type", "")
        return meaning(response.status_code, kind, bytes(content), self.key, note)

    async def shown(self, origin: str, keys: Iterable[VerifierKey]) -> int:
        """The size of the last checkpoint that it cosigned, as it can show it in writing: signed by
        one of these keys of the log. 0 where it shows none. It takes two seconds at most."""
        url = f"{self._url}/{sha256(origin.encode()).hexdigest()}/checkpoint"
        content = bytearray()
        try:
            async with asyncio.timeout(WITHIN), self._client.stream("GET", url) as response:
                if response.status_code != 200:
                    return 0
                async for chunk in response.aiter_bytes():
                    content += chunk
                    if len(content) > LONGEST_ANSWER:
                        return 0
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL):
            return 0
        return signed_size(bytes(content), origin, keys)


def signed_size(note: bytes, origin: str, keys: Iterable[VerifierKey]) -> int:
    """The size of a checkpoint of this log that one of its keys signed; 0 where it is none."""
    try:
        read = Note.parse(note)
        checkpoint = Checkpoint.parse(read.text)
        known = any([key.times(read) for key in keys])
    except (Malformed, WrongSignature):
        return 0
    return checkpoint.size if known and checkpoint.origin == origin else 0

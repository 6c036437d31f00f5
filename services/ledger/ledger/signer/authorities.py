"""Time-stamping authorities (RFC 3161), asked over HTTP, and what their answers mean.

An authority may be slow, away or wrong: whatever is not a good stamp of what it was asked about
counts for nothing, and is asked for again.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import httpx
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.tsp import PKIStatus, TimeStampRequest

from ledger.notes import Malformed

WITHIN = 10.0
LONGEST_REPLY = 64 * 1024
# How far an authority's clock may be from ours.
CLOCKS = timedelta(minutes=5)
SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,59}")


@dataclass(frozen=True, slots=True)
class Stamped:
    """A reply that verifies, and the time that it states."""

    reply: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class NoStamp:
    """No stamp; `why` is a word for the metrics."""

    why: str


@dataclass(frozen=True, slots=True)
class Authority:
    """Somebody whose word for the time is taken: by whom its certificate is signed, and by which
    of its policies it has to stamp, where that matters."""

    name: str
    url: str
    roots: tuple[x509.Certificate, ...]
    policy: x509.ObjectIdentifier | None = None


def read_authorities(file: Path) -> tuple[Authority, ...]:
    """The authorities of a file, in the order in which they are asked. Raises `Malformed`.

    Lines are `authority <name> <url> <file of CA certificates, PEM> [<policy's OID>]`; a file is
    looked for beside this one. Empty lines and those with `#` before them are passed over.
    """
    found: list[Authority] = []
    for number, line in enumerate(file.read_text().split("\n"), start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            authority = _read(words, file.parent)
        except (Malformed, ValueError, OSError) as error:
            raise Malformed(f"{file}, line {number}: {error}") from None
        if authority.name in {each.name for each in found}:
            raise Malformed(f"{file}, line {number}: {authority.name} is there already")
        found.append(authority)
    if not found:
        raise Malformed(f"{file} names no authority")
    return tuple(found)


def _read(words: Sequence[str], beside: Path) -> Authority:
    match words:
        case ["authority", name, url, certificates, *policy] if len(policy) <= 1:
            if _NAME.fullmatch(name) is None:
                raise Malformed("a name has small letters, digits, dots and hyphens")
            if not url.startswith(("http://", "https://")):
                raise Malformed(f"{url[:100]} is no address")
            roots = x509.load_pem_x509_certificates((beside / certificates).read_bytes())
            return Authority(
                name, url, tuple(roots), x509.ObjectIdentifier(policy[0]) if policy else None
            )
        case _:
            raise Malformed("a line is: authority NAME URL CA.pem [POLICY]")


async def asked(
    client: httpx.AsyncClient, authority: Authority, note: bytes, within: float = WITHIN
) -> Stamped | NoStamp:
    """Ask an authority to stamp these bytes. It takes so many seconds at most."""
    request = (
        TimestampRequestBuilder().data(note).hash_algorithm(HashAlgorithm.SHA256).nonce().build()
    )
    try:
        async with asyncio.timeout(within):
            reply = await _reply(client, authority.url, request.as_bytes())
    except TimeoutError:
        return NoStamp("slow")
    except (httpx.HTTPError, httpx.InvalidURL):
        return NoStamp("unreachable")
    return reply if isinstance(reply, NoStamp) else meaning(reply, request, note, authority)


async def _reply(client: httpx.AsyncClient, url: str, request: bytes) -> bytes | NoStamp:
    """The body of an answer. Redirects are not followed."""
    headers = {"Content-Type": "application/timestamp-query"}
    content = bytearray()
    async with client.stream("POST", url, content=request, headers=headers) as response:
        if response.status_code != 200:
            return NoStamp("refused")
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > LONGEST_REPLY:
                return NoStamp("garbage")
    return bytes(content)


def meaning(
    reply: bytes,
    request: TimeStampRequest,
    note: bytes,
    authority: Authority,
    now: datetime | None = None,
) -> Stamped | NoStamp:
    """What a reply to this request is worth.

    1. It can be read, and grants a stamp.
    2. It is over the SHA-256 of the note.
    3. It answers this request (nonce), by the policy that is wanted.
    4. Its signer has a certificate for time stamps, valid then, of whom the setting trusts.
    5. Its time is about the time it is here.
    """
    try:
        found = decode_timestamp_response(reply)
        if PKIStatus(found.status) != PKIStatus.GRANTED:
            return NoStamp("refused")
        info = found.tst_info
        imprint = info.message_imprint
        same = (imprint.hash_algorithm, imprint.message) == (SHA256, sha256(note).digest())
        nonce, policy, at = info.nonce, info.policy, info.gen_time
    except ValueError:
        return NoStamp("garbage")
    if not same:
        return NoStamp("imprint")
    if nonce != request.nonce:
        return NoStamp("nonce")
    if authority.policy is not None and policy != authority.policy:
        return NoStamp("policy")
    if not verifies(found, note, authority):
        return NoStamp("untrusted")
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    if abs((now or datetime.now(UTC)) - at) > CLOCKS:
        return NoStamp("clock")
    return Stamped(reply, at)


def verifies(found: TimeStampResponse, note: bytes, authority: Authority) -> bool:
    """Whether its signer is one that the authority's certificates vouch for."""
    try:
        verifier = VerifierBuilder(roots=list(authority.roots)).build()
        return verifier.verify_message(found, note)
    except (VerificationError, ValueError):
        return False

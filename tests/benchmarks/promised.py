"""Ballots cast, sealed and with promises in hand."""

import asyncio
import hashlib
import json
from base64 import b64decode
from collections.abc import AsyncIterator, Sequence

import aiohttp
import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.canonical import canonical
from tests.benchmarks.casting import Polling, Sent, polling, send, send_at
from tests.benchmarks.figure import Figure, load_average, median_of, say

TIMES, BALLOTS, WARM_UP = 3, 12_000, 1_000
HALF_LOAD_SECONDS, MOST_CONNECTIONS = 10, 256
RIVALS, OF_ONE_KEY = 40, 50
KEPT = (
    "select key, revision, digest from waiting union all"
    " select key, revision, digest from published"
)


async def casting() -> AsyncIterator[Figure]:
    """Sealed ballots cast, each answered by a promise after its commit, in turn with a bare insert
    of the same bytes; then half of that load; then many ballots at once under each of some keys.

    Last, PostgreSQL is killed: what was promised has to be there when it is back.
    """
    async with polling() as found:
        say(f"making {TIMES * BALLOTS + WARM_UP:,} ballots")
        ballots = await asyncio.to_thread(found.election.ballots, TIMES * BALLOTS + WARM_UP)
        kept = _Promises(await _promise_key(found))
        await send(found.bare, ballots[:WARM_UP])
        kept.keep(ballots[:WARM_UP], await send(found.box, ballots[:WARM_UP]))
        rates, references = [], []
        for start in range(WARM_UP, len(ballots), BALLOTS):
            these = ballots[start : start + BALLOTS]
            references.append((await send(found.bare, these)).rate)
            sent = await send(found.box, these)
            rates.append(sent.rate)
            kept.keep(these, sent)
        cast = median_of("cast, ballots/s", rates)
        reference = median_of("bare inserts/s", references)
        yield Figure("cast", cast, "ballots/s", ">= 2500", reference)
        yield Figure("cast-ratio", cast / reference, "of bare inserts/s", ">= 0.5")
        yield Figure("cast-p99", await _half_load(found, cast / 2, kept), "ms p99", "<= 50")
        over = await _rivals(found, kept)
        found.cluster.cluster.kill()
        rows = await _after_the_kill(found)
    over += len(rows) - len({(row["key"], row["revision"]) for row in rows})
    yield Figure("over-votes", over, "ballots", "0")
    lost = kept.digests - {row["digest"] for row in rows}
    yield Figure("lost", len(lost), f"of {len(kept.digests):,} promised", "0")


class _Promises:
    """The promises that are in hand, each verified."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        self.digests: set[bytes] = set()

    def keep(self, ballots: Sequence[bytes], sent: Sent) -> None:
        """Keep those of ballots that were all taken."""
        for ballot, status, body in zip(ballots, sent.statuses, sent.bodies, strict=True):
            if status != 201:
                raise RuntimeError(f"the box answered {status}: {body.decode(errors='replace')}")
            self.keep_one(ballot, body)

    def keep_one(self, ballot: bytes, body: bytes) -> None:
        """Keep one; raises where it is not the box's, of this ballot."""
        promise = json.loads(body)
        signature = b64decode(promise.pop("signature"))
        self._key.verify(signature, canonical(promise))
        digest = hashlib.sha256(ballot).digest()
        if promise["ballot"] != digest.hex():
            raise RuntimeError("a promise of another ballot")
        self.digests.add(digest)


async def _promise_key(found: Polling) -> Ed25519PublicKey:
    async with aiohttp.ClientSession(found.url) as session, session.get("/keys") as answer:
        return Ed25519PublicKey.from_public_bytes(b64decode((await answer.json())["promise"]))


async def _half_load(found: Polling, rate: float, kept: _Promises) -> float:
    """The 99th percentile in milliseconds of ballots that come at an even rate, from the moment at
    which each was due."""
    many = int(rate * HALF_LOAD_SECONDS)
    ballots = await asyncio.to_thread(found.election.ballots, many)
    sent = await send_at(found.box, ballots, rate, MOST_CONNECTIONS)
    kept.keep(ballots, sent)
    took = sorted(sent.took)
    say(
        f"{many:,} ballots at {rate:,.0f}/s: median {took[many // 2] * 1000:.1f} ms,"
        f" slowest {took[-1] * 1000:.1f} ms; load {load_average()}"
    )
    return took[many * 99 // 100] * 1000


async def _rivals(found: Polling, kept: _Promises) -> int:
    """Many ballots at once under each of some keys, all with the first revision: how many more
    were taken than one of each."""
    rivals = await asyncio.to_thread(found.election.rivals, RIVALS, OF_ONE_KEY)
    over = 0
    for ballots in rivals:
        sent = await send(found.box, ballots, OF_ONE_KEY)
        if set(sent.statuses) - {201, 409}:
            raise RuntimeError(f"the box answered {set(sent.statuses)}")
        taken = [place for place, status in enumerate(sent.statuses) if status == 201]
        over += len(taken) - 1
        for place in taken:
            kept.keep_one(ballots[place], sent.bodies[place])
    return over


async def _after_the_kill(found: Polling) -> list[asyncpg.Record]:
    """All ballots that the database has once it answers again."""
    async with asyncio.timeout(60):
        while True:
            try:
                connection = await found.connect()
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(0.1)
                continue
            try:
                return list(await connection.fetch(KEPT))
            finally:
                await connection.close()

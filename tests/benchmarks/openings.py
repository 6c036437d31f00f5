"""`openings-100k`: what a commission says of 100,000 sealed ballots, until all of it is decided.

Count is the process itself, on PostgreSQL with every commit flushed to the disk and on a broker
with the topics that are declared. Its ballots are there before: they commit to random choices and
carry random bytes where others are sealed, since count cannot read those anyway. Openings are sent
as `comptoir commission open` sends them, 500 at a time.

`python -m tests.benchmarks.openings DSN PORT DIRECTORY` is count.
"""

import asyncio
import os
import random
import secrets
import sys
import time
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg

from comptoir import topics
from comptoir.ports import free_ports
from shared import sealing
from shared.events.openings import BallotOpened
from shared.events.voting import AllocationPublished, BallotCast
from shared.sealing import Place
from shared.serving import run
from shared.unsealing import AT_ONCE
from tests.backends import Databases, passable_directory
from tests.benchmarks.figure import Figure, load_average, say
from tests.benchmarks.sealed import MOST, OPTIONS, PADDED, TIER
from tests.benchmarks.servers import Alone, servers
from tests.serving import Client, settings
from tests.voting.count.conftest import ServedCount
from tests.voting.count.test_sealed import opened_test, tried
from voting.count.app import CountSettings, application

MANY = 100_000
STARTS_WITHIN, PATIENCE = 60.0, 600.0
COSTS = [1_000 + 100 * number for number in range(OPTIONS)]
FORM = {"type": "approval", "min": 0, "max": MOST}
# Announced, with a number, and acknowledged by the broker.
SENT = (
    "select count(*) from outbox, outbox_relay"
    " where type = any($1) and position <= outbox_relay.acknowledged"
)


@dataclass(frozen=True)
class Said:
    """A ballot's choices, and what it needs to be opened."""

    place: Place
    choices: list[int]
    salt: bytes

    def cast(self) -> BallotCast:
        """As the box publishes it. Token and signature were checked there."""
        filler = b64encode(bytes(PADDED + sealing.OVERHEAD)).decode()
        return BallotCast.model_validate(
            {
                "v": 1,
                "round": self.place.round_id,
                "tier": self.place.tier,
                "key": self.place.key,
                "token": "A" * 512,
                "revision": self.place.revision,
                "commitment": sealing.commitment(self.place, self.choices, self.salt),
                "sealed": filler,
                "sig": "A" * 86 + "==",
            }
        )

    def opening(self) -> dict[str, Any]:
        """As the commission says it."""
        named = {"key": self.place.key, "revision": self.place.revision}
        return named | {"choices": self.choices, "salt": self.salt.hex()}


async def openings() -> AsyncIterator[Figure]:
    """From the first request until every opening and the result are on Kafka, acknowledged."""
    yield Figure("openings-100k", await seconds_for(MANY), "s", target="<= 60")


async def seconds_for(many: int) -> float:
    """So many openings. Raises where the result is another than that of the ballots."""
    async with counting() as count:
        round_id = await _opened(count)
        began = time.perf_counter()
        said = [_said(round_id) for _ in range(many)]
        for some in batched(said, AT_ONCE, strict=False):
            await count.handle(*(each.cast() for each in some))
        await count.close(round_id)
        await count.box_closes(round_id, many, many, many + 1)
        await count.checkpoint(many + 1)
        say(f"{many:,} ballots there after {time.perf_counter() - began:.0f} s")
        random.SystemRandom().shuffle(said)
        seconds = await _open(count, round_id, said)
        await _check(count, round_id, said)
    say(f"{many / seconds:,.0f} openings/s; load {load_average()}")
    return seconds


async def _opened(count: ServedCount) -> UUID:
    round_id = await count.prepared(COSTS, secrecy="sealed", format=FORM)
    answer = await tried(count, round_id)
    if answer.status != 201:
        raise RuntimeError(f"the commission: {answer.raw!r}")
    await count.open(round_id)
    return round_id


def _said(round_id: UUID) -> Said:
    choices = sorted(random.sample(range(1, OPTIONS + 1), random.randint(1, MOST)))
    key = b64encode(secrets.token_bytes(32)).decode()
    return Said(Place(str(round_id), TIER, key, 1), choices, sealing.new_salt())


async def _open(count: ServedCount, round_id: UUID, said: Sequence[Said]) -> float:
    """Send them all, and wait until the broker has everything that follows."""
    requests = [[each.opening() for each in some] for some in batched(said, AT_ONCE, strict=False)]
    began = time.perf_counter()
    state = (await count.client.ask("GET", f"/rounds/{round_id}/commission")).body
    test = opened_test(state["test"]).hex()
    for some in requests:
        sent = {"test": test, "openings": some}
        answer = await count.client.ask("POST", f"/rounds/{round_id}/openings", sent)
        if answer.status != 201:
            raise RuntimeError(f"count answered {answer.status}: {answer.raw[:300]!r}")
    say(f"all were taken after {time.perf_counter() - began:.1f} s")
    types = [BallotOpened.type, AllocationPublished.type]
    async with asyncio.timeout(PATIENCE):
        while await count.connection.fetchval(SENT, types) < len(said) + 1:  # noqa: ASYNC110  # it asks a database
            await asyncio.sleep(0.05)  # it asks PostgreSQL
    return time.perf_counter() - began


async def _check(count: ServedCount, round_id: UUID, said: Sequence[Said]) -> None:
    votes = Counter(choice for each in said for choice in each.choices)
    tally = (await count.state(round_id))["tally"]
    if tally != {str(number): votes[number] for number in range(1, OPTIONS + 1)}:
        raise RuntimeError("the tally is not that of the ballots")


@asynccontextmanager
async def counting() -> AsyncIterator[ServedCount]:
    """Count, PostgreSQL and a broker; all are gone with the block."""
    async with servers() as started:
        await asyncio.to_thread(topics.apply, started.account.admin(), topics.declared_topics())
        with passable_directory() as directory:
            made = await Databases(Alone(started.postgres, directory)).make("voting.count")
            port = free_ports({"count": None})["count"]
            account = started.account
            kafka = {
                "COMPTOIR_KAFKA_BOOTSTRAP": account.bootstrap,
                "COMPTOIR_KAFKA_USERNAME": account.username,
                "COMPTOIR_KAFKA_PASSWORD": account.password,
            }
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.benchmarks.openings"),
                *(made.dsn, str(port), str(directory)),
                env={**os.environ, **kafka},
            )
            connection = await asyncpg.connect(made.superuser, ssl=False)
            try:
                async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
                    await _ready(session)
                    count = ServedCount(connection, made.dsn, Client(session, ""))
                    yield count
                    await count.database.close()
            finally:
                await connection.close()
                process.terminate()
                await process.wait()


async def _ready(session: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(STARTS_WITHIN):
        while True:
            try:
                async with session.get("/health/ready") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.05)


if __name__ == "__main__":
    known = settings(CountSettings, sys.argv[1], keys=Path(sys.argv[3]))
    run(application(known.model_copy(update={"port": int(sys.argv[2])})))

"""`end-to-end`, `cosigned`: from the flush of a ballot to its entry in the ledger, and to the
publication of a checkpoint that covers it, with the local witness's cosignature; at 100 ballots a
second.

One clock, that of this process. As the superuser, it polls the highest id of the box's outbox and
the highest index of the ledger's entries, or of those that are covered. A ballot counts as flushed
when the last poll *before* the one that sees its row was asked, and as entered when the poll that
sees its entry has answered: no figure is too small, and none too large by more than two polls.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from comptoir.client import Client
from comptoir.election import generated_election
from comptoir.pabulib import held
from comptoir.replay import Rehearsal
from comptoir.stack import Stack
from tests.backends import passable_directory
from tests.benchmarks.figure import Figure, load_average, say

BALLOTS = 2_000
RATE = 100
POLL = 0.002
PATIENCE = 60.0


@dataclass
class Watch:
    """When the ids that a statement gives were seen first."""

    connection: asyncpg.Connection
    statement: str
    mark: int
    asked: dict[UUID, float] = field(default_factory=dict)
    answered: dict[UUID, float] = field(default_factory=dict)

    async def run(self, wanted: int) -> None:
        """Poll until so many were seen."""
        before = time.perf_counter()
        async with asyncio.timeout(BALLOTS / RATE + PATIENCE):
            while len(self.asked) < wanted:
                asked = time.perf_counter()
                rows = await self.connection.fetch(self.statement, self.mark)
                answered = time.perf_counter()
                for row in rows:
                    self.asked[row["id"]], self.answered[row["id"]] = before, answered
                    self.mark = row["place"]
                before = asked
                await asyncio.sleep(POLL)


ENTERED = (
    "select id, index as place from entry where src = 'voting.box' and index > $1 order by index"
)
COSIGNED = (
    "select e.id, e.index as place from entry e where e.src = 'voting.box' and e.index > $1"
    " and e.index < (select max(size) from published_checkpoint p where p.log = e.log)"
    " order by e.index"
)


async def end_to_end() -> AsyncIterator[Figure]:
    """The 99th percentile and the median, in seconds."""
    delays = await delays_until(ENTERED)
    yield Figure("end-to-end", delays[len(delays) * 99 // 100], "s p99", target="<= 1")
    yield Figure("end-to-end-median", statistics.median(delays), "s")


async def cosigned() -> AsyncIterator[Figure]:
    """How long until a checkpoint that a witness cosigned is published and covers a ballot: the
    median and the 99th percentile, in seconds."""
    delays = await delays_until(COSIGNED)
    yield Figure("cosigned-p50", statistics.median(delays), "s", target="<= 1.5")
    yield Figure("cosigned-p99", delays[len(delays) * 99 // 100], "s", target="<= 5")


async def delays_until(entered: str) -> list[float]:
    """How long each ballot took from its flush until it is among what a statement gives, of the
    ledger; in order of size."""
    with passable_directory() as directory:
        async with Stack(directory / "state") as stack, Client(stack.addresses) as client:
            election = held(generated_election(voters=BALLOTS))
            rehearsal = Rehearsal(client, election, lambda what, done, all_: None)
            await rehearsal.propose()
            await rehearsal.open_round()
            say(f"load {load_average()}")
            delays = await _delays(stack, rehearsal, entered)
    say(f"{len(delays)} ballots, slowest {delays[-1]:.3f} s; load {load_average()}")
    return delays


async def _delays(stack: Stack, rehearsal: Rehearsal, statement: str) -> list[float]:
    async with AsyncExitStack() as exit_stack:
        box, ledger = [
            await connected(exit_stack, stack.addresses.superuser_dsn(database))
            for database in ("voting_box", "ledger")
        ]
        flushed = Watch(
            box, "select event_id as id, id as place from outbox where id > $1 order by id", 0
        )
        entered = Watch(ledger, statement, -1)
        async with asyncio.TaskGroup() as group:
            group.create_task(flushed.run(BALLOTS))
            group.create_task(entered.run(BALLOTS))
            group.create_task(vote_slowly(rehearsal))
    return sorted(entered.answered[ballot] - flushed.asked[ballot] for ballot in flushed.asked)


async def connected(exit_stack: AsyncExitStack, dsn: str) -> asyncpg.Connection:
    connection = await asyncpg.connect(dsn, ssl=False)
    exit_stack.push_async_callback(connection.close)
    return connection


async def vote_slowly(rehearsal: Rehearsal) -> None:
    """Let voters come one after the other, at an even rate, whatever becomes of them."""
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for place in range(BALLOTS):
            await asyncio.sleep(max(0.0, began + place / RATE - time.perf_counter()))
            group.create_task(rehearsal.vote([place]))
    if rehearsal.result.refusals:
        raise RuntimeError(f"the box refused: {dict(rehearsal.result.refusals)}")

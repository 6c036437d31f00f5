"""`sequence`, `duplicates`: ballots through the ledger's sequencer, each batch durable.

The sequencer is handed what an inbox hands it, in transactions of as many events, and does all that
it does in production: fence, ids, numbers, entries, tiles, head. Beside it the same leaves go, in
batches of the same size, by COPY into a table with one column, no key and no index.
"""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from random import Random
from uuid import UUID

import asyncpg
from aiokafka.structs import ConsumerRecord

from ledger.arriving import read_any
from ledger.handlers import Sequencer
from ledger.queries import open_log
from ledger.tree import EMPTY_ROOT
from shared import inbox
from shared.database import Database
from shared.delivery import Record
from shared.envelope import Envelope, leaf_bytes
from shared.events.voting import BallotCast
from shared.serving import collect_seldom
from tests.backends import Databases
from tests.benchmarks.figure import Figure, median_of, say
from tests.benchmarks.servers import postgres_alone
from tests.ledger_audit.large import ballot

ENTRIES, ROUNDS = 100_000, 3
MANY, REDELIVERIES = 1_000_000, 3
LOG, ORIGIN = "edition", "ledger.example.org/edition"
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@dataclass
class Ledger:
    """A ledger's database with one open log, and its sequencer."""

    connection: asyncpg.Connection
    database: Database
    sequencer: Sequencer

    async def take(self, records: Iterator[Record]) -> float:
        """Sequence records in batches as an inbox has them; the seconds without reading them."""
        seconds = 0.0
        for several in batched(records, inbox.BATCH, strict=False):
            events = [read_any(record) for record in several]
            began = time.perf_counter()
            async with self.database.begin() as session:
                await self.sequencer.check(session)
                await self.sequencer.append_events(session, events)
            seconds += time.perf_counter() - began
        return seconds

    async def copied(self, records: Iterator[Record]) -> float:
        """COPY the same leaves in the same batches; the seconds without making them."""
        await self.connection.execute("create table plain (bytes bytea not null)")
        seconds = 0.0
        for several in batched(records, inbox.BATCH, strict=False):
            events = map(read_any, several)
            rows = [(leaf_bytes(each.envelope, each.body),) for each in events]
            began = time.perf_counter()
            await self.connection.copy_records_to_table("plain", columns=("bytes",), records=rows)
            seconds += time.perf_counter() - began
        return seconds

    async def held_twice(self, many: int) -> int:
        """How many entries are there more than once, or wait, or were put aside. Raises where one
        is missing."""
        row = await self.connection.fetchrow(
            "select (select count(*) from entry), (select count(distinct number) from entry),"
            " (select size from head), (select count(*) from held),"
            " (select count(*) from quarantine)"
        )
        assert row is not None
        entries, numbers, size, held, aside = row
        if numbers != many or size != entries:
            raise RuntimeError(f"{numbers} numbers in {entries} entries, {many} were sent")
        return int(entries - many + held + aside)


async def sequence() -> AsyncIterator[Figure]:
    """Entries a second, beside a plain COPY of their bytes."""
    collect_seldom()  # as every process does when it serves
    ours, plain = list[float](), list[float]()
    for _ in range(ROUNDS):
        async with ledger() as made:
            ours.append(ENTRIES / await made.take(records(ENTRIES)))
            plain.append(ENTRIES / await made.copied(records(ENTRIES)))
            if await made.held_twice(ENTRIES):
                raise RuntimeError("an entry is there twice")
    yield Figure(
        "sequence",
        median_of("sequencer", ours),
        "entries/s",
        target=">= 20000 and ratio >= 0.25",
        reference=median_of("COPY", plain),
    )


async def duplicates() -> AsyncIterator[Figure]:
    """What a million ballots leave behind that arrive four times."""
    collect_seldom()
    async with ledger() as made:
        for time_ in range(1 + REDELIVERIES):
            seconds = await made.take(records(MANY))
            say(f"delivery {time_ + 1}: {MANY / seconds:,.0f}/s")
        found = await made.held_twice(MANY)
    yield Figure("duplicates", found, "entries", target="0")


def records(many: int, seed: int = 1) -> Iterator[Record]:
    """Ballots as Kafka has them: the same for the same seed."""
    chance = Random(seed)
    for number in range(1, many + 1):
        key, body = ballot(chance)
        envelope = Envelope(
            id=UUID(bytes=chance.randbytes(16), version=4),
            type=BallotCast.type,
            source="voting.box",
            subject="round",
            time=NOON,
            log=LOG,
            number=number,
        )
        yield ConsumerRecord(
            topic=BallotCast.topic,
            partition=0,
            offset=number - 1,
            timestamp=0,
            timestamp_type=0,
            key=key,
            value=body,
            checksum=None,
            serialized_key_size=len(key),
            serialized_value_size=len(body),
            headers=tuple(envelope.headers()),
        )


@asynccontextmanager
async def ledger() -> AsyncIterator[Ledger]:
    """A ledger of its own with PostgreSQL, fsync on."""
    async with postgres_alone() as server:
        made = await Databases(server).make("ledger")
        connection = await asyncpg.connect(made.superuser)
        database = Database(made.dsn, name="ledger")
        try:
            key = b"\x00" * 32
            await connection.execute("insert into log_key (public_key) values ($1)", key)
            await open_log(connection, LOG, ORIGIN, key, EMPTY_ROOT)
            sequencer = Sequencer("ledger.example.org")
            async with database.begin() as session:
                await sequencer.lead(session)
            yield Ledger(connection, database, sequencer)
        finally:
            await database.close()
            await connection.close()

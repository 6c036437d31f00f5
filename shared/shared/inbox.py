"""The inbox: what a process consumes, each event once, in the transaction of its effect.

No Kafka group and no offset in Kafka. A subscription has one active consumer, by an advisory lock;
standbys wait. One transaction per batch of a partition: compare-and-set of the position, known
event ids dropped, the handlers, dead letters (through the outbox).

Crash stories:
- Killed anywhere: the transaction is whole or absent, and the next holder reads from the position.
- A zombie (frozen, its session cut, then woken): its compare-and-set fails; where a subscription
  has a fence, its first statement does.
- The topic's disk was lost: the topic id differs, the position goes to the new log's beginning.
- The log lost its tail under the same id, and perhaps grew again: at each start and after each
  reconnection the record before the position is read again; where it is not the last event that
  was handled, the position goes to the beginning. Either way the inbox drops what is known.
- The database was restored from a backup, or may have been: nothing is handled (`covering.py`,
  `mark.py`), or what was done since would be done again, under other ids. Checkpoints, what comes
  first and what opens it again are handled all the same.
"""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from aiokafka.structs import TopicPartition
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.covering import NotStanding, Standing
from shared.database import Database, connection_lost, dedicated, raw
from shared.delivery import Dead, Delivered, Record, dead_letter, event_id_of, record_of
from shared.events.dead import DeadLetter
from shared.failing import failure_point
from shared.kafka import Kafka, TopicState, Unavailable, connections, partitions, stop_consumer
from shared.outbox import announce
from shared.subscription import Fenced, Handler, Stuck, Subscription, Trace
from shared.telemetry import Metrics, carried

__all__ = ["Fenced", "Handler", "Inbox", "Subscription", "Trace", "was_buried"]

log = logging.getLogger("comptoir.inbox")

CREATE = """
create table position (
    topic text not null,
    partition integer not null,
    topic_id text not null,
    next bigint not null,
    last_event uuid,         -- the id of the record at next - 1; null: it had no readable one
    primary key (topic, partition)
);
create table inbox (event_id uuid primary key);
"""
RUN_TIME_GRANTS = """
grant select, insert, update on position to {role};
grant select, insert on inbox to {role};
"""

BATCH = 1000
# Records are read while PostgreSQL works on those before them: so many of a poll's at a time.
POLLED = 4 * BATCH
READ_AT_ONCE = 25
POLL_MS = 200
CHECK_EVERY = 5.0
STUCK_AFTER = 15.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0


class Moved(Exception):
    """The stored position is not the expected one: another consumer went on."""


class TooSlow(Exception):
    """A handler did not end in time; its batch is halved, like one that raised."""


# A record, and the event in it or why there is none.
type Read = tuple[Record, Delivered[Any] | Dead]


@dataclass
class Place:
    """Where a partition is read, within one session of a consumer."""

    next: int
    last_event: UUID | None
    # The record before `next` is read again before anything else is believed.
    unverified: bool
    failures: int = 0
    paused_until: float | None = None
    looked_again_at: int | None = None


class Inbox:
    """One replica's part in a subscription; `run` until `stop`."""

    def __init__(
        self,
        subscription: Subscription,
        database: Database,
        kafka: Kafka,
        metrics: Metrics,
        *,
        process: str,
        trace: Trace = carried,
        standing: Standing | None = None,
    ) -> None:
        self._standing = standing
        self.subscription = subscription
        self.process = process
        self._trace = trace
        self._database = database
        self._kafka = kafka
        self._metrics = metrics
        self._stopping = asyncio.Event()
        self._places: dict[TopicPartition, Place] = {}
        self._topic_ids: dict[str, str] = {}
        self._progress = time.monotonic()

    def stop(self) -> None:
        """Ask `run` to end after the batch under way."""
        self._stopping.set()

    async def run(self) -> None:
        """Wait for the lock, consume, and begin again after every error."""
        active = self._metrics.active.labels(self.subscription.name)
        pause = 0.3
        while not self._stopping.is_set():
            connection, began = None, time.monotonic()
            try:
                connection = await dedicated(
                    self._database.dsn, f"{self.process} {self.subscription.name}"
                )
                if await self._elected(connection) and await self._stands(connection):
                    await self._begin()
                    active.set(1)
                    log.info("%s consumes", self.subscription.name)
                    while not self._stopping.is_set() and not connection.is_closed():
                        await self._session(connection)
            except Exception as error:
                expected = isinstance(error, KafkaError | Unavailable | Stuck | NotStanding)
                if expected or connection_lost(error):
                    log.warning("%s begins again: %r", self.subscription.name, type(error).__name__)
                else:
                    log.exception("%s begins again", self.subscription.name)
                # An outage is short; what goes wrong again and again need not be tried so often.
                quick = time.monotonic() - began > 10
                pause = 0.3 if quick else min(1.5, pause * 1.5)
                await self._pause(pause)
            finally:
                active.set(0)
                if connection is not None:
                    connection.terminate()

    async def replay(self, letter: DeadLetter) -> None:
        """Hand a dead letter to the handler as if it arrived now. Raises `Dead` if it still is."""
        delivered = self.subscription.reads(record_of(letter), self.subscription.types)
        async with self._database.begin() as session:
            fresh = await self._unknown(session, [delivered])
            if fresh:
                await self.subscription.handle(session, fresh, trace=self._trace)

    async def deliver(self, events: Sequence[Delivered[Any]]) -> int:
        """Hand these events to the handlers as if they arrived now; how many were new."""
        async with self._bounded() as session:
            if self.subscription.fence is not None:
                raise RuntimeError(f"{self.subscription.name} is read from Kafka alone")
            fresh = await self._unknown(session, events)
            if fresh:
                await self.subscription.handle(session, fresh, trace=self._trace)
            failure_point("inbox.delivered")
        return len(fresh)

    async def _begin(self) -> None:
        if self.subscription.fence is not None:
            async with self._bounded() as session:
                await self.subscription.fence.lead(session)

    async def _elected(self, connection: asyncpg.Connection) -> bool:
        lock = f"{self.process}/{self.subscription.name}"
        while not self._stopping.is_set():
            if await connection.fetchval(
                "select pg_try_advisory_lock(hashtextextended($1, 0))", lock
            ):
                return True
            await self._pause(0.25)
        return False

    async def _stands(self, connection: asyncpg.Connection) -> bool:
        """Wait until this database is known to be the one that published last."""
        while not self._stopping.is_set():
            try:
                if self._standing is not None:
                    await self._standing.check(connection)
                return True
            except NotStanding:  # the process says so (`process.py`)
                await self._pause(0.25)
        return False

    async def _session(self, connection: asyncpg.Connection) -> None:
        """One consumer's life, until an error or the end."""
        consumer = self._kafka.consumer()
        self._places = {}
        self._progress = time.monotonic()
        consumer.subscribe(list(self.subscription.topics), listener=_Forget(self._places))
        try:
            states = await self._kafka.topics(self.subscription.topics)
            self._topic_ids = {name: state.id for name, state in states.items()}
            async with asyncio.timeout(15):
                await consumer.start()
            await self._consume(consumer, connection, states)
        finally:
            await stop_consumer(consumer)

    async def _consume(
        self,
        consumer: AIOKafkaConsumer,
        connection: asyncpg.Connection,
        states: Mapping[str, TopicState],
    ) -> None:
        wanted = {tp for name, state in states.items() for tp in partitions(name, state)}
        seen = connections(consumer)
        checked = time.monotonic()
        while not self._stopping.is_set():
            if connection.is_closed():
                raise Stuck("the lock went with its connection")
            await self._place_new(consumer, consumer.assignment() & wanted)
            self._resume_due(consumer)
            batches = await self._poll(consumer)
            now = connections(consumer)
            if now - seen:
                # The broker may have lost its tail since: look before anything new is believed.
                seen = now
                self._doubt(consumer)
                continue
            for partition, records in batches.items():
                if partition in self._places:
                    await self._take(consumer, partition, records)
            if time.monotonic() - checked > CHECK_EVERY:
                await self._check(consumer, connection)
                checked = time.monotonic()

    async def _poll(self, consumer: AIOKafkaConsumer) -> dict[TopicPartition, list[Record]]:
        try:
            async with asyncio.timeout(5):
                batches: dict[TopicPartition, list[Record]] = await consumer.getmany(
                    timeout_ms=POLL_MS, max_records=POLLED
                )
                return batches
        except TimeoutError:  # no assignment yet: getmany has no bound of its own then
            return {}
        except NoOffsetForPartitionError:  # the same partitions were assigned anew
            self._places.clear()
            return {}
        except OffsetOutOfRangeError as error:
            for partition in list(error.args[0] if error.args else self._places):
                if (place := self._places.get(partition)) is not None:
                    await self._rewind(consumer, partition, place)
            return {}

    async def _place_new(
        self, consumer: AIOKafkaConsumer, assigned: frozenset[TopicPartition] | set[TopicPartition]
    ) -> None:
        """Seek what was assigned to its stored position, read in PostgreSQL."""
        fresh = assigned - self._places.keys()
        if not fresh:
            return
        async with asyncio.timeout(15):
            begins = await consumer.beginning_offsets(list(fresh))
        async with self._database.begin() as session:
            stored = {tp: await self._stored(session, tp, begins[tp]) for tp in fresh}
        for partition, (position, last_event) in stored.items():
            if partition in consumer.assignment():
                doubtful = position > begins[partition]
                self._places[partition] = Place(position, last_event, doubtful)
                consumer.seek(partition, position - 1 if doubtful else position)

    async def _stored(
        self, session: AsyncSession, partition: TopicPartition, begin: int
    ) -> tuple[int, UUID | None]:
        """The position; under another topic id it is the new log's beginning."""
        topic, number = partition
        connection = await raw(session)
        row = await connection.fetchrow(
            "select topic_id, next, last_event from position"
            " where topic = $1 and partition = $2 for update",
            topic,
            number,
        )
        topic_id = self._topic_ids[topic]
        if row is not None and row["topic_id"] == topic_id:
            if row["next"] >= begin:
                return row["next"], row["last_event"]
            log.error("%s/%d begins at %d, the position is %d", topic, number, begin, row["next"])
        if row is not None:
            self._metrics.rewound.labels(topic).inc()
            log.warning("%s/%d is read from its beginning", topic, number)
        await connection.execute(
            "insert into position (topic, partition, topic_id, next) values ($1, $2, $3, $4)"
            " on conflict (topic, partition) do update"
            " set topic_id = excluded.topic_id, next = excluded.next, last_event = null",
            topic,
            number,
            topic_id,
            begin,
        )
        return begin, None

    def _doubt(self, consumer: AIOKafkaConsumer) -> None:
        for partition, place in self._places.items():
            if place.last_event is not None and place.next > 0:
                place.unverified = True
                consumer.seek(partition, place.next - 1)
            else:
                consumer.seek(partition, place.next)

    async def _take(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, records: list[Record]
    ) -> None:
        """Handle the records of one partition, or pause it."""
        place = self._places[partition]
        if place.paused_until is not None:
            return
        if place.unverified:
            if not await self._same_last(consumer, partition, place, records):
                return
            records = records[1:]
        records = [record for record in records if record.offset >= place.next]
        if not records:
            return
        if records[0].offset > place.next and place.looked_again_at != place.next:
            # A hole can be a marker or compaction, or a seek that came too late: look once more.
            place.looked_again_at = place.next
            consumer.seek(partition, place.next)
            return
        try:
            await self._apply_all(partition, place, records[:1] if place.failures else records)
            self._metrics.handled.labels(partition.topic).inc(len(records))
            if place.failures:
                consumer.seek(partition, place.next)
            place.failures = 0
        except Moved:
            del self._places[partition]
        except Fenced:
            raise
        except Exception as error:
            if connection_lost(error):
                raise
            self._pause_failing(consumer, partition, place, error)
        self._progress = time.monotonic()

    async def _same_last(
        self,
        consumer: AIOKafkaConsumer,
        partition: TopicPartition,
        place: Place,
        records: Sequence[Record],
    ) -> bool:
        """Whether the record before the position is still the last event that was handled."""
        first = records[0]
        if first.offset == place.next - 1 and event_id_of(first) == place.last_event:
            place.unverified = False
            return True
        if first.offset < place.next - 1:
            consumer.seek(partition, place.next - 1)
        elif first.offset >= place.next and place.looked_again_at != place.next:
            place.looked_again_at = place.next
            consumer.seek(partition, place.next - 1)
        elif place.last_event is None and first.offset == place.next - 1:
            place.unverified = False
            return True
        else:
            await self._rewind(consumer, partition, place)
        return False

    async def _rewind(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, place: Place
    ) -> None:
        """The log is not the one that was read: begin again, the inbox drops what is known."""
        async with asyncio.timeout(15):
            begin = (await consumer.beginning_offsets([partition]))[partition]
        async with self._database.begin() as session:
            moved = await (await raw(session)).fetchval(
                "update position set next = $4, last_event = null"
                " where topic = $1 and partition = $2 and next = $3 returning true",
                *partition,
                place.next,
                begin,
            )
        self._metrics.rewound.labels(partition.topic).inc()
        log.warning("%s/%d lost records: read from its beginning", *partition)
        if moved:
            self._places[partition] = Place(begin, None, False)
            consumer.seek(partition, begin)
        else:
            del self._places[partition]

    async def _apply_all(
        self, partition: TopicPartition, place: Place, records: Sequence[Record]
    ) -> None:
        """Apply records batch by batch, in order; the next batch is read meanwhile."""
        batch = await self._read(records[:BATCH])
        for end in range(BATCH, len(records) + BATCH, BATCH):
            applying = asyncio.create_task(self._bisect(partition, place, batch))
            try:
                batch = await self._read(records[end : end + BATCH])
            finally:
                await applying

    async def _read(self, records: Sequence[Record]) -> list[Read]:
        """Read records, and let others work in between."""
        done: list[Read] = []
        for at, record in enumerate(records):
            if at % READ_AT_ONCE == 0:
                await asyncio.sleep(0)
            try:
                done.append((record, self.subscription.reads(record, self.subscription.types)))
            except Dead as found:
                done.append((record, found))
        return done

    async def _bisect(
        self, partition: TopicPartition, place: Place, records: Sequence[Read]
    ) -> None:
        """Apply records; where that fails, each half, so that only what is bad waits."""
        try:
            await self._apply(partition, place, records)
        except (Moved, Fenced):
            raise
        except Exception as error:
            self._metrics.failed.labels(partition.topic).inc()
            if len(records) == 1 or connection_lost(error):
                raise
            half = len(records) // 2
            await self._bisect(partition, place, records[:half])
            await self._bisect(partition, place, records[half:])

    async def _apply(
        self, partition: TopicPartition, place: Place, records: Sequence[Read]
    ) -> None:
        """One transaction: the position, the inbox, the effect, the dead letters."""
        good = [found for _, found in records if not isinstance(found, Dead)]
        letters = [(record, str(found)) for record, found in records if isinstance(found, Dead)]
        last, after = event_id_of(records[-1][0]), records[-1][0].offset + 1
        async with self._bounded() as session:
            if self.subscription.fence is not None:
                await self.subscription.fence.check(session)
            moved = await (await raw(session)).fetchval(
                "update position set next = $5, last_event = $6 where topic = $1"
                " and partition = $2 and topic_id = $3 and next = $4 returning true",
                *partition,
                self._topic_ids[partition.topic],
                place.next,
                after,
                last,
            )
            if not moved:
                raise Moved(partition)
            failure_point("inbox.position")
            for record, reason in letters:
                self._bury(session, record, reason)
            fresh = await self._unknown(session, good)
            if fresh:
                await self.subscription.handle(session, fresh, trace=self._trace)
            failure_point("inbox.handled")
        failure_point("inbox.committed")
        place.next, place.last_event = after, last
        self._metrics.known.labels(partition.topic).inc(len(good) - len(fresh))

    @asynccontextmanager
    async def _bounded(self) -> AsyncIterator[AsyncSession]:
        """A transaction that may take a minute. Raises `TooSlow`, which is the handler's fault."""
        bound = asyncio.timeout(60)
        try:
            async with bound, self._database.begin() as session:
                yield session
        except TimeoutError as error:
            if bound.expired():
                raise TooSlow("a handler took more than a minute") from None
            raise error

    async def _unknown(
        self, session: AsyncSession, events: Sequence[Delivered[Any]]
    ) -> list[Delivered[Any]]:
        """Those events that come for the first time; from now on they are known."""
        if not events or not self.subscription.remembers:
            return list(events)
        return await unknown(session, events)

    def _bury(self, session: AsyncSession, record: Record, reason: str) -> None:
        self._metrics.dead.labels(record.topic).inc()
        log.error("%s/%d@%d is a dead letter", record.topic, record.partition, record.offset)
        announce(
            session,
            dead_letter(record, process=self.process, reason=reason),
            source=self.process,
            topic=f"{record.topic}.dead",
        )

    def _pause_failing(
        self,
        consumer: AIOKafkaConsumer,
        partition: TopicPartition,
        place: Place,
        error: Exception,
    ) -> None:
        place.failures += 1
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (place.failures - 1))
        place.paused_until = time.monotonic() + pause * random.uniform(0.9, 1.1)
        log.error(
            "%s/%d@%d failed %d times, again in %.1f s",
            *(partition.topic, partition.partition, place.next, place.failures, pause),
            exc_info=error,
        )
        if partition in consumer.assignment():
            consumer.pause(partition)
            consumer.seek(partition, place.next)

    def _resume_due(self, consumer: AIOKafkaConsumer) -> None:
        for partition, place in self._places.items():
            if place.paused_until is not None and place.paused_until <= time.monotonic():
                place.paused_until = None
                consumer.resume(partition)

    async def _check(self, consumer: AIOKafkaConsumer, connection: asyncpg.Connection) -> None:
        """Is the lock ours, is it still the same log, and is there anything that we do not see?"""
        await connection.fetchval("select 1")
        if self._standing is not None:
            await self._standing.unchanged(connection)
        try:
            states = await self._kafka.topics(self.subscription.topics)
        except Unavailable:
            return  # no news; aiokafka goes on trying
        for name, state in states.items():
            if state.id != self._topic_ids[name]:
                raise Stuck(f"the topic {name} is another one")
        behind = [
            partition
            for partition, place in self._places.items()
            if place.paused_until is None
            and place.next < states[partition.topic].ends.get(partition.partition, 0)
        ]
        if not behind:
            self._progress = time.monotonic()
        elif time.monotonic() - self._progress > STUCK_AFTER:
            raise Stuck(f"nothing arrives of {behind}")

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


async def unknown(session: AsyncSession, events: Sequence[Delivered[Any]]) -> list[Delivered[Any]]:
    """Those events that come for the first time; from now on they are known."""
    rows = await (await raw(session)).fetch(
        "insert into inbox select distinct unnest($1::uuid[]) on conflict do nothing"
        " returning event_id",
        [delivered.envelope.id for delivered in events],
    )
    fresh = {row[0] for row in rows}
    chosen = []
    for delivered in events:
        if delivered.envelope.id in fresh:
            fresh.discard(delivered.envelope.id)
            chosen.append(delivered)
    return chosen


async def was_buried(connection: asyncpg.Connection, letter: DeadLetter) -> bool:
    """Whether this very letter was announced here: nobody else's words reach a handler."""
    found = await connection.fetchval(
        "select exists (select from outbox where type = $1 and topic = $2 and body = $3)",
        DeadLetter.type,
        f"{letter.origin}.dead",
        letter.body(),
    )
    return bool(found)


class _Forget(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """The same partitions may come back without their positions."""

    def __init__(self, places: dict[TopicPartition, Place]) -> None:
        self._places = places

    def on_partitions_revoked(self, revoked: Any) -> None:
        self._places.clear()

    def on_partitions_assigned(self, assigned: Any) -> None:
        return

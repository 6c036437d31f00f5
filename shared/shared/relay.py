"""The relay: sends the outbox to Kafka in order, one active relay a database, standbys wait.

Crash stories:
- Killed after Kafka's acknowledgement, before `acknowledged` moved: the next leader sends those
  rows again, under the same event ids; inboxes drop what they know.
- Any error of a send: the producer is ended for good and a new one starts at the oldest unsent
  row, so that k+1 never precedes k.
- The leader's session is cut: its next compare-and-set fails, and its producer refuses to write
  once the lease (renewed through that session) is older than two seconds.
- The leader is frozen: it keeps the lock. How long the oldest unsent row has been that, which every
  replica watches (`process.py`), raises the alarm.
- Notification was away for longer than Kafka keeps a message to somebody: its row stays until it is
  accepted, and is put at the end again every twelve hours.
- What Kafka acknowledged never reached the ledger, and nobody noticed: what no checkpoint covers
  stays, and is sent again. The database was restored: nothing is sent (`covering.py`).
- The broker lost a topic (another topic id) or its tail (an end below what it acknowledged):
  everything kept of that topic is sent again. This is looked at behind every new connection
  before anything is written, and every five seconds.
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.structs import TopicPartition

from shared import covering
from shared.covering import NotStanding, Overdue, Standing
from shared.database import connection_lost, dedicated
from shared.events import BY_TYPE
from shared.events.private import MessageSealed
from shared.failing import failure_point
from shared.kafka import Kafka, TopicState, Unavailable, abort_producer, connections
from shared.outbox import envelope_of
from shared.telemetry import Metrics

log = logging.getLogger("comptoir.relay")

BATCH = 500
# Between two looks while nothing wakes it; a lost wake-up costs this much.
IDLE = 0.5
LEASE = 2.0
SEND_BOUND = 15.0
CHECK_EVERY = 5.0
PRUNE_EVERY = 3600.0
# Kafka forgets a message to somebody after a day.
AGAIN_AFTER = timedelta(hours=12)
# Of these topics the last event of each key is never forgotten.
LASTING = sorted({event.topic for event in BY_TYPE.values() if event.lasting})
MOST_NUMBERS = 2**62  # of a log that has ended: nothing there waits for a checkpoint
OLD = "delete from outbox where position <= $1 and time < now() - interval '14 days'"
COLUMNS = (
    "position, number, event_id, topic, key, type, source, subject, time, log, traceparent, body"
)
_of_key = DefaultPartitioner()

LateBodies = Callable[[asyncpg.Connection, Sequence[str]], Awaitable[Mapping[str, bytes | None]]]


class Fenced(Exception):
    """This relay is not the leader any more: another epoch began, or its session is gone."""


class TailLost(Exception):
    """The broker no longer has what it acknowledged; positions are set back, the session begins
    anew."""


@dataclass
class Gate:
    """What one producer's requests pass: shut for good at its first trouble, and at its end."""

    open: bool = True
    lease_until: float = 0.0

    def check(self) -> None:
        """Raise `KafkaError` unless requests may leave now."""
        if not self.open:
            raise KafkaError("this producer has ended")
        if time.monotonic() > self.lease_until:
            self.open = False
            raise KafkaError("the relay's lease is over")


@dataclass
class Sent:
    """What is known of a topic: its id, where its partitions ended, the last position it has."""

    id: str
    ends: dict[int, int] = field(default_factory=dict)
    position: int = 0

    def lost(self, now: TopicState) -> bool:
        """Whether the broker has less than it once acknowledged."""
        shorter = any(now.ends.get(partition, 0) < end for partition, end in self.ends.items())
        return now.id != self.id or shorter


@dataclass(frozen=True)
class Batch:
    """Records that the producer sends as one; `acknowledged` tells the offset of the first."""

    partition: TopicPartition
    records: int
    acknowledged: asyncio.Future[Any]


class Relay:
    """The relay of one database; `run` until `stop`."""

    def __init__(
        self,
        dsn: str,
        kafka: Kafka,
        metrics: Metrics,
        *,
        name: str,
        late_bodies: Mapping[str, LateBodies] | None = None,
        standing: Standing | None = None,
    ) -> None:
        """`late_bodies`: per topic, who is asked for the bodies of these keys at sending. With
        `standing`, checkpoints are read: nothing leaves a restored backup, and what stays
        uncovered is sent again."""
        self._dsn = dsn
        self._kafka = kafka
        self._metrics = metrics
        self._name = name
        self._late_bodies = dict(late_bodies or {})
        self._standing = standing
        self._overdue = Overdue()
        self._sent: dict[str, int] = {}
        self._said = ("", 0.0)
        self._stopping = asyncio.Event()
        self._awake = asyncio.Event()
        self._epoch = 0
        self._acknowledged = 0
        self._topics: dict[str, Sent] = {}
        self._verified: set[str] = set()
        # The rows behind those under way; forgotten with the producer.
        self._ahead: list[asyncpg.Record] = []
        self._gate = Gate()

    def stop(self) -> None:
        """Ask `run` to end after the batch under way."""
        self._stopping.set()
        self._awake.set()

    async def run(self) -> None:
        """Wait for the lock, lead, and begin again after every error."""
        while not self._stopping.is_set():
            connection = None
            try:
                connection = await dedicated(self._dsn, f"{self._name} relay")
                if await self._elected(connection):
                    await self._lead(connection)
            except Fenced as error:
                log.warning("relay fenced: %s", error)
            except Exception as error:
                if not connection_lost(error):
                    log.exception("relay session ended")
                else:
                    self._say(f"relay has no database: {type(error).__name__}")
                await self._pause(0.3)
            finally:
                self._metrics.relay_leader.set(0)
                if connection is not None:
                    connection.terminate()

    async def _elected(self, connection: asyncpg.Connection) -> bool:
        """Wait for the lock; false where the relay is stopped instead."""
        while not self._stopping.is_set():
            if await connection.fetchval("select pg_try_advisory_lock(7133702)"):
                return True
            await self._pause(0.25)
        return False

    async def _until_it_stands(self, connection: asyncpg.Connection) -> None:
        """Wait until this database is known to be the one that published last."""
        while self._standing is not None and not self._stopping.is_set():
            try:
                return await self._standing.check(connection)
            except (NotStanding, Unavailable) as error:
                self._say(str(error))
                await self._pause(0.25)

    async def _lead(self, connection: asyncpg.Connection) -> None:
        await self._until_it_stands(connection)
        if self._stopping.is_set():
            return
        state = await connection.fetchrow(
            "update outbox_relay set epoch = epoch + 1 returning epoch, acknowledged, topics"
        )
        assert state is not None
        self._epoch, self._acknowledged = state["epoch"], state["acknowledged"]
        self._topics = {
            topic: Sent(known["id"], {int(p): e for p, e in known["ends"].items()}, known["sent"])
            for topic, known in json.loads(state["topics"]).items()
        }
        await connection.add_listener("outbox", lambda *_: self._awake.set())
        self._metrics.relay_leader.set(1)
        log.info("relay leads in epoch %d after position %d", self._epoch, self._acknowledged)
        self._overdue, self._sent = Overdue(), await self._last_sent(connection)
        while not self._stopping.is_set():
            try:
                await self._session(connection)
            except NotStanding as error:
                self._metrics.relay_leader.set(0)
                self._say(str(error))
                return
            except (KafkaError, Unavailable, TailLost, TimeoutError) as error:
                if connection.is_closed():
                    raise Fenced("the session is gone") from error
                self._metrics.relay_rebuilt.inc()
                self._say(f"relay begins a new producer: {type(error).__name__}")
                await self._pause(0.5)

    async def _session(self, connection: asyncpg.Connection) -> None:
        """One producer's life: it ends with the first error, or when the relay stops."""
        producer, gate = self._kafka.producer(), Gate()
        self._gate = gate
        self._guard(producer, gate)
        self._verified = set()
        self._ahead = []
        await self._renew(connection)
        try:
            async with asyncio.timeout(10):
                await producer.start()
            await self._verify(connection, self._topics)
            await announce_again(connection, self._acknowledged)
            checked = pruned = time.monotonic()
            while not self._stopping.is_set():
                self._awake.clear()
                if not await self._send_batch(connection, producer):
                    await self._rest()
                if time.monotonic() - checked > CHECK_EVERY:
                    await self._verify(connection, self._topics)
                    await self._look_at_covered(connection, producer)
                    checked = time.monotonic()
                if time.monotonic() - pruned > PRUNE_EVERY:
                    await self._prune(connection)
                    await announce_again(connection, self._acknowledged)
                    pruned = time.monotonic()
        finally:
            gate.open = False
            await abort_producer(producer)

    async def _send_batch(self, connection: asyncpg.Connection, producer: AIOKafkaProducer) -> int:
        """Send the next rows and move `acknowledged`; how many rows were passed."""
        if not await self._renew(connection):
            return 0
        rows = self._ahead or await self._unsent(connection, self._acknowledged)
        self._ahead = []
        if not rows:
            return 0
        if fresh := {row["topic"] for row in rows} - self._verified:
            await self._verify(connection, fresh)
        # What a topic is known to have is not sent again because another topic was lost.
        due = [row for row in rows if row["position"] > self._topics[row["topic"]].position]
        values = await self._values(connection, due)
        async with asyncio.timeout(SEND_BOUND):
            batches = await _handed_over(producer, due, values)
            # PostgreSQL looks for the next rows while Kafka writes these.
            self._ahead = await self._unsent(connection, rows[-1]["position"])
            await self._acknowledgements(connection, [batch.acknowledged for batch in batches])
        for row in due:
            self._topics[row["topic"]].position = row["position"]
            if row["number"] is not None:
                self._sent[row["log"]] = row["number"]
        await self._look_for_cuts(connection, batches)
        failure_point("relay.acknowledged")
        await self._move(connection, rows[-1]["position"])
        self._metrics.relay_sent.inc(len(due))
        return len(rows)

    async def _look_for_cuts(
        self, connection: asyncpg.Connection, batches: Sequence["Batch"]
    ) -> None:
        cut = {batch.partition.topic for batch in batches if self._ends_earlier(batch)}
        if cut:
            await self._send_again(connection, cut)

    async def _last_sent(self, connection: asyncpg.Connection) -> dict[str, int]:
        """Per log, the last number that Kafka acknowledged, as far as it is still here."""
        rows = await connection.fetch(
            "select log, max(number) as number from outbox"
            " where position <= $1 and number is not null group by log",
            self._acknowledged,
        )
        return {row["log"]: row["number"] for row in rows}

    async def _look_at_covered(
        self, connection: asyncpg.Connection, producer: AIOKafkaProducer
    ) -> None:
        """Send again what no checkpoint covered in time. Raises `NotStanding`."""
        if self._standing is None:
            return
        await self._standing.unchanged(connection)
        covered = await covering.covered_numbers(connection)
        ended = await covering.frozen_logs(connection)
        sent = {log: n for log, n in self._sent.items() if log not in ended}
        for name in self._overdue.logs(sent, covered, time.monotonic()):
            await self._send_uncovered(connection, producer, name, covered.get(name, 0))

    async def _send_uncovered(
        self, connection: asyncpg.Connection, producer: AIOKafkaProducer, name: str, after: int
    ) -> None:
        """Send a log's events behind this number again, in their order; inboxes know most."""
        log.warning("%s: nothing behind number %d is covered, sent again", name, after)
        upto = min(self._sent[name], after + covering.MOST)
        while not self._stopping.is_set() and after < upto:
            await self._renew(connection)
            rows = await connection.fetch(
                f"select {COLUMNS} from outbox where log = $1 and number > $2 and number <= $3"
                " and position <= $4 order by number limit $5",
                *(name, after, upto, self._acknowledged, BATCH),
            )
            if not rows:
                return
            values = await self._values(connection, rows)
            async with asyncio.timeout(SEND_BOUND):
                batches = await _handed_over(producer, rows, values)
                await self._acknowledgements(connection, [each.acknowledged for each in batches])
            await self._look_for_cuts(connection, batches)
            failure_point("relay.uncovered")
            self._metrics.relay_uncovered.inc(len(rows))
            after = rows[-1]["number"]

    def _ends_earlier(self, batch: "Batch") -> bool:
        """Whether the broker wrote a batch before the end that it told earlier."""
        offset = batch.acknowledged.result().offset
        if offset < 0:  # acknowledged as a repetition, whose place is not told
            return False
        ends, partition = self._topics[batch.partition.topic].ends, batch.partition.partition
        end, ends[partition] = ends.get(partition, 0), offset + batch.records
        return bool(offset < end)

    async def _unsent(self, connection: asyncpg.Connection, after: int) -> list[asyncpg.Record]:
        """The rows behind a position; where there are none, the next ones get theirs."""
        rows = await self._positioned(connection, after)
        if not rows and await connection.fetchval("select number_outbox($1)", 4 * BATCH):
            rows = await self._positioned(connection, after)
        return rows

    async def _positioned(self, connection: asyncpg.Connection, after: int) -> list[asyncpg.Record]:
        return await connection.fetch(
            f"select {COLUMNS} from outbox where position > $1 order by position limit $2",
            after,
            BATCH,
        )

    async def _values(
        self, connection: asyncpg.Connection, rows: Sequence[asyncpg.Record]
    ) -> list[bytes | None]:
        late: dict[tuple[str, str], bytes | None] = {}
        for topic, ask in self._late_bodies.items():
            keys = [row["key"] for row in rows if row["topic"] == topic and row["body"] is None]
            if keys:
                late |= {(topic, key): body for key, body in (await ask(connection, keys)).items()}
        return [
            late.get((row["topic"], row["key"])) if row["body"] is None else row["body"]
            for row in rows
        ]

    async def _acknowledgements(
        self, connection: asyncpg.Connection, pending: Sequence[asyncio.Future[Any]]
    ) -> None:
        """Wait for all of them and keep the lease; raises the first error."""
        waiting: set[asyncio.Future[Any]] = set(pending)
        for future in pending:
            # Of several errors one is raised; asyncio would complain about the others later.
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
        while waiting:
            done, waiting = await asyncio.wait(
                waiting, timeout=LEASE / 4, return_when=asyncio.FIRST_EXCEPTION
            )
            for future in done:
                future.result()
            if waiting:
                await self._renew(connection)

    async def _verify(self, connection: asyncpg.Connection, names: Any) -> None:
        """Compare topics with what they acknowledged; what was lost is sent again."""
        names = set(names)
        if not names:
            return
        lost = set()
        for name, state in (await self._kafka.topics(names)).items():
            known = self._topics.get(name)
            if known is None:
                self._topics[name] = Sent(state.id)
            elif known.lost(state):
                self._topics[name] = Sent(state.id)
                lost.add(name)
        self._verified |= names
        if lost:
            await self._send_again(connection, lost)

    async def _send_again(self, connection: asyncpg.Connection, lost: set[str]) -> None:
        for name in lost:
            self._topics[name] = Sent(self._topics[name].id)
            self._metrics.relay_resent.inc()
        await self._move(connection, 0)
        raise TailLost(", ".join(sorted(lost)))

    async def _move(self, connection: asyncpg.Connection, position: int) -> None:
        topics = {
            name: {"id": known.id, "ends": known.ends, "sent": known.position}
            for name, known in self._topics.items()
        }
        moved = await connection.fetchval(
            "update outbox_relay set acknowledged = $3, topics = $4"
            " where epoch = $1 and acknowledged = $2 returning true",
            self._epoch,
            self._acknowledged,
            position,
            json.dumps(topics),
        )
        if not moved:
            raise Fenced(f"epoch {self._epoch} is over")
        self._acknowledged = position

    async def _renew(self, connection: asyncpg.Connection) -> bool:
        """Whether anything waits; the lease counts from before the question was asked.

        A frozen process that wakes finds it used up.
        """
        asked = time.monotonic()
        row = await connection.fetchrow(
            "select epoch, exists (select from outbox where position is null)"
            " or exists (select from outbox where position > $1) as waiting from outbox_relay",
            self._acknowledged,
        )
        if row is None or row["epoch"] != self._epoch:
            raise Fenced(f"epoch {self._epoch} is over")
        self._gate.lease_until = asked + LEASE
        return bool(row["waiting"])

    def _guard(self, producer: AIOKafkaProducer, gate: Gate) -> None:
        """Let nothing leave this producer after the lease, nor into a log not looked at yet.

        aiokafka reconnects without a word and repeats what it holds; behind a new connection may
        be a broker that lost its disk, where old events have to come first.
        """
        client = producer.client
        send = client.send
        trusted: set[Any] = set()

        async def guarded(node: int, request: Any, **named: Any) -> Any:
            if isinstance(request, ProduceRequest):
                await client.ready(node)
                if not connections(producer) <= trusted:
                    fresh = connections(producer)
                    try:
                        await self._unchanged()
                    except KafkaError:
                        gate.open = False  # else the next batch could leave before this one
                        raise
                    trusted.update(fresh)
                gate.check()
            return await send(node, request, **named)

        client.send = guarded

    async def _unchanged(self) -> None:
        """Raise `KafkaError` unless every topic still has what it acknowledged."""
        try:
            states = await self._kafka.topics(self._topics)
        except Unavailable as error:
            raise KafkaError(str(error)) from error
        for name, state in states.items():
            if self._topics[name].lost(state):
                raise KafkaError(f"{name} lost what it acknowledged")

    async def _prune(self, connection: asyncpg.Connection) -> None:
        """Forget what was sent and is older than 14 days, but for what somebody may still need:
        what no checkpoint covers, messages that nobody accepted yet (`contacts.py`: these go when
        they are), and the last word about each thing of which only the last one counts."""
        covered: dict[str, int] = {}
        if self._standing is not None:
            ended = dict.fromkeys(await covering.frozen_logs(connection), MOST_NUMBERS)
            covered = await covering.covered_numbers(connection) | ended
        await connection.execute(
            f"{OLD} and topic <> $2 and topic <> all($3) and (log is null or number <="
            " (select number from unnest($4::text[], $5::bigint[]) as covered (log, number)"
            " where covered.log = outbox.log))",
            self._acknowledged,
            MessageSealed.topic,
            LASTING,
            list(covered),
            list(covered.values()),
        )
        await connection.execute(
            f"{OLD} and topic = any($2) and position in (select position from (select position,"
            " lead(position) over (partition by topic, key order by position) as later"
            " from outbox where topic = any($2) and position is not null) each"
            " where later is not null)",
            self._acknowledged,
            LASTING,
        )

    def _say(self, what: str) -> None:
        """Log it, but the same again only once a minute: an outage repeats itself."""
        now = time.monotonic()
        if what != self._said[0] or now - self._said[1] > 60:
            self._said = (what, now)
            log.warning("%s", what)

    async def _rest(self) -> None:
        """Until an announcement was committed, or long enough."""
        with suppress(TimeoutError):
            async with asyncio.timeout(IDLE):
                await self._awake.wait()

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


async def _handed_over(
    producer: AIOKafkaProducer, rows: Sequence[asyncpg.Record], values: Sequence[bytes | None]
) -> list[Batch]:
    """Give rows to the producer in their order, in as few batches as hold them.

    A future for each record, as `send` makes them, would cost as much as everything else here.
    """
    numbers: dict[str, list[int]] = {}
    open_: dict[TopicPartition, Any] = {}
    handed = []

    async def hand_over(at: TopicPartition) -> None:
        batch = open_.pop(at)
        sent = await producer.send_batch(batch, at.topic, partition=at.partition)
        handed.append(Batch(at, batch.record_count(), sent))

    for row, value in zip(rows, values, strict=True):
        topic, key, headers = row["topic"], row["key"].encode(), envelope_of(row).headers()
        if topic not in numbers:
            numbers[topic] = sorted(await producer.partitions_for(topic))
        at = TopicPartition(topic, _partition(key, numbers[topic]))
        batch = open_.get(at) or open_.setdefault(at, producer.create_batch())
        if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:  # full
            await hand_over(at)
            batch = open_[at] = producer.create_batch()
            batch.append(timestamp=None, key=key, value=value, headers=headers)
    for at in list(open_):
        await hand_over(at)
    return handed


def _partition(key: bytes, numbers: list[int]) -> int:
    """Where Kafka's own clients put a key as well."""
    if len(numbers) == 1:
        return numbers[0]
    partition: int = _of_key(key, numbers, numbers)
    return partition


async def announce_again(connection: asyncpg.Connection, acknowledged: int) -> None:
    """Put messages to people at the outbox's end that were sent twelve hours ago and that nobody
    accepted (`contacts.py`): the same id and bytes, a new position, a new time.

    Only what the relay has behind it moves: what waits for Kafka keeps its place, and its age.
    """
    await connection.execute(
        "with late as (delete from outbox where topic = $1 and position <= $2"
        " and time < now() - $3::interval returning *)"
        " insert into outbox"
        " (event_id, topic, key, type, source, subject, time, traceparent, body)"
        " select event_id, topic, key, type, source, subject, date_trunc('second', now()),"
        " traceparent, body from late order by position",
        MessageSealed.topic,
        acknowledged,
        AGAIN_AFTER,
    )


async def backlog(connection: asyncpg.Connection) -> tuple[int, float | None]:
    """The last acknowledged position, and how old the oldest event behind it is, in seconds."""
    row = await connection.fetchrow(
        "select acknowledged, extract(epoch from clock_timestamp() - least("
        " (select time from outbox where position > acknowledged order by position limit 1),"
        " (select time from outbox where position is null order by id limit 1)))::float as age"
        " from outbox_relay"
    )
    assert row is not None
    return row["acknowledged"], None if row["age"] is None else max(0.0, row["age"])

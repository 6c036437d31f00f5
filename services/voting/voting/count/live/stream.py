"""Tallies from Kafka to the hub: every replica hears all of them, and none depends on that.

A stateless subscriber, so FastStream's: no group, nothing acknowledged, from the latest on. Two
things can go wrong with it without a word (a consumer that hangs behind a broker's restart, a
broker that is away), and one look finds both: PostgreSQL knows which tally was announced last. What
has not come by the next look is sent from there, and the subscriber begins anew.
"""

import asyncio
import logging
import time
from contextlib import suppress
from typing import Any
from uuid import UUID

from aiokafka.structs import ConsumerRecord
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.middlewares import AckPolicy
from faststream.security import SASLScram256

from shared.database import Database
from shared.delivery import Dead, read
from shared.events.voting import TallyUpdated
from shared.kafka import stop_consumer
from shared.settings import KafkaSettings
from voting.count import queries, rounds
from voting.count.live.hub import Frame, Hub, Place, encode
from voting.count.live.queries import announced
from voting.refusals import RoundUnknown

log = logging.getLogger("comptoir.tallies")

LOOK_EVERY = 2.0
# A new subscriber is given so long before it is held to be stuck as well.
SETTLED_AFTER = 15.0
CURRENT = 1.0
# No tally follows.
ENDED = frozenset(("decided", "annulled"))


class Tallies:
    """What this replica knows of the rounds that are followed here."""

    def __init__(self, hub: Hub, database: Database, kafka: KafkaSettings | None) -> None:
        self.hub = hub
        self._database = database
        self._kafka = kafka
        self._late: dict[UUID, Place] = {}
        self._stuck = asyncio.Event()
        self._began = time.monotonic()
        self._loading: dict[UUID, asyncio.Lock] = {}

    async def current(self, round_id: UUID) -> Frame:
        """Where a round stands. However many come at once, it is read once a second.

        Raises `RoundUnknown`.
        """
        lock = self._loading.setdefault(round_id, asyncio.Lock())
        try:
            async with lock:
                found = self.hub.latest(round_id, CURRENT)
                if found is None:
                    found = await self._standing(round_id)
                    self.hub.publish(round_id, found)
                return found
        finally:
            if not lock.locked():
                self._loading.pop(round_id, None)

    async def look(self) -> None:
        """Send what was announced before the last look and has not come since."""
        followed, late = self.hub.rounds(), dict[UUID, Place]()
        if followed:
            async with self._database.begin() as session:
                known = await announced(session, followed)
            for round_id, final, ballots in known:
                here, there = self.hub.place(round_id), Place(final, ballots)
                if here is None or here >= there:
                    continue
                if here < self._late.get(round_id, here):
                    self.hub.publish(round_id, await self._standing(round_id))
                    self._stuck.set()
                else:
                    late[round_id] = there
        self._late = late

    async def run(self, stopping: asyncio.Event) -> None:
        """Hear Kafka's tallies until the process stops."""
        while not stopping.is_set():
            self._began, broker = time.monotonic(), self._broker()
            self._stuck.clear()
            try:
                async with asyncio.timeout(15):
                    await broker.start()
                await self._until_stuck(stopping)
            except Exception as error:  # whatever it is: `look` serves meanwhile
                log.warning("the tallies' subscriber begins anew: %s", type(error).__name__)
            finally:
                await _end(broker)
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await stopping.wait()

    def hear(self, record: "ConsumerRecord[bytes, bytes]") -> None:
        """Pass a tally on. What is no tally of ours is left to the inboxes and their alarms."""
        try:
            event: TallyUpdated = read(record).event
        except Dead:
            return
        if event.round_id in self.hub:
            self.hub.publish(event.round_id, encode(event))

    async def _standing(self, round_id: UUID) -> Frame:
        async with self._database.begin() as session:
            row = await queries.round_as_it_is(session, round_id)
            if row is None:
                raise RoundUnknown(f"there is no round {round_id}")
            options = await queries.options(session, round_id)
        return encode(rounds.tally(row, options, final=row.state in ENDED))

    async def _until_stuck(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await stopping.wait()
            if self._stuck.is_set() and time.monotonic() - self._began > SETTLED_AFTER:
                log.warning("no tally arrives: the subscriber begins anew")
                return

    def _broker(self) -> KafkaBroker:
        assert self._kafka is not None
        broker = KafkaBroker(
            self._kafka.bootstrap,
            security=SASLScram256(self._kafka.username, self._kafka.password),
            consumer_only=True,
            allow_auto_create_topics=False,
            request_timeout_ms=10_000,
            metadata_max_age_ms=10_000,
            graceful_timeout=2.0,
            logger=None,
            apply_types=False,
        )

        @broker.subscriber(
            TallyUpdated.topic,
            auto_offset_reset="latest",
            ack_policy=AckPolicy.MANUAL,  # there is no group: nothing to acknowledge, nowhere
            decoder=_undecoded,
        )
        async def show(record: Any) -> None:
            self.hear(record)

        return broker


async def _undecoded(message: KafkaMessage) -> Any:
    """The record itself: `shared.delivery` reads it, as everywhere."""
    return message.raw_message


async def _end(broker: KafkaBroker) -> None:
    """Stop within bounds: without a broker, a consumer's own end hangs."""
    consumers = [
        consumer
        for subscriber in broker.subscribers
        if (consumer := getattr(subscriber, "consumer", None)) is not None
    ]
    stopping = asyncio.ensure_future(broker.stop())
    await asyncio.wait({stopping}, timeout=3)
    stopping.cancel()
    with suppress(asyncio.CancelledError, Exception):
        stopping.exception()
    for consumer in consumers:
        await stop_consumer(consumer)

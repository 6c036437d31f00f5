"""A sequencer's replica without Kafka: its inbox is given the records of one partition."""

import asyncio
import json
import sys
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any, cast

from aiokafka.structs import ConsumerRecord, TopicPartition

from ledger.arriving import read_any
from ledger.handlers import Sequencer
from ledger.sequence import TOPICS
from shared.database import Database, raw
from shared.delivery import Delivered, Record
from shared.inbox import Inbox, Place, Subscription
from shared.kafka import Kafka
from shared.telemetry import Metrics

TOPIC_ID = "the topic's id"


class Replica:
    """One replica of the ledger, that reads what it is handed."""

    def __init__(self, dsn: str, prefix: str) -> None:
        self.database = Database(dsn, name="ledger")
        sequencer = Sequencer(prefix)
        subscription = Subscription(
            "ledger",
            TOPICS,
            {},
            every=sequencer.append_events,
            remembers=False,
            reads=read_any,
            fence=sequencer,
        )
        nothing = cast(Kafka, None)
        self._inbox = Inbox(subscription, self.database, nothing, Metrics(), process="ledger")
        self._inbox._topic_ids = dict.fromkeys(TOPICS, TOPIC_ID)

    async def lead(self) -> None:
        """Begin to consume."""
        await self._inbox._begin()

    async def take(self, topic: str, records: Sequence[Record]) -> None:
        """One batch of a partition, from where the position is now."""
        partition = TopicPartition(topic, 0)
        async with self.database.begin() as session:
            connection = await raw(session)
            await connection.execute(
                "insert into position values ($1, 0, $2, 0) on conflict do nothing", topic, TOPIC_ID
            )
            at = await connection.fetchval("select next from position where topic = $1", topic)
        # Where a consumer was set back, what it reads has offsets that it has read before.
        moved = [record_at(record, at + place) for place, record in enumerate(records)]
        place = Place(at, None, False)
        await self._inbox._apply(partition, place, await self._inbox._read(moved))

    async def close(self) -> None:
        await self.database.close()


def record(delivered: Delivered[Any], topic: str, body: bytes | None = None) -> Record:
    """An event as its publisher's relay sends it, or with another body."""
    headers = tuple(delivered.envelope.headers())
    value = delivered.body if body is None else body
    return ConsumerRecord(topic, 0, 0, 0, 0, b"key", value, None, 3, len(value), headers)


def record_at(record: Record, offset: int) -> Record:
    """The same at another place."""
    return ConsumerRecord(
        record.topic,
        record.partition,
        offset,
        *(0, 0, record.key, record.value, None, 0, 0),
        record.headers,
    )


def dumped(records: Sequence[Record]) -> list[Any]:
    """Records as JSON."""
    return [
        [r.topic, [[n, v.decode()] for n, v in r.headers], b64encode(r.value or b"").decode()]
        for r in records
    ]


def loaded(dumped: Sequence[Any]) -> list[Record]:
    """Records from JSON."""
    return [
        ConsumerRecord(
            *(topic, 0, 0, 0, 0, b"key", b64decode(value), None, 0, 0),
            tuple((name, text.encode()) for name, text in headers),
        )
        for topic, headers, value in dumped
    ]


async def main() -> None:
    """Take what is told on standard input, in a process that may be killed in the middle."""
    told = json.loads(sys.stdin.read())
    replica = Replica(told["dsn"], told["prefix"])
    await replica.lead()
    records = loaded(told["records"])
    await replica.take(records[0].topic, records)
    await replica.close()


if __name__ == "__main__":
    asyncio.run(main())

"""Reading `<topic>.dead`: from its first record to its last of now, without a consumer group."""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord
from pydantic import ValidationError

from comptoir.errors import LauncherError
from comptoir.kafka import Account
from comptoir.processes import OPERATOR
from comptoir.topics import declared_topics
from shared.envelope import Envelope, Unreadable
from shared.events.dead import DeadLetter
from shared.kafka import Kafka, Unavailable, partitions, stop_consumer
from shared.settings import KafkaSettings


@dataclass(frozen=True)
class Letter:
    """A dead letter as it was found: its event id, its bytes, and what they say."""

    id: UUID
    body: bytes
    letter: DeadLetter

    def line(self) -> str:
        """One line for a list."""
        at = f"{self.letter.origin}/{self.letter.partition}@{self.letter.offset}"
        return f"{self.id}  {self.letter.process}  {at}  {self.letter.reason}"


def dead_topics() -> list[str]:
    """Every topic with dead letters that the operator may read."""
    topics = declared_topics()
    return sorted(n for n, t in topics.items() if n.endswith(".dead") and OPERATOR in t.reads)


async def letters(
    account: Account, topics: Iterable[str], complain: Callable[[str], None]
) -> AsyncIterator[Letter]:
    """Every dead letter on these topics, oldest first within a topic.

    A record that is none is complained of in a sentence, and does not hide the others.
    """
    kafka = Kafka(
        KafkaSettings(
            bootstrap=account.bootstrap, username=account.username, password=account.password
        )
    )
    consumer = kafka.consumer()
    try:
        states = await kafka.topics(topics)
        await consumer.start()
        ends = {
            at: state.ends[at.partition]
            for topic, state in states.items()
            for at in partitions(topic, state)
        }
        consumer.assign(list(ends))
        for at, first in (await consumer.beginning_offsets(list(ends))).items():
            consumer.seek(at, first)
            if first >= ends[at]:
                consumer.pause(at)
        while waiting := [at for at in ends if at not in consumer.paused()]:
            for at, records in (await consumer.getmany(*waiting, timeout_ms=1000)).items():
                for record in records:
                    if record.offset >= ends[at]:
                        continue
                    try:
                        yield _letter(record)
                    except (Unreadable, ValidationError) as error:
                        place = f"{record.topic}/{record.partition}@{record.offset}"
                        complain(f"{place} is no dead letter: {error}")
            for at in waiting:
                if await consumer.position(at) >= ends[at]:
                    consumer.pause(at)
    except (KafkaError, Unavailable) as error:
        raise LauncherError(f"the dead letters cannot be read: {error}") from error
    finally:
        await stop_consumer(consumer)


def _letter(record: ConsumerRecord[bytes, bytes]) -> Letter:
    envelope = Envelope.from_headers(record.headers)
    return Letter(envelope.id, record.value, DeadLetter.from_body(record.value))

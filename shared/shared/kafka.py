"""Kafka's clients, as this platform sets them, and what only an admin client can tell."""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition
from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka import TopicPartition as AdminTopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec

from shared.settings import KafkaSettings

LARGEST_RECORD = 4 * 1024 * 1024  # a dead letter holds a record of 1 MiB in base64
_ANSWER = 5.0


class Unavailable(Exception):
    """The broker gave no answer: no news, neither good nor bad."""


@dataclass(frozen=True)
class TopicState:
    """A topic's identity, which changes when its disk is lost, and where its partitions end."""

    id: str
    ends: dict[int, int]


class Kafka:
    """One process's way to the broker."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._admin: AdminClient | None = None

    def producer(self) -> AIOKafkaProducer:
        """For the relay: idempotent, acknowledged by all, a request bounded to 5 s."""
        return AIOKafkaProducer(
            **self._account(),
            enable_idempotence=True,
            acks="all",
            linger_ms=0,
            max_batch_size=524_288,
            max_request_size=LARGEST_RECORD,
            request_timeout_ms=5_000,
            metadata_max_age_ms=10_000,
        )

    def consumer(self) -> AIOKafkaConsumer:
        """For a subscription: no group, no offset in Kafka, never a position that nobody chose."""
        return AIOKafkaConsumer(
            **self._account(),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            request_timeout_ms=10_000,
            metadata_max_age_ms=10_000,
            max_partition_fetch_bytes=2 * LARGEST_RECORD,
            # What comes is handed over at once all the same. A broker with nothing to do takes
            # 0.14 of a core where it is asked twice a second, and 0.1 so.
            fetch_max_wait_ms=2_000,
        )

    async def topics(self, names: Iterable[str]) -> dict[str, TopicState]:
        """The state of these topics. Raises `Unavailable`; aiokafka cannot ask for topic ids."""
        return await asyncio.to_thread(self._topics, sorted(names))

    def _topics(self, names: list[str]) -> dict[str, TopicState]:
        if self._admin is None:  # `or` would do it anew: an idle client is false
            self._admin = AdminClient(self._admin_account())
        admin = self._admin
        try:
            described = {
                name: future.result(_ANSWER + 1)
                for name, future in admin.describe_topics(
                    TopicCollection(names), request_timeout=_ANSWER
                ).items()
            }
            asked = {
                AdminTopicPartition(name, partition.id): OffsetSpec.latest()  # type: ignore[no-untyped-call]
                for name, topic in described.items()
                for partition in topic.partitions
            }
            ends: dict[str, dict[int, int]] = {name: {} for name in names}
            for at, future in admin.list_offsets(asked, request_timeout=_ANSWER).items():
                ends[at.topic][at.partition] = future.result(_ANSWER + 1).offset
        except (KafkaException, TimeoutError) as error:
            # One that learnt of the cluster while the broker was fenced waits for a controller
            # for good, also when all is well again: the next question is a new one's.
            if self._admin is admin:
                self._admin = None
            raise Unavailable(f"no answer about {', '.join(names)}: {error}") from error
        return {
            name: TopicState(str(topic.topic_id), ends[name]) for name, topic in described.items()
        }

    def _account(self) -> dict[str, Any]:
        return {
            "bootstrap_servers": self._settings.bootstrap,
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "SCRAM-SHA-256",
            "sasl_plain_username": self._settings.username,
            "sasl_plain_password": self._settings.password,
        }

    def _admin_account(self) -> dict[str, Any]:
        return {
            "bootstrap.servers": self._settings.bootstrap,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-256",
            "sasl.username": self._settings.username,
            "sasl.password": self._settings.password,
            "reconnect.backoff.ms": 50,
            "reconnect.backoff.max.ms": 500,
            "log_level": 0,  # else 20 lines a second while the broker is down
        }


async def abort_producer(producer: AIOKafkaProducer) -> None:
    """End a producer for good: nothing that it still holds may leave later, in a wrong order."""
    sender = producer._sender.sender_task if producer._sender is not None else None
    if sender is not None:
        sender.cancel()
        await asyncio.wait({sender}, timeout=2)
    await _bounded(producer.client.close())
    producer._closed = True  # else it complains when it is collected


async def stop_consumer(consumer: AIOKafkaConsumer) -> None:
    """Stop within bounds: without a broker `stop()` hangs, or raises a CancelledError not ours."""
    await _bounded(consumer.stop())
    await _bounded(consumer._client.close())


def connections(client: AIOKafkaConsumer | AIOKafkaProducer) -> frozenset[Any]:
    """The open connections: while none is new, no broker was restarted in between.

    aiokafka reconnects without a word, and a broker that lost its tail says nothing either.
    """
    if isinstance(client, AIOKafkaProducer):
        return frozenset(client.client._conns.values())
    return frozenset(client._client._conns.values())


async def _bounded(closing: Any) -> None:
    task = asyncio.ensure_future(closing)
    await asyncio.wait({task}, timeout=5)
    task.cancel()
    with suppress(asyncio.CancelledError, Exception):
        task.exception()


def partitions(topic: str, state: TopicState) -> list[TopicPartition]:
    """A topic's partitions, as aiokafka names them."""
    return [TopicPartition(topic, number) for number in sorted(state.ends)]


def quiet_clients() -> None:
    """aiokafka logs 30 lines a second while the broker is down; relay and inbox say it once."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)

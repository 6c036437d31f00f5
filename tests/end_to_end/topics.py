"""What is on a topic, read from its beginning by the platform's administrator."""

import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import ConsumerRecord, TopicPartition

from comptoir.kafka import ADMIN
from comptoir.stack import Stack
from tests.shared.conftest import account_settings


async def all_records(stack: Stack, *topics: str) -> list[ConsumerRecord[bytes, bytes]]:
    """Every record of topics with one partition, up to where they end now."""
    partitions = [TopicPartition(topic, 0) for topic in topics]
    consumer = AIOKafkaConsumer(
        **account_settings(stack.addresses.account(ADMIN)),
        group_id=None,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[ConsumerRecord[bytes, bytes]] = []
        async with asyncio.timeout(60):
            for partition in partitions:
                while await consumer.position(partition) < ends[partition]:
                    for records in (await consumer.getmany(timeout_ms=100)).values():
                        found += records
        return found
    finally:
        await consumer.stop()


async def put(stack: Stack, topic: str, value: bytes, headers: list[tuple[str, bytes]]) -> None:
    """Put a record on a topic as its administrator, who may."""
    producer = AIOKafkaProducer(**account_settings(stack.addresses.account(ADMIN)))
    await producer.start()
    try:
        await producer.send_and_wait(topic, value, headers=headers)
    finally:
        await producer.stop()

"""What a principal can do on a broker, found out by trying: every topic, written and read."""

from collections.abc import Iterable
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.fetch import FetchRequest
from confluent_kafka import KafkaError, Message, Producer

from comptoir.kafka import Account
from comptoir.topics import DEAD_RECORD_BYTES

BOUND = 30.0
REFUSED = KafkaError.TOPIC_AUTHORIZATION_FAILED


def writable(account: Account, topics: Iterable[str], value: bytes = b"{}") -> set[str]:
    """The topics that took a record; the broker refused the others, else this raises."""
    taken, failures = set[str](), list[KafkaError]()

    def delivered(error: KafkaError | None, message: Message) -> None:
        if error is None:
            taken.add(message.topic() or "")
        elif error.code() != REFUSED:
            failures.append(error)

    limits = {"message.timeout.ms": 20_000, "message.max.bytes": DEAD_RECORD_BYTES}
    producer = Producer({**_client(account), **limits})
    for topic in topics:
        producer.produce(topic, value, key=b"key", on_delivery=delivered)
    unsent = producer.flush(BOUND)
    assert not failures and unsent == 0, f"{account.username}: {failures}, {unsent} unsent"
    return taken


async def readable(account: Account, topics: Iterable[str]) -> set[str]:
    """The topics that gave a record (each must have one); the broker refused the others.

    One fetch of all of them, as the protocol has it: client libraries ask for metadata first, and a
    refusal there would say nothing about reading.
    """
    client = AIOKafkaClient(
        bootstrap_servers=account.bootstrap,
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="SCRAM-SHA-256",
        sasl_plain_username=account.username,
        sasl_plain_password=account.password,
    )
    await client.bootstrap()
    try:
        partition = (0, 0, 1_000_000)  # number, first offset, bytes
        wanted = [(topic, [partition]) for topic in topics]
        [node] = (broker.nodeId for broker in client.cluster.brokers())
        answer = await client.send(node, FetchRequest(0, 0, 50_000_000, 0, wanted))
    finally:
        await client.close()
    given = set()
    for topic, partitions in answer.topics:
        [(_, code, *_, records)] = partitions
        assert code in (0, REFUSED), f"{account.username} on {topic}: error {code}"
        if code == 0:
            assert records, f"{topic} is empty"
            given.add(topic)
    return given


def _client(account: Account) -> dict[str, Any]:
    return {
        "bootstrap.servers": account.bootstrap,
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-256",
        "sasl.username": account.username,
        "sasl.password": account.password,
        "log_level": 0,
    }

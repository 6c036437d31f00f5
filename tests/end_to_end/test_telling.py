"""From somebody who has something to tell to a mail, on real servers, whatever is down meanwhile.

The publisher is reduced to its outbox, its relay and its inbox; notification is the real one.
"""

import asyncio
import base64
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from comptoir.kafka import Account
from comptoir.mailbox import Mailbox
from comptoir.processes import PROCESSES, principals
from comptoir.roles import connected
from comptoir.stack import Stack
from notification.handlers import SOURCE
from shared import contacts, inbox, outbox
from shared.contacts import CONTACTS_KEY_FILE, Contact, Teller, encoded_key
from shared.database import Database
from shared.events.dead import DeadLetter
from shared.events.notification import MessageDelivered
from shared.events.private import MessageSealed
from shared.inbox import Inbox
from shared.kafka import Kafka
from shared.keys import x25519_key
from shared.relay import Relay
from shared.settings import KafkaSettings
from shared.telemetry import Metrics
from tests.backends import passable_directory
from tests.conftest import DatabaseFactory
from tests.deploy.probes import readable
from tests.shared.conftest import account_settings, eventually, running

pytestmark = pytest.mark.slow

TITLE = "Un verger insolite"
CODE = "K7QF-2MXP"


@pytest.fixture(scope="module")
async def stack(alone: None) -> AsyncIterator[Stack]:
    """Servers, two replicas of notification, and where its mails end."""
    processes = [process for process in PROCESSES if process.name == "notification"]
    with passable_directory() as directory:
        extra = {"COMPTOIR_LEASE": "3"}
        async with Stack(
            directory, replicas=2, processes=processes, fsync=False, extra=extra
        ) as stack:
            yield stack


class Publisher:
    """As submission tells people something."""

    def __init__(self, dsn: str, stack: Stack) -> None:
        account = stack.addresses.account("submission")
        kafka = Kafka(
            KafkaSettings(
                bootstrap=account.bootstrap, username=account.username, password=account.password
            )
        )
        key = x25519_key(stack.state.directory / "keys" / "notification" / CONTACTS_KEY_FILE)
        self.dsn = dsn
        self.database = Database(dsn, name="publisher")
        self.teller = Teller(encoded_key(key), source="submission")
        self.relay = Relay(dsn, kafka, Metrics(), name="publisher")
        self.inbox = Inbox(
            contacts.contacts_subscription(), self.database, kafka, Metrics(), process="publisher"
        )

    async def tell(self, *addresses: str) -> list[UUID]:
        """A voting code for each."""
        async with self.database.begin() as session:
            values = {"title": TITLE, "code": CODE, "url": "https://vote.example.org/"}
            return [
                self.teller.tell(session, "voting-code", Contact(address, "fr"), values)
                for address in addresses
            ]

    async def kept(self) -> int:
        """How many messages its outbox keeps."""
        connection = await asyncpg.connect(self.dsn, ssl=False)
        try:
            return int(await connection.fetchval("select count(*) from outbox") or 0)
        finally:
            await connection.close()


@asynccontextmanager
async def publishing(database: DatabaseFactory, stack: Stack) -> AsyncIterator[Publisher]:
    made = await database()
    connection = await asyncpg.connect(made.superuser, ssl=False)
    await connection.execute(outbox.CREATE + inbox.CREATE + contacts.CREATE)
    await connection.close()
    publisher = Publisher(made.superuser, stack)
    try:
        async with running(publisher.relay, publisher.inbox):
            yield publisher
    finally:
        await publisher.database.close()


def mails_to(stack: Stack, addresses: set[str]) -> Counter[tuple[str, str]]:
    """Who got which mail, and how often."""
    mailbox = Mailbox(stack.addresses.mails)
    return Counter(
        (address, mail.message_id) for address in addresses for mail in mailbox.mails(address)
    )


async def all_arrived(stack: Stack, wanted: dict[str, UUID], within: float = 90.0) -> None:
    async def missing() -> set[str]:
        return {
            address for address in wanted if not any(Mailbox(stack.addresses.mails).mails(address))
        }

    await eventually(missing, lambda found: not found, within)
    domain = "comptoir.example"
    expected = {(address, f"<{message}@{domain}>") for address, message in wanted.items()}
    assert mails_to(stack, set(wanted)).keys() == expected


def people(name: str, count: int) -> list[str]:
    return [f"{name}-{n}@mailbox.example" for n in range(count)]


async def test_what_is_told_while_notification_is_down_arrives_when_it_is_back(
    stack: Stack, database: DatabaseFactory
) -> None:
    for replica in ("notification.1", "notification.2"):
        await stack.take_down(replica, hard=True)
    addresses = people("early", 500)
    async with publishing(database, stack) as publisher:
        messages = await publisher.tell(*addresses)
        await asyncio.sleep(2)
        assert await publisher.kept() == 500
        for replica in ("notification.1", "notification.2"):
            await stack.bring_up(replica)
        await all_arrived(stack, dict(zip(addresses, messages, strict=True)))
        await eventually(publisher.kept, lambda kept: kept == 0)
    assert set(mails_to(stack, set(addresses)).values()) == {1}


async def test_kills_of_everything_lose_no_message(stack: Stack, database: DatabaseFactory) -> None:
    addresses = people("rough", 400)
    async with publishing(database, stack) as publisher:
        messages = []
        victims = ["notification.1", "kafka", "notification.2", "postgres.main", "mail"]
        for turn, victim in enumerate((*victims, *victims)):
            messages += await publisher.tell(*addresses[turn * 40 : (turn + 1) * 40])
            stack.kill(victim)
            await asyncio.sleep(0.5)
        await stack.all_ready()
        await all_arrived(stack, dict(zip(addresses, messages, strict=True)), within=180)
        await eventually(publisher.kept, lambda kept: kept == 0)


async def test_a_lost_disk_of_kafka_loses_no_message(
    stack: Stack, database: DatabaseFactory
) -> None:
    for replica in ("notification.1", "notification.2"):
        await stack.take_down(replica)
    addresses = people("lost", 50)
    async with publishing(database, stack) as publisher:
        messages = await publisher.tell(*addresses)
        await asyncio.sleep(2)
        await stack.lose_kafka_disk()
        for replica in ("notification.1", "notification.2"):
            await stack.bring_up(replica)
        await all_arrived(stack, dict(zip(addresses, messages, strict=True)))
        await eventually(publisher.kept, lambda kept: kept == 0)
    assert set(mails_to(stack, set(addresses)).values()) == {1}


async def test_only_notification_reads_what_is_sealed_and_nobody_reads_the_words(
    stack: Stack, database: DatabaseFactory
) -> None:
    async with publishing(database, stack) as publisher:
        addresses = people("sealed", 3)
        messages = await publisher.tell(*addresses)
        await all_arrived(stack, dict(zip(addresses, messages, strict=True)))
    for principal in principals():
        account = stack.addresses.account(principal)
        allowed = {MessageSealed.topic} if principal == "notification" else set()
        assert await readable(account, [MessageSealed.topic]) == allowed, principal
    records = await everything(stack.addresses.account("notification"), MessageSealed.topic)
    assert len(records) >= 3
    assert not clear_words(b"".join(records))


async def test_neither_database_nor_deliveries_nor_logs_hold_an_address_or_a_word(
    stack: Stack, database: DatabaseFactory
) -> None:
    async with publishing(database, stack) as publisher:
        addresses = people("quiet", 5)
        messages = await publisher.tell(*addresses)
        await all_arrived(stack, dict(zip(addresses, messages, strict=True)))
        await eventually(publisher.kept, lambda kept: kept == 0)
    async with connected(stack.addresses.superuser_dsn("notification")) as connection:
        tables = await connection.fetch(
            "select table_name from information_schema.tables where table_schema = 'public'"
        )
        assert len(tables) > 5
        for table in tables:
            rows = await connection.fetch(f'select t::text from "{table["table_name"]}" t')
            assert not clear_words("\n".join(row[0] for row in rows).encode())
    deliveries = await everything(stack.addresses.account("submission"), MessageDelivered.topic)
    assert deliveries and not clear_words(b"".join(deliveries))
    for log in (stack.state.directory / "logs").glob("*.log"):
        assert not clear_words(log.read_bytes()), log.name


async def test_garbage_becomes_a_dead_letter_and_the_next_message_arrives(
    stack: Stack, database: DatabaseFactory
) -> None:
    producer = AIOKafkaProducer(**account_settings(stack.addresses.account("submission")))
    await producer.start()
    for garbage in (b"garbage", b"{}", b'{"message_id":"x","sealed":"!"}', None):
        await producer.send_and_wait(MessageSealed.topic, garbage, key=b"x")
    await producer.stop()
    async with publishing(database, stack) as publisher:
        [message] = await publisher.tell("after@mailbox.example")
        await all_arrived(stack, {"after@mailbox.example": message})
    operator = stack.addresses.account("operator")

    async def buried() -> list[DeadLetter]:
        letters = await everything(operator, f"{MessageSealed.topic}.dead")
        return [DeadLetter.model_validate(json.loads(each)) for each in letters]

    letters = await eventually(buried, lambda found: len(found) >= 4)
    assert {letter.process for letter in letters} == {SOURCE}
    assert base64.b64encode(b"garbage").decode() in {letter.value for letter in letters}


def clear_words(content: bytes) -> list[str]:
    """Which of the words that were told stand there, as text or in a dump of bytes."""
    words = ("mailbox.example", TITLE, CODE, "vote.example.org")
    lower = content.lower()
    return [
        word
        for word in words
        if word.lower().encode() in lower or word.encode().hex().encode() in lower
    ]


async def everything(account: Account, topic: str) -> list[bytes]:
    """Every value of a topic, with its headers and key."""
    consumer = AIOKafkaConsumer(
        topic, **account_settings(account), group_id=None, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        found: list[bytes] = []
        while batch := await consumer.getmany(timeout_ms=500):
            for records in batch.values():
                found += [record.value or b"" for record in records]
        return found
    finally:
        await consumer.stop()

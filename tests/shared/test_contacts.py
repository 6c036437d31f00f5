"""What is sealed opens for notification alone, under its own id, and its size tells nothing."""

import asyncio
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given
from hypothesis import strategies as st

from comptoir.topics import apply, declared_topics
from shared import inbox, outbox
from shared.contacts import (
    BY_SMS_ALONE,
    CREATE,
    LANGUAGES,
    MESSAGES,
    Contact,
    Kind,
    Message,
    Teller,
    Unopened,
    Untellable,
    check,
    contacts_subscription,
    forget_accepted,
    open_sealed,
    public_key,
    seal,
)
from shared.covering import Standing
from shared.database import Database
from shared.delivery import Delivered
from shared.envelope import Envelope
from shared.events.notification import MessageAccepted
from shared.events.private import MessageSealed
from shared.relay import announce_again
from tests.conftest import DatabaseFactory
from tests.rfc9180 import VECTOR, schedule, the_appendix
from tests.shared.conftest import (
    Store,
    StoreFactory,
    ThingCounted,
    account_settings,
    eventually,
    running,
)
from tests.telling import CONTACTS_KEY, PRIVATE_KEY, told

IDEA = Message(
    Contact("lea.petit@example.org", "fr"),
    "idea-received",
    {"title": "Un verger pour l'école", "url": "https://budget.example.org/ideas/1"},
)
SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
PUBLIC = public_key(CONTACTS_KEY)


def test_our_key_schedule_is_the_one_of_rfc_9180() -> None:
    found = the_appendix()
    assert found == {name: VECTOR[name] for name in found}
    cipher = ChaCha20Poly1305(found["key"])
    assert cipher.encrypt(found["base_nonce"], VECTOR["pt"], VECTOR["aad"]) == VECTOR["ct"]


def test_the_library_opens_what_the_appendix_s_sender_seals() -> None:
    found = the_appendix()
    body = ChaCha20Poly1305(found["key"]).encrypt(found["base_nonce"], VECTOR["pt"], b"")
    recipient = X25519PrivateKey.from_private_bytes(VECTOR["skRm"])
    assert SUITE.decrypt(VECTOR["enc"] + body, recipient, VECTOR["info"]) == VECTOR["pt"]


def test_the_key_schedule_opens_what_is_sealed_here() -> None:
    message_id = uuid4()
    sealed = seal(PUBLIC, message_id, IDEA)
    enc, body = sealed[:32], sealed[32:]
    point = PRIVATE_KEY.exchange(X25519PublicKey.from_public_bytes(enc))
    info = b"comptoir-contacts-v1" + message_id.bytes
    found = schedule(point, enc, PUBLIC.public_bytes_raw(), info)
    words = ChaCha20Poly1305(found["key"]).decrypt(found["base_nonce"], body, b"")
    assert words.startswith(b'{"address":"lea.petit@example.org","language":"fr",')


def test_what_is_sealed_opens_to_the_same_message() -> None:
    message_id = uuid4()
    assert open_sealed(PRIVATE_KEY, message_id, seal(PUBLIC, message_id, IDEA)) == IDEA


def test_it_opens_with_no_other_key_under_no_other_id_and_not_altered() -> None:
    message_id = uuid4()
    sealed = seal(PUBLIC, message_id, IDEA)
    altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for key, name, what in (
        (X25519PrivateKey.generate(), message_id, sealed),
        (PRIVATE_KEY, uuid4(), sealed),
        (PRIVATE_KEY, message_id, altered),
        (PRIVATE_KEY, message_id, sealed[:40]),
        (PRIVATE_KEY, message_id, b""),
    ):
        with pytest.raises(Unopened):
            open_sealed(key, name, what)


@pytest.mark.parametrize(
    "words", [b"", b"[]", b"7", b"{}", b'{"address":1}', b"\xff", b'{"address":"a@b"}', b"null"]
)
def test_sealed_nonsense_is_no_message(words: bytes) -> None:
    message_id = uuid4()
    sealed = SUITE.encrypt(words, PUBLIC, b"comptoir-contacts-v1" + message_id.bytes)
    with pytest.raises(Unopened):
        open_sealed(PRIVATE_KEY, message_id, sealed)


@given(st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126), min_size=1))
def test_sizes_differ_by_whole_blocks_only(title: str) -> None:
    message = Message(IDEA.contact, IDEA.name, {**IDEA.values, "title": title[:200]})
    assert (len(seal(PUBLIC, uuid4(), message)) - 48) % 512 == 0


EXAMPLES: dict[Kind, str | int] = {
    Kind.LINE: "Un verger",
    Kind.TEXT: "Le devis manque.\nLe plan aussi.",
    Kind.LINK: "https://budget.example.org/x",
    Kind.MOMENT: "2026-05-14T16:00:00Z",
    Kind.CENTS: 1_250_000,
}


def examples(name: str) -> dict[str, str | int]:
    return {value: EXAMPLES[kind] for value, kind in MESSAGES[name].items()}


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_is_told_with_its_values_neither_more_nor_fewer(name: str) -> None:
    contact = Contact("+33612345678", "fr") if name in BY_SMS_ALONE else IDEA.contact
    values = examples(name)
    check(Message(contact, name, values))
    for wrong in (*({k: v for k, v in values.items() if k != gone} for gone in values),):
        with pytest.raises(Untellable):
            check(Message(contact, name, wrong))
    with pytest.raises(Untellable):
        check(Message(contact, name, {**values, "more": "words"}))


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("idea-received", "title", "Bcc: x@example.org\r\nSubject: other"),
        ("idea-received", "title", "a line\nand another"),
        ("idea-received", "title", "a line\u2028and another"),
        ("idea-received", "title", ""),
        ("idea-received", "title", "x" * 501),
        ("idea-received", "title", "half a pair \ud800"),
        ("idea-received", "title", 7),
        ("idea-received", "url", "javascript:alert(1)"),
        ("idea-received", "url", "https://example.org/a b"),
        ("idea-received", "url", 'https://example.org/"\n'),
        ("labelled", "ceiling", 12.5),
        ("labelled", "ceiling", True),
        ("labelled", "ceiling", -1),
        ("labelled", "reason", "a bell \x07"),
        ("counter-appointment", "begins_at", "2026-05-14T16:00:00"),
        ("counter-appointment", "begins_at", "on Thursday"),
    ],
)
def test_what_no_template_can_say_is_refused_without_being_quoted(
    name: str, value: str, wrong: Any
) -> None:
    with pytest.raises(Untellable) as refused:
        seal(PUBLIC, uuid4(), Message(IDEA.contact, name, {**examples(name), value: wrong}))
    assert value in str(refused.value)
    assert not isinstance(wrong, str) or not wrong or wrong not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        *("", "lea", "@example.org", "lea@", "lea@example.org, tom@example.org"),
        *("lea@example.org\r\nBcc: tom@example.org", "Léa <lea@example.org>", "a b@example.org"),
        *("lea@exa\x00mple.org", "lea@tom@example.org", f"{'x' * 65}@example.org"),
    ],
)
def test_an_address_is_one_address(address: str) -> None:
    with pytest.raises(Untellable):
        check(Message(Contact(address, "fr"), IDEA.name, IDEA.values))


def test_messages_are_told_in_languages_that_exist() -> None:
    for language in LANGUAGES:
        check(Message(Contact(IDEA.contact.address, language), IDEA.name, IDEA.values))
    for language in ("", "de", "../fr"):
        with pytest.raises(Untellable):
            check(Message(Contact(IDEA.contact.address, language), IDEA.name, IDEA.values))


@pytest.mark.parametrize("key", ["", "AAAA", "not base64", b64encode(bytes(31)).decode()])
def test_a_key_that_is_none_ends_the_start(key: str) -> None:
    with pytest.raises(ValueError):
        Teller(key, source="submission")


# A publisher's side: what it announced stays until it was accepted.


class Publisher:
    """A database with an outbox, and somebody to tell."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.database = Database(dsn, name="tests")
        self.teller = Teller(CONTACTS_KEY, source="submission")

    async def tell(self, count: int = 1) -> list[UUID]:
        async with self.database.begin() as session:
            return [
                self.teller.tell(session, IDEA.name, IDEA.contact, IDEA.values)
                for _ in range(count)
            ]

    async def accept(self, *messages: UUID) -> None:
        events = [MessageAccepted(message_id=message) for message in messages]
        async with self.database.begin() as session:
            await forget_accepted(session, [delivered(event) for event in events])

    async def execute(self, statement: str, *arguments: Any) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.dsn, ssl=False)
        try:
            return await connection.fetch(statement, *arguments)
        finally:
            await connection.close()

    async def relayed(self) -> None:
        """As the relay leaves it: everything has a position and is acknowledged."""
        await self.execute("select number_outbox(1000)")
        await self.execute(
            "update outbox_relay set acknowledged = (select position from outbox_counter)"
        )

    async def announce_again(self) -> None:
        connection = await asyncpg.connect(self.dsn, ssl=False)
        behind = await connection.fetchval("select acknowledged from outbox_relay")
        await announce_again(connection, behind)
        await connection.close()

    async def positions(self) -> dict[UUID, int | None]:
        rows = await self.execute("select event_id, position from outbox order by id")
        return {row["event_id"]: row["position"] for row in rows}


def delivered(event: MessageAccepted) -> Delivered[Any]:
    envelope = Envelope.from_headers(
        [
            ("ce_specversion", b"1.0"),
            ("ce_id", str(uuid4()).encode()),
            ("ce_type", event.type.encode()),
            ("ce_source", b"notification"),
            ("ce_subject", event.subject.encode()),
            ("ce_time", b"2026-11-25T12:00:00Z"),
        ]
    )
    return Delivered(envelope, event, event.body())


@asynccontextmanager
async def publishing(database: DatabaseFactory) -> AsyncIterator[Publisher]:
    made = await database()
    connection = await asyncpg.connect(made.superuser, ssl=False)
    await connection.execute(outbox.CREATE + inbox.CREATE + CREATE)
    await connection.close()
    publisher = Publisher(made.superuser)
    try:
        yield publisher
    finally:
        await publisher.database.close()


async def test_nothing_in_the_outbox_can_be_read_but_by_notification(
    database: DatabaseFactory,
) -> None:
    async with publishing(database) as publisher:
        await publisher.tell()
        [row] = await publisher.execute("select outbox::text as all from outbox")
        # A body is shown in hexadecimal digits, and what is sealed in it is base64, without an @.
        for word in ("lea", "example.org", "verger", "idea-received", b"lea@".hex()):
            assert word not in row["all"]
        assert await told(publisher.database) == [IDEA]


async def test_what_was_accepted_is_forgotten_and_nothing_else(database: DatabaseFactory) -> None:
    async with publishing(database) as publisher:
        first, second, third = await publisher.tell(3)
        await publisher.relayed()
        await publisher.accept(first, third, uuid4())
        await publisher.accept(first)
        assert list(await publisher.positions()) == [second]


async def test_an_unaccepted_message_is_announced_again_after_twelve_hours(
    database: DatabaseFactory,
) -> None:
    async with publishing(database) as publisher:
        old, accepted, young = await publisher.tell(3)
        await publisher.execute(
            "update outbox set time = now() - interval '12 hours 1 minute' where event_id <> $1",
            young,
        )
        await publisher.announce_again()
        assert list(await publisher.positions()) == [old, accepted, young]  # Kafka has none yet
        await publisher.relayed()
        await publisher.accept(accepted)
        before = await publisher.execute("select body, time from outbox where event_id = $1", old)
        await publisher.announce_again()
        await publisher.announce_again()
        assert await publisher.positions() == {young: 3, old: None}
        [again] = await publisher.execute("select body, time from outbox where event_id = $1", old)
        assert again["body"] == before[0]["body"]
        assert again["time"] - before[0]["time"] > timedelta(hours=12)
        await publisher.relayed()
        assert await publisher.positions() == {young: 3, old: 4}


async def test_a_message_on_its_way_once_more_stays_until_its_next_arrival(
    database: DatabaseFactory,
) -> None:
    """Else the relay, which may be numbering it, would give its position twice."""
    async with publishing(database) as publisher:
        [message] = await publisher.tell()
        await publisher.relayed()
        await publisher.execute("update outbox set time = now() - interval '13 hours'")
        await publisher.announce_again()
        await publisher.accept(message)
        assert await publisher.positions() == {message: None}
        await publisher.relayed()
        await publisher.accept(message)
        assert await publisher.positions() == {}


async def test_the_relay_prunes_what_is_old_but_never_an_unaccepted_message(
    store: StoreFactory,
) -> None:
    things = await store()
    teller = Teller(CONTACTS_KEY, source="submission")
    await things.announce("a bench", 1)
    async with things.database.begin() as session:
        message = teller.tell(session, IDEA.name, IDEA.contact, IDEA.values)
    await things.fetch("select number_outbox(1000)")
    await things.fetch("update outbox set time = now() - interval '15 days'")
    await things.fetch("update outbox_relay set acknowledged = 2")
    await things.fetch("insert into outbox_covered values ('edition', 1, 'id')")
    relay = things.relay(standing=Standing("tests", things.kafka))
    connection = await asyncpg.connect(things.dsn, ssl=False)
    await relay._prune(connection)
    assert len(await things.fetch("select 1 from outbox")) == 2  # nothing is sent yet for it
    relay._acknowledged = 2
    await relay._prune(connection)
    await connection.close()
    assert [r["event_id"] for r in await things.fetch("select event_id from outbox")] == [message]


async def test_rows_that_go_and_rows_that_come_back_leave_the_relay_sound(
    store: StoreFactory,
) -> None:
    """They are deleted behind it and put at the end again while it sends; the rest keeps order."""
    things = await store()
    await asyncio.to_thread(apply, things.account.admin(), declared_topics())
    teller = Teller(CONTACTS_KEY, source="submission")
    messages: list[UUID] = []
    arrived: list[UUID] = []

    async def accept_arrivals(consumer: AIOKafkaConsumer) -> None:
        """As notification and the inbox do it, at once, but each message at its second arrival."""
        while True:
            for records in (await consumer.getmany(timeout_ms=20)).values():
                fresh = [UUID((record.key or b"").decode()) for record in records]
                twice = [each for each in fresh if each in arrived]
                arrived.extend(fresh)
                async with things.database.begin() as session:
                    accepted = [MessageAccepted(message_id=each) for each in twice]
                    await forget_accepted(session, [delivered(each) for each in accepted])

    async def age_and_announce_again() -> None:
        connection = await asyncpg.connect(things.dsn, ssl=False)
        try:
            while True:
                await connection.execute(
                    "update outbox set time = now() - interval '13 hours' where topic = $1"
                    " and position is not null",
                    MessageSealed.topic,
                )
                behind = await connection.fetchval("select acknowledged from outbox_relay")
                await announce_again(connection, behind)
                await asyncio.sleep(0.01)
        finally:
            connection.terminate()

    consumer = AIOKafkaConsumer(
        MessageSealed.topic, **account_settings(things.account), auto_offset_reset="latest"
    )
    await consumer.start()
    await consumer.seek_to_end()
    others = [
        asyncio.create_task(accept_arrivals(consumer)),
        asyncio.create_task(age_and_announce_again()),
    ]
    try:
        async with running(things.relay()):
            for start in range(0, 300, 10):
                async with things.database.begin() as session:
                    told_now = [
                        teller.tell(session, IDEA.name, IDEA.contact, IDEA.values) for _ in range(4)
                    ]
                messages += told_now
                await things.announce("a bench", *range(start, start + 10))
            await eventually(lambda: kept(things), lambda count: count == 0)
            records = await things.sent(300)
    finally:
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await consumer.stop()
    values = [ThingCounted.from_body(record.value or b"").value for record in records]
    assert values == list(range(300))
    assert min(Counter(arrived)[message] for message in messages) >= 2


async def kept(things: Store) -> int:
    """How many messages an outbox still keeps."""
    [row] = await things.fetch(
        "select count(*) as kept from outbox where topic = $1", MessageSealed.topic
    )
    return int(row["kept"])


def test_the_subscription_keeps_no_ids() -> None:
    assert contacts_subscription().remembers is False

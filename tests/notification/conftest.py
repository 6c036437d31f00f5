"""Notification under test: its settings, an SMTP server that obeys, a database with messages."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from comptoir.sink import server as smtp_server
from notification.app import NotificationSettings
from notification.handlers import accept_messages
from shared.contacts import CONTACTS_KEY_FILE, Contact, Message, public_key, seal
from shared.database import Database
from shared.delivery import Delivered
from shared.envelope import Envelope as EventEnvelope
from shared.events.private import MessageSealed
from tests import telling
from tests.conftest import DatabaseFactory
from tests.serving import settings

DOMAIN = "comptoir.example"
IDEA = Message(
    Contact("lea.petit@example.org", "fr"),
    "idea-received",
    {"title": "Un verger pour l'école", "url": "https://budget.example.org/ideas/1"},
)


@dataclass
class Arrived:
    """One mail that the server took."""

    address: str
    message: EmailMessage

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])


@dataclass
class Server:
    """An SMTP server in this process. What it answers to a command, a test may decide: `rcpt` and
    `data` give an answer, or None for the usual one, and may wait before."""

    arrived: list[Arrived] = field(default_factory=list)
    rcpt: Callable[[str], Awaitable[str | None]] | None = None
    data: Callable[[Arrived], Awaitable[str | None]] | None = None
    taken: Callable[[Arrived], Awaitable[str | None]] | None = None
    port: int = 0
    under_way: int = 0
    most_under_way: int = 0
    listening: asyncio.Server | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self.listening = await loop.create_server(lambda: smtp_server(self), "127.0.0.1", self.port)
        self.port = self.listening.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more, and cut every connection."""
        assert self.listening is not None
        self.listening.close()
        self.listening.close_clients()
        await self.listening.wait_closed()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        answer = None if self.rcpt is None else await self.rcpt(address)
        if answer is not None:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 yes"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        mail = Arrived(envelope.rcpt_tos[0], message)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            if self.data is not None and (answer := await self.data(mail)) is not None:
                return answer
            self.arrived.append(mail)
            answer = None if self.taken is None else await self.taken(mail)
            return answer or "250 taken"
        finally:
            self.under_way -= 1


@asynccontextmanager
async def serving_mail() -> AsyncIterator[Server]:
    server = Server()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@pytest.fixture
async def mail() -> AsyncIterator[Server]:
    """An SMTP server that takes everything until it is told otherwise."""
    async with serving_mail() as server:
        yield server


@dataclass
class Store:
    """Notification's database, and what is put into it as if it had come by Kafka."""

    dsn: str
    superuser: str
    keys: Path
    mail: Server
    database: Database

    def settings(self, **others: Any) -> NotificationSettings:
        """Of a process on this database that sends to this server."""
        given = {
            "keys": self.keys,
            "smtp_port": self.mail.port,
            "smtp_tls": "none",
            "mail_sender": f"budget@{DOMAIN}",
            "mail_domain": DOMAIN,
            "operator_name": "Département du Pas-de-Calais",
            "office_telephone": "03 21 00 00 00",
            **others,
        }
        return settings(NotificationSettings, self.dsn, **given)

    async def accept(self, *messages: Message) -> list[UUID]:
        """Accept these in one batch; their ids."""
        events = [sealed(message) for message in messages]
        await self.accept_events(*events)
        return [event.message_id for event in events]

    async def accept_events(self, *events: MessageSealed) -> None:
        async with self.database.begin() as session:
            await accept_messages(session, [delivered(event) for event in events])

    async def fetch(self, statement: str, *arguments: Any) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.superuser, ssl=False)
        try:
            return await connection.fetch(statement, *arguments)
        finally:
            await connection.close()

    async def states(self) -> dict[str, int]:
        """How many messages are in which state."""
        rows = await self.fetch("select state, count(*) as count from message group by state")
        return {row["state"]: row["count"] for row in rows}

    async def announced(self, kind: type[Any]) -> list[UUID]:
        """The ids of the messages that such events were announced of."""
        rows = await self.fetch("select body from outbox where type = $1 order by id", kind.type)
        return [kind.from_body(row["body"]).message_id for row in rows]


def sealed(message: Message) -> MessageSealed:
    """As a publisher announces it."""
    message_id = uuid4()
    words = seal(public_key(telling.CONTACTS_KEY), message_id, message)
    return telling.event(message_id, words)


def delivered(event: MessageSealed) -> Delivered[MessageSealed]:
    envelope = EventEnvelope.from_headers(
        [
            ("ce_specversion", b"1.0"),
            ("ce_id", str(event.message_id).encode()),
            ("ce_type", event.type.encode()),
            ("ce_source", b"submission"),
            ("ce_subject", event.subject.encode()),
            ("ce_time", b"2026-11-25T12:00:00Z"),
        ]
    )
    return Delivered(envelope, event, event.body())


@pytest.fixture
async def store(database: DatabaseFactory, mail: Server, tmp_path: Path) -> AsyncIterator[Store]:
    """Notification's database and key."""
    made = await database("notification")
    (tmp_path / CONTACTS_KEY_FILE).write_bytes(telling.PRIVATE_KEY.private_bytes_raw())
    own = Database(made.dsn, name="tests")
    yield Store(made.dsn, made.superuser, tmp_path, mail, own)
    await own.close()

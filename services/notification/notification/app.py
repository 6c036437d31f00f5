"""The process: messages in, mails out, and what became of them. No routes of its own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from notification.handlers import accept_messages
from notification.keys import Keys
from notification.sending import Metrics, Sender
from notification.sms import ByAddress, Sms
from notification.smtp import Server, Smtp, Tls
from notification.writing import Office, Writer
from shared.catching_up import Reading
from shared.covering import covering_subscription
from shared.delivery import Delivered
from shared.events import Event
from shared.events import notification as events
from shared.events.notification import KeyDestroyed
from shared.events.private import MessageSealed
from shared.inbox import Subscription
from shared.kafka import Kafka, Unavailable
from shared.process import Process
from shared.settings import KafkaSettings, Settings

PUBLISHES: tuple[type[Event], ...] = events.ALL
WATCH_EVERY = 2.0
DESTROY_EVERY = 3600.0
DESTROYED_WITHIN = 10 * 24 * 3600.0


class NotificationSettings(Settings):
    """`keys` is the directory of the private keys, which are in no backup of the database."""

    keys: Path
    smtp_host: str = "127.0.0.1"
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    smtp_tls: Tls = "starttls"
    smtp_username: str | None = None
    smtp_password: str | None = None
    # How many mails are under way at once; each connection carries one after the other.
    smtp_connections: Annotated[int, Field(ge=1, le=100)] = 8
    # Where SMS are handed over (`sms.py`), and with which key; without it none is sent.
    sms_url: str | None = None
    sms_key: str = ""
    # A message that was attempted and of which nothing was heard is attempted again after so long.
    lease: Annotated[float, Field(ge=1)] = 120.0
    # From whom mails come, and the domain of their Message-IDs.
    mail_sender: str
    mail_domain: str
    mail_reply_to: str | None = None
    # Of who signs them, the operator.
    office_telephone: str | None = None


def create() -> FastAPI:
    """The application, from the environment."""
    return application(NotificationSettings())


def application(settings: NotificationSettings, *, kafka: bool = True) -> FastAPI:
    """The application; without `kafka`, nothing is accepted and what it announces stays."""
    process = Process(
        "notification",
        settings,
        subscriptions=subscriptions(),
        publishes=PUBLISHES,
        kafka=kafka,
        # It is in the outbox again, which is all that is made of it: it is not said twice.
        restores={KeyDestroyed.type: nothing_more},
    )
    server = Server(
        host=settings.smtp_host,
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        username=settings.smtp_username,
        password=settings.smtp_password,
        sender=settings.mail_sender,
        sender_name=settings.operator_name,
        reply_to=settings.mail_reply_to,
    )
    office = Office(settings.operator_name, settings.office_telephone, settings.mail_domain)
    keys = Keys(settings.keys)
    at_once = settings.smtp_connections
    sms = Sms(settings.sms_url, settings.sms_key, at_once) if settings.sms_url else None
    sender = Sender(
        process.database,
        ByAddress(Smtp(server, at_once), sms),
        Writer(office),
        keys,
        Metrics(process.metrics.registry),
        lease=settings.lease,
        at_once=at_once,
        stands=process.stand.known,
    )
    process.add_work(sender.run)

    async def watch() -> None:
        late = keys.previous_kept() - DESTROYED_WITHIN
        process.alarm("previous key", late, "it should have been destroyed for")
        process.alarm("mails", await sender.backlog(), "messages wait and none was sent for")

    process.every(WATCH_EVERY, "mails watched", watch)
    if kafka:
        reading = Reading([MessageSealed.topic], Kafka(KafkaSettings()), process.database)

        async def destroy() -> None:
            try:
                read = await reading.came()
            except Unavailable:
                return  # no news
            await keys.destroy_previous(process.database, read=read)

        process.every(DESTROY_EVERY, "keys", destroy)
    return process.app()


async def nothing_more(session: AsyncSession, events: Sequence[Delivered[KeyDestroyed]]) -> None:
    """A restored database makes nothing of these: what is destroyed is a file."""


def subscriptions() -> Sequence[Subscription]:
    """What notification reads: what is sealed to it, and how far its own events are covered."""
    return [
        Subscription(
            name="contacts",
            topics=(MessageSealed.topic,),
            handlers={MessageSealed.type: accept_messages},
            remembers=False,  # the messages themselves are remembered, by their ids
        ),
        covering_subscription("notification"),
    ]

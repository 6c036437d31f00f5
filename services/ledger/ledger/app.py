"""The ledger's process: the sequencer of every ledgered topic, and what outsiders read."""

import time

from fastapi import FastAPI
from prometheus_client import Gauge

from ledger import queries, rotation, routes
from ledger.handlers import Sequencer
from ledger.pages import routes as pages
from ledger.pages.handlers import keep_words
from ledger.refusals import NotThere
from ledger.sequence import TOPICS
from shared.database import raw
from shared.events import Event
from shared.events.ledger import CheckpointPublished
from shared.events.submission import TextPublished
from shared.inbox import Subscription
from shared.process import Process
from shared.settings import Settings
from shared.web.kit import Pages

WATCH_EVERY = 5.0
# The signer writes checkpoints into this outbox.
PUBLISHES: tuple[type[Event], ...] = (CheckpointPublished,)


class LedgerSettings(Settings):
    """The origin of the log L is `<origin_prefix>/<L>`: permanent, since it is the key's name."""

    origin_prefix: str = "ledger.localhost"


def create() -> FastAPI:
    """The process as its environment says."""
    return application(LedgerSettings())


def application(settings: LedgerSettings, *, kafka: bool = True) -> FastAPI:
    """The process as uvicorn serves it; without Kafka it only reads."""
    sequencer = Sequencer(settings.origin_prefix)
    process = Process(
        "ledger",
        settings,
        publishes=PUBLISHES,
        subscriptions=[
            # The logs remember ids and bytes themselves: an id that comes again with other bytes
            # must be seen, and an inbox would drop it.
            Subscription("ledger", TOPICS, {}, every=sequencer.append_events, remembers=False),
            Subscription("words", (TextPublished.topic,), {TextPublished.type: keep_words}),
        ],
        kafka=kafka,
    )
    process.every(WATCH_EVERY, "logs", Watch(process).look)
    return process.app(
        [routes.router, rotation.router, pages.router],
        {NotThere: 404},
        pages=Pages("ledger", settings, advice=pages.ADVICE),
    )


class Watch:
    """Shows an operator what is held back, in quarantine, or not signed yet.

    A frozen signer cannot raise its own alarm.
    """

    def __init__(self, process: Process) -> None:
        self._process = process
        self._held = self._gauge("held", "Events that wait for others, or for a log")
        self._held_seconds = self._gauge("held_seconds", "How long the first has waited")
        self._quarantined = self._gauge("quarantined", "Events that contradict the logs")
        self._unsigned = self._gauge("unsigned", "Entries that no signed checkpoint covers yet")
        self._unsigned_seconds = self._gauge("unsigned_seconds", "Time since one was signed")
        self._unpublished = self._gauge("unpublished", "Entries that no published one covers yet")
        self._unpublished_seconds = self._gauge("unpublished_seconds", "Time since one was")
        self._signed, self._since = -1, time.monotonic()
        self._published, self._published_since = -1, time.monotonic()

    async def look(self) -> None:
        """Read the backlog, and raise or take back the alarms."""
        async with self._process.database.begin() as session:
            found = await queries.backlog(await raw(session))
        if found.signed != self._signed or found.signed == found.appended:
            self._signed, self._since = found.signed, time.monotonic()
        unsigned_seconds = time.monotonic() - self._since
        if found.published != self._published or found.published == found.appended:
            self._published, self._published_since = found.published, time.monotonic()
        unpublished_seconds = time.monotonic() - self._published_since
        self._held.set(found.held)
        self._held_seconds.set(found.held_seconds)
        self._quarantined.set(found.quarantined)
        self._unsigned.set(found.appended - found.signed)
        self._unsigned_seconds.set(unsigned_seconds)
        self._unpublished.set(found.appended - found.published)
        self._unpublished_seconds.set(unpublished_seconds)
        self._process.alarm("held", found.held_seconds, "events wait for those before them for")
        self._process.alarm("signer", unsigned_seconds, "no new entry was signed for")
        self._process.alarm("checkpoint", unpublished_seconds, "no new entry was published for")

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(f"comptoir_ledger_{name}", meaning, registry=self._process.metrics.registry)

"""The ledger's process: the sequencer of every ledgered topic, and what outsiders read."""

import time
from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI
from prometheus_client import Gauge
from pydantic import Field

from ledger import queries, rotation, routes, stamps
from ledger.arriving import read_any
from ledger.desk import routes as desk
from ledger.desk import work
from ledger.desk.acts import acts
from ledger.handlers import Sequencer
from ledger.origins import AnyOrigin
from ledger.pages import routes as pages
from ledger.pages.handlers import keep_words
from ledger.policy import Policy
from ledger.refusals import NotThere, PrefixTooLong, PrefixTooShort
from ledger.sequence import TOPICS
from ledger.shelf import Shelf
from shared.database import raw
from shared.events import Event
from shared.events.ledger import CheckpointPublished
from shared.events.submission import TextPublished
from shared.inbox import Subscription
from shared.people import people
from shared.people.people import People
from shared.process import Process
from shared.refusal import Refusal
from shared.settings import Settings
from shared.web.kit import Pages
from shared.web.messages import mark

WATCH_EVERY = 5.0
# The signer writes checkpoints into this outbox.
PUBLISHES: tuple[type[Event], ...] = (CheckpointPublished,)


STATUSES: dict[type[Refusal], int] = {
    **people.STATUSES,
    NotThere: 404,
    PrefixTooLong: 404,
    PrefixTooShort: 404,
    work.NothingMissing: 409,
    work.NothingUnread: 409,
    work.KeyKnown: 409,
    work.ChangedSince: 409,
    work.EventsWait: 409,
    work.LogEnded: 409,
}
# What a reader of such a refusal can do.
ADVICE = {
    work.NothingMissing.code: mark("Look at the desk again: what was missing has arrived."),
    work.NothingUnread.code: mark("Look at the desk again: it waits no longer."),
    work.KeyKnown.code: mark("Look at the desk again: this key waits no longer."),
    work.ChangedSince.code: mark("Decline it, so that it can be asked for as things stand now."),
    work.EventsWait.code: mark("Look at what waits for this log first."),
    work.LogEnded.code: mark("Look at the log: nothing follows its last entry."),
}


class LedgerSettings(Settings):
    """The origin of the log L is `<origin_prefix>/<L>`: permanent, since it is the key's name."""

    origin_prefix: str = "ledger.localhost"
    # The signer's witness policy (C2SP tlog-policy), which a log states in its first entry.
    policy: Path | None = None
    # For how many years a log is served after it is frozen.
    retention_years: Annotated[int, Field(ge=1, le=200)] = 10


def create() -> FastAPI:
    """The process as its environment says."""
    return application(LedgerSettings())


def application(settings: LedgerSettings, *, kafka: bool = True) -> FastAPI:
    """The process as uvicorn serves it; without Kafka it only reads.

    Raises `Malformed` for a policy that is wrong.
    """
    policy = None if settings.policy is None else _policy(settings.policy)
    sequencer = Sequencer(
        settings.origin_prefix,
        policy=policy,
        retention_years=settings.retention_years,
    )
    process = Process(
        "ledger",
        settings,
        publishes=PUBLISHES,
        subscriptions=[
            # The logs remember ids and bytes themselves: an id that comes again with other bytes
            # must be seen, and an inbox would drop it.
            Subscription(
                "ledger",
                TOPICS,
                {},
                every=sequencer.append_events,
                remembers=False,
                reads=read_any,
                fence=sequencer,
            ),
            Subscription("words", (TextPublished.topic,), {TextPublished.type: keep_words}),
        ],
        kafka=kafka,
    )
    process.every(WATCH_EVERY, "logs", Watch(process).look)
    process.every(WATCH_EVERY, "releasing", partial(sequencer.turn, process.database))
    app = process.app(
        [stamps.router, routes.router, rotation.router, pages.router, desk.router],
        STATUSES,
        people=People("ledger", settings, acts=acts(sequencer)),
        pages=Pages("ledger", settings, advice={**pages.ADVICE, **ADVICE}),
    )
    app.add_middleware(AnyOrigin)
    app.state.shelf = Shelf()
    trusted = Policy() if policy is None else Policy.parse(policy.encode())
    app.state.witnesses = [str(witness.key) for witness in trusted.witnesses.values()]
    return app


def _policy(file: Path) -> str:
    """What is stated for ever is one that the signer can obey."""
    content = file.read_bytes()
    Policy.parse(content)
    return content.decode()


class Watch:
    """Shows an operator what is missing, held back, unread, in quarantine, or not signed yet.

    A frozen signer cannot raise its own alarm.
    """

    def __init__(self, process: Process) -> None:
        self._process = process
        self._held = self._gauge("held", "Events that wait for others, or for a log")
        self._held_seconds = self._gauge("held_seconds", "How long the first has waited")
        self._gaps = self._gauge("gaps", "Publishers of which a number is missing in a log")
        self._gap_seconds = self._gauge("gap_seconds", "How long the first has been missing")
        self._unread = self._gauge("unread", "Events that this version does not understand")
        self._unvouched_seconds = self._gauge(
            "unvouched_seconds", "How long a service's key has waited for two officers"
        )
        self._unseen = self._gauge("quarantine_unseen", "Of those, what no officer looked at yet")
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
        self._gaps.set(found.gaps)
        self._gap_seconds.set(found.gap_seconds)
        self._unread.set(found.unread)
        self._unvouched_seconds.set(found.unvouched_seconds)
        self._quarantined.set(found.quarantined)
        self._unseen.set(found.unseen)
        self._unsigned.set(found.appended - found.signed)
        self._unsigned_seconds.set(unsigned_seconds)
        self._unpublished.set(found.appended - found.published)
        self._unpublished_seconds.set(unpublished_seconds)
        self._process.alarm("held", found.held_seconds, "events wait for those before them for")
        self._process.alarm("gap", found.gap_seconds, "a publisher's number has been missing for")
        self._process.alarm("unread", found.unread_seconds, "nobody here could read an event for")
        self._process.alarm("quarantine", found.unseen_seconds, "what contradicts waits unseen for")
        self._process.alarm(
            "key", found.unvouched_seconds, "a service's key waits for officers for"
        )
        self._process.alarm("signer", unsigned_seconds, "no new entry was signed for")
        self._process.alarm("checkpoint", unpublished_seconds, "no new entry was published for")

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(f"comptoir_ledger_{name}", meaning, registry=self._process.metrics.registry)

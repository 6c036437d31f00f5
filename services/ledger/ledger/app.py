"""The ledger's process: the sequencer of every ledgered topic, and what outsiders read."""

import asyncio
import time
from contextlib import suppress
from functools import partial

from fastapi import FastAPI
from prometheus_client import Gauge

from ledger import queries, routes
from ledger.handlers import Sequencer
from ledger.sequence import TOPICS
from shared.database import connection_lost, raw
from shared.inbox import Subscription
from shared.process import Process
from shared.settings import Settings

WATCH_EVERY = 5.0


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
        subscriptions=[
            # The logs remember ids and bytes themselves: an id that comes again with other bytes
            # must be seen, and an inbox would drop it.
            Subscription("ledger", TOPICS, {}, every=sequencer.append_events, remembers=False)
        ],
        kafka=kafka,
    )
    process.add_work(partial(watch, process))
    return process.app([routes.router], {routes.NotThere: 404})


async def watch(process: Process, stopping: asyncio.Event) -> None:
    """Show an operator what is held back, in quarantine, or not signed yet."""

    def gauge(name: str, meaning: str) -> Gauge:
        return Gauge(f"comptoir_ledger_{name}", meaning, registry=process.metrics.registry)

    held = gauge("held", "Events that wait for those before them, or for their log")
    held_seconds = gauge("held_seconds", "For how long the first of them has waited")
    quarantined = gauge("quarantined", "Events that contradict the logs: a human is needed")
    unsigned = gauge("unsigned", "Entries that no signed checkpoint covers yet")
    unsigned_seconds = gauge("unsigned_seconds", "For how long nothing of these was signed")
    signed, since = -1, 0.0
    while not stopping.is_set():
        try:
            async with process.database.begin() as session:
                found = await queries.backlog(await raw(session))
        except Exception as error:
            if not connection_lost(error):
                raise
        else:
            # A frozen signer cannot raise its own alarm.
            if found.signed != signed or found.signed == found.appended:
                signed, since = found.signed, time.monotonic()
            held.set(found.held)
            held_seconds.set(found.held_seconds)
            quarantined.set(found.quarantined)
            unsigned.set(found.appended - found.signed)
            unsigned_seconds.set(time.monotonic() - since)
            process.alarm("held", found.held_seconds, "events wait for those before them for")
            process.alarm("signer", time.monotonic() - since, "no new entry was signed for")
        with suppress(TimeoutError):
            async with asyncio.timeout(WATCH_EVERY):
                await stopping.wait()

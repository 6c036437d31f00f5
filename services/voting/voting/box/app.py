"""The box, put together."""

import asyncio
import logging
from contextlib import suppress
from pathlib import Path

import asyncpg
from fastapi import FastAPI

from shared.database import Database, connection_lost
from shared.events.voting import RoundClosed, RoundOpened
from shared.inbox import Subscription
from shared.keys import ed25519_key
from shared.process import Process, Work
from shared.settings import Settings
from voting import refusals
from voting.box import ballots, handlers, queries, routes

log = logging.getLogger("comptoir.box")

FLUSH_EVERY = 0.2

ROUNDS = Subscription(
    name="rounds",
    topics=("voting.rounds",),
    handlers={
        RoundOpened.type: handlers.keep_rounds,
        RoundClosed.type: handlers.close_rounds,
    },
)
STATUSES = {
    ballots.BallotMalformed: 422,
    refusals.TierUnknown: 422,
    refusals.KeyRefused: 422,
    ballots.TokenInvalid: 403,
    ballots.SignatureInvalid: 403,
    ballots.TooManyChoices: 422,
    ballots.TooFewChoices: 422,
    ballots.OptionUnknown: 422,
    ballots.ChoicesUnordered: 422,
    refusals.RoundUnknown: 404,
    refusals.NotOpen: 409,
    refusals.VotingClosed: 409,
    routes.RevisionTaken: 409,
}


class BoxSettings(Settings):
    """The box keeps the key of its promises in a file below `keys`."""

    keys: Path


def create() -> FastAPI:
    """The box of this environment."""
    return application(BoxSettings())


def application(settings: BoxSettings, *, kafka: bool = True) -> FastAPI:
    """The box; without `kafka`, nothing is consumed, and what it flushes stays in the outbox."""
    urn = routes.Urn(ed25519_key(settings.keys / "promise.key"))
    process = Process("voting.box", settings, subscriptions=[ROUNDS], kafka=kafka, traced=False)
    process.add_work(flushing(process.database))
    return process.app([routes.create_router(urn)], STATUSES)


def flushing(database: Database) -> Work:
    """Publish what waits, again and again. Any replica may: the statement takes the lock itself."""

    async def flush(stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                await database.straight(queries.FLUSH)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
                if not connection_lost(error):
                    log.exception("flush")
            with suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_EVERY):
                    await stopping.wait()

    return flush

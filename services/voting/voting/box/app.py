"""The box, put together."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from shared.covering import covering_subscription
from shared.database import Database
from shared.events import Event
from shared.events.acts import RoundExtended
from shared.events.voting import (
    BallotCast,
    BoxClosed,
    BoxKeyAnnounced,
    OptionListed,
    RoundClosed,
    RoundOpened,
)
from shared.inbox import Subscription
from shared.process import Process
from shared.reopening import reopening_subscription
from shared.service_key import LOOK_EVERY, announce_key, restore_keys
from shared.settings import Settings
from shared.signing import ServiceKey
from shared.subscription import Handler
from shared.versions import every_version
from voting import refusals
from voting.box import ballots, flushing, handlers, highest, routes
from voting.box.origins import OneOrigin

FLUSH_EVERY, END_EVERY = 0.2, 1.0

PUBLISHES: tuple[type[Event], ...] = (BallotCast, BoxClosed, BoxKeyAnnounced)
ROUNDS = Subscription(
    name="rounds",
    topics=("voting.rounds",),
    handlers={
        OptionListed.type: handlers.keep_options,
        **every_version(RoundOpened, handlers.keep_rounds),
        RoundExtended.type: handlers.extend_rounds,
        RoundClosed.type: handlers.close_rounds,
    },
)
# What a box that was restored from a backup makes of the record, in the order of the log: all that
# it published. A round that closed stays closed, whatever Kafka tells again.
RESTORES: Mapping[str, Handler] = {
    **every_version(RoundOpened, handlers.keep_rounds),
    RoundExtended.type: handlers.extend_rounds,
    OptionListed.type: handlers.keep_options,
    BallotCast.type: handlers.restore_ballots,
    BoxClosed.type: handlers.restore_closings,
    BoxKeyAnnounced.type: restore_keys,
}
STATUSES = {
    ballots.BallotMalformed: 422,
    refusals.TierUnknown: 422,
    refusals.KeyRefused: 422,
    ballots.TokenInvalid: 403,
    ballots.SignatureInvalid: 403,
    ballots.ChoicesRefused: 422,
    ballots.SealingRefused: 422,
    ballots.SealedMalformed: 422,
    highest.QuestionMalformed: 422,
    highest.NonceStale: 403,
    refusals.RoundUnknown: 404,
    refusals.NotOpen: 409,
    refusals.VotingClosed: 409,
    routes.RevisionTaken: 409,
}


class BoxSettings(Settings):
    """The box keeps the key of its closings and its promises below `keys`."""

    keys: Path


def create() -> FastAPI:
    """The box of this environment."""
    return application(BoxSettings())


def application(settings: BoxSettings, *, kafka: bool = True) -> FastAPI:
    """The box; without `kafka`, nothing is consumed, and what it flushes stays in the outbox."""
    key = ServiceKey.of(settings.keys)
    urn = routes.Urn(key.private)
    process = Process(
        "voting.box",
        settings,
        publishes=PUBLISHES,
        subscriptions=[
            ROUNDS,
            covering_subscription(handlers.SOURCE),
            reopening_subscription(handlers.SOURCE),
        ],
        kafka=kafka,
        traced=False,
        key=key,
        restores=RESTORES,
    )
    say_key = partial(announce_key, process.database, key, BoxKeyAnnounced, handlers.SOURCE)
    process.every(LOOK_EVERY, "service key", say_key)
    process.every(FLUSH_EVERY, "flush", partial(flush_by_the_clock, process.database))
    process.every(END_EVERY, "end of the log", partial(flushing.end_log, process.database))
    app = process.app([routes.create_router(urn)], STATUSES)
    if (roll := settings.sites.get("roll")) is not None:
        app.add_middleware(OneOrigin, origin=roll)
    return app


async def flush_by_the_clock(database: Database) -> None:
    """Flush what is due now, by the one clock that all replicas have: the database's."""
    await flushing.flush(database, await flushing.clock(database))

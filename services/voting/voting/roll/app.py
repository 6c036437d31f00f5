"""The roll, put together."""

from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI
from pydantic import Field

from shared.events import Event
from shared.events.private import MessageSealed
from shared.events.voting import (
    RoundClosed,
    RoundOpened,
    RoundPrepared,
    TierKeysPrepared,
    TokensIssued,
)
from shared.inbox import Subscription
from shared.process import Process
from shared.settings import Settings
from voting import refusals
from voting.roll import codes, counting, handlers, routes, tokens
from voting.roll.keys import RollKeys

PUBLISHES: tuple[type[Event], ...] = (TierKeysPrepared, TokensIssued, MessageSealed)
STATUSES = {
    codes.CodeMalformed: 422,
    codes.CodeUnknown: 404,
    codes.CodeUsed: 409,
    tokens.RequestMalformed: 422,
    refusals.KeyRefused: 422,
    refusals.RoundUnknown: 404,
    refusals.TierUnknown: 404,
    refusals.NotOpen: 409,
    refusals.VotingClosed: 409,
}


class RollSettings(Settings):
    """Its private keys are files below `keys`; every `counted_every` seconds it says how many
    tokens it has issued."""

    keys: Path
    counted_every: Annotated[int, Field(ge=1)] = 900


def create() -> FastAPI:
    """The roll of this environment."""
    return application(RollSettings())


def application(settings: RollSettings, *, kafka: bool = True) -> FastAPI:
    """The roll; without `kafka`, nothing is consumed, and what it announces stays in the outbox."""
    keys = RollKeys(settings.keys)
    process = Process(
        "voting.roll",
        settings,
        publishes=PUBLISHES,
        subscriptions=[rounds(keys)],
        kafka=kafka,
    )
    interval = settings.counted_every
    count = partial(counting.announce_counts, process.database, interval)
    process.every(min(counting.LOOK_EVERY, interval), "counting", count)
    return process.app([routes.create_router(keys)], STATUSES)


def rounds(keys: RollKeys) -> Subscription:
    """What the roll makes of `voting.rounds`."""
    return Subscription(
        name="rounds",
        topics=(RoundPrepared.topic,),
        handlers={
            RoundPrepared.type: handlers.prepare_keys(keys),
            RoundOpened.type: handlers.open_rounds,
            RoundClosed.type: handlers.close_rounds,
        },
    )

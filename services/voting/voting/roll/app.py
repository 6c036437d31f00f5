"""The roll, put together."""

from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI
from pydantic import Field

from shared.contacts import contacts_subscription, public_key
from shared.covering import covering_subscription
from shared.events import Event
from shared.events.private import MessageSealed
from shared.events.submission import CharterPublished, PhaseRedated, TextPublished
from shared.events.voting import (
    OptionListed,
    RollKeyAnnounced,
    RoundClosed,
    RoundOpened,
    RoundPrepared,
    TierKeysPrepared,
    TokensIssued,
)
from shared.inbox import Subscription
from shared.people.granted import granted_roles
from shared.people.people import STATUSES as PEOPLE
from shared.people.people import People
from shared.process import Process
from shared.refusal import Refusal
from shared.reopening import reopening_subscription
from shared.service_key import LOOK_EVERY, announce_key, restore_keys
from shared.settings import Settings
from shared.signing import ServiceKey
from shared.versions import every_version
from shared.web.kit import Pages
from shared.web.messages import mark
from voting import refusals
from voting.roll import codes, counting, handlers, routes, tokens
from voting.roll.ballot import routes as ballot
from voting.roll.declared import routes as declared
from voting.roll.desk import routes as desk
from voting.roll.keys import RollKeys
from voting.roll.offered import handlers as offered

PUBLISHES: tuple[type[Event], ...] = (
    TierKeysPrepared,
    TokensIssued,
    RollKeyAnnounced,
    MessageSealed,
)
STATUSES: dict[type[Refusal], int] = {
    **PEOPLE,
    codes.CodeMalformed: 422,
    codes.CodeUnknown: 404,
    codes.CodeUsed: 409,
    tokens.RequestMalformed: 422,
    **declared.STATUSES,
    **desk.STATUSES,
    refusals.KeyRefused: 422,
    refusals.RoundUnknown: 404,
    refusals.TierUnknown: 404,
    refusals.NotOpen: 409,
    refusals.VotingClosed: 409,
}
# What a reader of such a refusal can do.
ADVICE = {
    refusals.RoundUnknown.code: mark(
        "Check the address in your letter or message, or start again from the list of votes."
    ),
    refusals.VotingClosed.code: mark(
        "Voting is over. Results are published once the ballots are counted."
    ),
    refusals.NotOpen.code: mark("Come back when voting has begun; your code stays good."),
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
    keys, key = RollKeys(settings.keys), ServiceKey.of(settings.keys)
    process = Process(
        "voting.roll",
        settings,
        publishes=PUBLISHES,
        subscriptions=[
            rounds(keys),
            PROPOSALS,
            WORDS,
            contacts_subscription(),
            granted_roles(),
            covering_subscription(handlers.SOURCE),
            # Who was issued a token since the backup is in no record.
            reopening_subscription(handlers.SOURCE, by_hand_alone=True),
        ],
        kafka=kafka,
        key=key,
        restores={RollKeyAnnounced.type: restore_keys},
    )
    say_key = partial(announce_key, process.database, key, RollKeyAnnounced, handlers.SOURCE)
    process.every(LOOK_EVERY, "service key", say_key)
    interval = settings.counted_every
    count = partial(counting.announce_counts, process.database, interval)
    process.every(min(counting.LOOK_EVERY, interval), "counting", count)
    known = settings.contacts_key
    routers = [
        routes.create_router(keys),
        ballot.router,
        declared.create_router(keys, None if known is None else public_key(known)),
        desk.create_router(keys),
    ]
    return process.app(
        routers,
        STATUSES,
        pages=Pages("voting.roll", settings, advice=ADVICE),
        people=People("voting.roll", settings),
    )


def rounds(keys: RollKeys) -> Subscription:
    """What the roll makes of `voting.rounds`."""
    return Subscription(
        name="rounds",
        topics=(RoundPrepared.topic,),
        handlers={
            RoundPrepared.type: handlers.prepare_keys(keys),
            OptionListed.type: offered.keep_options,
            **every_version(RoundOpened, handlers.open_rounds),
            RoundClosed.type: handlers.close_rounds,
        },
    )


# What is put to the vote, and under which charter.
PROPOSALS = Subscription(
    name="proposals",
    topics=(CharterPublished.topic,),
    handlers={
        CharterPublished.type: offered.keep_programmes,
        PhaseRedated.type: offered.redate_votes,
    },
)
# What it is called. A restored backup shows pages, and has words that were erased since.
WORDS = Subscription(
    name="words",
    topics=(TextPublished.topic,),
    handlers={TextPublished.type: offered.keep_words},
    while_closed=True,
)

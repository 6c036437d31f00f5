"""Count, put together."""

from functools import partial

from fastapi import FastAPI

from shared.database import Database, database_time
from shared.events import Event, voting
from shared.events.ledger import CheckpointPublished
from shared.events.submission import CharterPublished, DossierAmended, DossierFiled, OptionsFrozen
from shared.events.voting import (
    AgreementSigned,
    AllocationPublished,
    BallotCast,
    BoxClosed,
    OptionDecided,
    OptionListed,
    ResultValidated,
    RoundClosed,
    RoundOpened,
    RoundPrepared,
    TallyUpdated,
    TierKeysPrepared,
)
from shared.inbox import Subscription
from shared.outbox import announce
from shared.process import Process
from shared.settings import Settings
from voting.count import handlers, queries, rounds, routes
from voting.count.deciding import SOURCE
from voting.refusals import RoundUnknown

LOOK_EVERY = 0.5

PUBLISHES: tuple[type[Event], ...] = (
    RoundPrepared,
    OptionListed,
    RoundOpened,
    RoundClosed,
    TallyUpdated,
    OptionDecided,
    AllocationPublished,
    ResultValidated,
    AgreementSigned,
    voting.SecondOfficerAsked,
    voting.SecondOfficerConsented,
    voting.SecondOfficerDeclined,
)
SUBSCRIPTIONS = (
    Subscription(
        name="proposals",
        topics=("submission.programmes", "submission.projects", "voting.roll"),
        handlers={
            CharterPublished.type: handlers.keep_programmes,
            DossierFiled.type: handlers.keep_projects,
            DossierAmended.type: handlers.keep_projects,
            OptionsFrozen.type: handlers.keep_options,
            TierKeysPrepared.type: handlers.keep_tier_keys,
        },
    ),
    Subscription(
        name="ballots",
        topics=("voting.ballots",),
        handlers={
            BallotCast.type: handlers.project_ballots,
            BoxClosed.type: handlers.note_box_closed,
        },
    ),
    Subscription(
        name="checkpoints",
        topics=("ledger.checkpoints",),
        handlers={CheckpointPublished.type: handlers.note_checkpoints},
    ),
)
STATUSES = {
    RoundUnknown: 404,
    rounds.OptionsUnknown: 409,
    rounds.RoundExists: 409,
    rounds.RehearsalOnly: 409,
    rounds.TierKeysMissing: 409,
    rounds.WrongState: 409,
    rounds.WindowPast: 409,
    rounds.FormatImpossible: 422,
}


def create() -> FastAPI:
    """Count of this environment."""
    return application(Settings())


def application(settings: Settings, *, kafka: bool = True) -> FastAPI:
    """Count; without `kafka`, nothing is consumed, and what it announces stays in the outbox."""
    process = Process(
        "voting.count", settings, publishes=PUBLISHES, subscriptions=SUBSCRIPTIONS, kafka=kafka
    )
    for what, do in (("close", close_due), ("tallies", announce_tallies)):
        process.every(LOOK_EVERY, what, partial(do, process.database))
    return process.app([routes.router], STATUSES)


async def close_due(database: Database) -> None:
    """Close every open round whose window has ended."""
    async with database.begin() as session:
        for row in await queries.due_rounds(session):
            event = rounds.closed(row, await database_time(session))
            row.state = "closed"
            announce(session, event, source=SOURCE, log=row.log)


async def announce_tallies(database: Database) -> None:
    """Announce the tally of every live round that has new ballots."""
    async with database.begin() as session:
        for row in await queries.untallied_rounds(session):
            options = await queries.options(session, row.round_id)
            row.tallied = row.ballots
            announce(session, rounds.tally(row, options, final=False), source=SOURCE)

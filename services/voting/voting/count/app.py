"""Count, put together."""

from functools import partial

from fastapi import FastAPI

from shared.database import Database
from shared.events.ledger import CheckpointPublished
from shared.events.submission import (
    CharterPublished,
    DossierAmended,
    DossierFiled,
    OptionsFrozen,
    PhaseRedated,
    ProjectLabelled,
    TextPublished,
)
from shared.events.voting import BallotCast, BoxClosed, TierKeysPrepared, TokensIssued
from shared.inbox import Subscription
from shared.outbox import announce
from shared.process import Process
from shared.settings import Settings
from voting.count import charters, handlers, queries, rounds, routes
from voting.count.deciding import SOURCE
from voting.count.moving import close_round
from voting.count.words.handlers import keep_words
from voting.refusals import RoundUnknown

LOOK_EVERY = 0.5

SUBSCRIPTIONS = (
    Subscription(
        name="proposals",
        topics=("submission.programmes", "submission.projects", "voting.roll"),
        handlers={
            CharterPublished.type: handlers.keep_programmes,
            PhaseRedated.type: handlers.redate_phases,
            DossierFiled.type: handlers.keep_projects,
            DossierAmended.type: handlers.keep_projects,
            ProjectLabelled.type: handlers.keep_labels,
            OptionsFrozen.type: handlers.keep_options,
            TierKeysPrepared.type: handlers.keep_tier_keys,
            TokensIssued.type: handlers.keep_issued,
        },
    ),
    Subscription(
        name="words",
        topics=(TextPublished.topic,),
        handlers={TextPublished.type: keep_words},
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
    charters.NoVotePhase: 409,
    charters.NotTheCharter: 409,
    charters.NeedsPerson: 403,
    rounds.FormatImpossible: 422,
}


def create() -> FastAPI:
    """Count of this environment."""
    return application(Settings())


def application(settings: Settings, *, kafka: bool = True) -> FastAPI:
    """Count; without `kafka`, nothing is consumed, and what it announces stays in the outbox."""
    process = Process("voting.count", settings, subscriptions=SUBSCRIPTIONS, kafka=kafka)
    for what, do in (("close", close_due), ("tallies", announce_tallies)):
        process.every(LOOK_EVERY, what, partial(do, process.database))
    return process.app([routes.router], STATUSES)


async def close_due(database: Database) -> None:
    """Close every open round whose window has ended."""
    async with database.begin() as session:
        for row in await queries.due_rounds(session):
            await close_round(session, row)


async def announce_tallies(database: Database) -> None:
    """Announce the tally of every live round that has new ballots."""
    async with database.begin() as session:
        for row in await queries.untallied_rounds(session):
            options = await queries.options(session, row.round_id)
            row.tallied = row.ballots
            announce(session, rounds.tally(row, options, final=False), source=SOURCE)
            await queries.keep_turnout(session, row)

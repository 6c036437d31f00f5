"""Count, put together."""

from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI
from pydantic import Field

from shared.database import Database
from shared.events import Event, acts, carriers, funding, paper, voting
from shared.events.ledger import CheckpointPublished
from shared.events.openings import BallotOpened, CommissionPrepared
from shared.events.projects import (
    DossierAmended,
    DossierFiled,
    ProjectLabelled,
    ProjectWithdrawn,
)
from shared.events.roll import RegistrationsCounted
from shared.events.seats import (
    SeatBallotCast,
    SeatGranted,
    SeatRecused,
    SeatsClosed,
    SeatWithdrawn,
)
from shared.events.submission import (
    CharterAmended,
    CharterPublished,
    OptionsFrozen,
    PhaseRedated,
    TextPublished,
)
from shared.events.voting import (
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
    TieAsked,
    TieOrdered,
    TierKeysPrepared,
    TokensIssued,
)
from shared.inbox import Subscription
from shared.keys import ed25519_key
from shared.outbox import announce
from shared.people import granted_roles, people
from shared.people.people import People
from shared.process import Process
from shared.refusal import Refusal
from shared.service_key import LOOK_EVERY, announce_key, restore_keys
from shared.settings import KafkaSettings, Settings
from shared.signing import ServiceKey
from shared.web.kit import Pages
from shared.web.messages import mark
from voting.count import charters, handlers, queries, rounds, routes, ties
from voting.count.commission import opening
from voting.count.commission import routes as commission
from voting.count.deciding import PATIENCE, SOURCE, Deciding
from voting.count.desk import routes as desk
from voting.count.desk import work
from voting.count.desk.acts import ACTS
from voting.count.funding import handlers as of_carriers
from voting.count.funding import routes as funding_desk
from voting.count.funding.public import routes as follow_up
from voting.count.later import routes as later_desk
from voting.count.later import rules as later
from voting.count.live import routes as live
from voting.count.live import stream
from voting.count.live.following import leave_in_time
from voting.count.live.hub import MOST, Hub, Leaving, TooManySubscribers
from voting.count.live.stream import Tallies
from voting.count.moving import close_round
from voting.count.paper import routes as papers
from voting.count.reopening import routes as reopening
from voting.count.results import routes as results
from voting.count.results.contest import StepUnknown
from voting.count.results.kept import Kept
from voting.count.seats import ballots as seat_ballots
from voting.count.seats import routes as seats
from voting.count.seats import seating
from voting.count.sitting import routes as sitting
from voting.count.sitting.opener import Opener
from voting.count.words.handlers import keep_words
from voting.refusals import RoundUnknown

CLOSE_EVERY = 0.5
TALLY_EVERY = 0.3
DECIDE_EVERY = 0.3
KEEP_ALIVE_EVERY = 15.0
# Below the directory of count's keys: what test ballots follow from.
TRIAL_KEY_FILE = "trial.key"

PUBLISHES: tuple[type[Event], ...] = (
    RoundPrepared,
    OptionListed,
    CommissionPrepared,
    RoundOpened,
    RoundClosed,
    BallotOpened,
    SeatGranted,
    SeatWithdrawn,
    SeatBallotCast,
    SeatRecused,
    SeatsClosed,
    TallyUpdated,
    TieAsked,
    TieOrdered,
    OptionDecided,
    AllocationPublished,
    ResultValidated,
    *funding.ALL,
    *paper.OF_COUNT,
    *acts.ALL,
    voting.SecondOfficerAsked,
    voting.SecondOfficerConsented,
    voting.SecondOfficerDeclined,
    voting.ServiceReopened,
    voting.CountKeyAnnounced,
)
SUBSCRIPTIONS = (
    Subscription(
        name="proposals",
        topics=("submission.programmes", "submission.projects", "voting.roll"),
        handlers={
            CharterPublished.type: handlers.keep_programmes,
            CharterAmended.type: handlers.keep_versions,
            PhaseRedated.type: handlers.redate_phases,
            DossierFiled.type: handlers.keep_projects,
            DossierAmended.type: handlers.keep_projects,
            ProjectLabelled.type: handlers.keep_labels,
            ProjectWithdrawn.type: of_carriers.withdraw_projects,
            carriers.CarrierJoined.type: of_carriers.keep_parties,
            carriers.CarrierLeft.type: of_carriers.leave_projects,
            carriers.CarrierCleared.type: of_carriers.keep_clearances,
            carriers.ClearanceWithdrawn.type: of_carriers.withdraw_clearances,
            OptionsFrozen.type: handlers.keep_options,
            TierKeysPrepared.type: handlers.keep_tier_keys,
            TokensIssued.type: handlers.keep_issued,
            RegistrationsCounted.type: handlers.keep_registrations,
            paper.PapersMarked.type: handlers.keep_marked,
        },
    ),
    Subscription(
        name="words",
        topics=(TextPublished.topic,),
        handlers={TextPublished.type: keep_words},
        while_closed=True,  # a restored backup shows pages, and has words that were erased since
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
        remembers=False,  # one that is told again, since Kafka's disk was lost, is news
    ),
    granted_roles(),
)
STATUSES: dict[type[Refusal], int] = {
    **people.STATUSES,
    RoundUnknown: 404,
    rounds.OptionsUnknown: 409,
    rounds.RoundExists: 409,
    rounds.RehearsalOnly: 409,
    rounds.FlushTooSmall: 422,
    rounds.CommissionMissing: 409,
    opening.NotSealed: 409,
    opening.NotTheCommission: 403,
    opening.CommissionUnknown: 409,
    opening.CommissionExists: 409,
    opening.KeyUnusable: 422,
    opening.NotCovered: 409,
    opening.BallotUnknown: 422,
    opening.OpenedOtherwise: 409,
    opening.OpeningMalformed: 422,
    rounds.TierKeysMissing: 409,
    rounds.WrongState: 409,
    rounds.WindowPast: 409,
    charters.NoVotePhase: 409,
    charters.NotTheCharter: 409,
    charters.NeedsPerson: 403,
    charters.NoCharter: 409,
    charters.BodyUnknown: 404,
    charters.NoEnvelope: 409,
    **funding_desk.STATUSES,
    seating.TooFewSeats: 409,
    seating.SeatsTaken: 409,
    seating.HasSeat: 409,
    seating.HasChair: 409,
    seating.OfficerUnknown: 422,
    seating.SeatUnknown: 404,
    seating.SeatGone: 409,
    seating.NoSeat: 403,
    seating.NotNamed: 409,
    seating.RecusedBefore: 409,
    seating.OnlyTheChair: 403,
    seat_ballots.ChoicesRefused: 422,
    seat_ballots.RecusedHere: 422,
    work.ChangedSince: 409,
    work.NotValidated: 409,
    work.AlreadyValidated: 409,
    work.NothingToSign: 409,
    rounds.RuleImpossible: 422,
    later.ExtensionRefused: 422,
    later.AnnulmentRefused: 422,
    **papers.STATUSES,
    ties.NotAsked: 409,
    ties.NotTheTied: 422,
    ties.SaidBefore: 409,
    results.NotDecided: 409,
    StepUnknown: 404,
    TooManySubscribers: 503,
    Leaving: 503,
}
OTHER_DESKS = (later_desk.router, papers.router, funding_desk.router, reopening.router)
# What a reader of such a refusal can do.
ADVICE = {
    work.ChangedSince.code: mark("Decline it, so that it can be asked for as things stand now."),
    work.NothingToSign.code: mark("Look at the list of agreements: they are signed."),
    ties.NotAsked.code: mark("Look at the vote: it is counted, or the order was said before."),
    ties.NotTheTied.code: mark("Give each of the projects that are level a place of its own."),
    ties.SaidBefore.code: mark("Leave the projects whose order was said before in that order."),
    **papers.ADVICE,
    **funding_desk.ADVICE,
    later.ExtensionRefused.code: mark("Say an end after the present one, and why."),
    later.AnnulmentRefused.code: mark("Say why, and name the ruling or the deliberation."),
    rounds.TierKeysMissing.code: mark("The roll makes its keys at this moment; ask again soon."),
    rounds.OptionsUnknown.code: mark("The projects are still on their way here; ask again soon."),
    seating.TooFewSeats.code: mark("Give members their seats first, at the seats desk."),
    seating.NoSeat.code: mark("Ask the returning officer: seats are given before a vote opens."),
    rounds.WindowPast.code: mark("Give the vote other dates at the desk of programmes first."),
    results.NotDecided.code: mark("Look at the live page; the result comes when all is counted."),
    TooManySubscribers.code: mark("Wait a minute, or load the live page now and then."),
}


class CountSettings(Settings):
    """Count keeps the key that signs its decisions and closings in a file below `keys`.

    By its SIRET the authority is named in the national file of subsidies, which there is none of
    without it.
    """

    keys: Path
    operator_siret: Annotated[str, Field(pattern=r"^([0-9]{14})?$")] = ""


def create() -> FastAPI:
    """Count of this environment."""
    return application(CountSettings())


def application(settings: CountSettings, *, kafka: bool = True, subscribers: int = MOST) -> FastAPI:
    """Count; without `kafka`, nothing is consumed, and what it announces stays in the outbox.

    At most so many `subscribers` follow rounds by server-sent events at a time.
    """
    key = ServiceKey.of(settings.keys)
    process = Process(
        "voting.count",
        settings,
        publishes=PUBLISHES,
        subscriptions=SUBSCRIPTIONS,
        kafka=kafka,
        key=key,
        restores={voting.CountKeyAnnounced.type: restore_keys},
    )
    trial = opening.Trial(ed25519_key(settings.keys / TRIAL_KEY_FILE).private_bytes_raw())
    opener = Opener(process.database, trial)
    process.add_work(opener.leave)
    say_key = partial(announce_key, process.database, key, voting.CountKeyAnnounced, SOURCE)
    process.every(LOOK_EVERY, "service key", say_key)
    process.every(CLOSE_EVERY, "close", partial(close_due, process.database))
    process.every(CLOSE_EVERY, "versions", partial(apply_versions, process.database))
    process.every(TALLY_EVERY, "tallies", partial(announce_tallies, process.database))
    deciding = Deciding(process.database, patience=PATIENCE)
    process.every(DECIDE_EVERY, "decide", deciding.turn)
    process.add_work(deciding.leave)
    hub = Hub(subscribers)
    tallies = Tallies(hub, process.database, KafkaSettings() if kafka else None)
    process.every(stream.LOOK_EVERY, "dashboards", tallies.look)
    process.every(KEEP_ALIVE_EVERY, "keep alive", hub.beat)
    process.add_work(partial(leave_in_time, hub, process.leaving))
    if kafka:
        process.add_work(tallies.run)
    app = process.app(
        [
            routes.router,
            commission.create_router(trial),
            sitting.create_router(trial, opener),
            results.router,
            live.router,
            desk.router,
            seats.router,
            *OTHER_DESKS,
            follow_up.router,
        ],
        STATUSES,
        people=People("voting.count", settings, acts=ACTS),
        pages=Pages("voting.count", settings, advice=ADVICE),
    )
    app.state.tallies, app.state.kept = tallies, Kept()
    app.state.operator_siret = settings.operator_siret
    return app


async def apply_versions(database: Database) -> None:
    """Every version of a charter that is due takes effect."""
    await database.straight(queries.APPLY_VERSIONS)


async def close_due(database: Database) -> None:
    """Close every open round whose window has ended."""
    if await database.straight(queries.CLOSES) is None:
        return
    async with database.begin() as session:
        for row in await queries.due_rounds(session):
            await close_round(session, row)


async def announce_tallies(database: Database) -> None:
    """Announce the tally of every live round that has new ballots."""
    if await database.straight(queries.UNTALLIED) is None:
        return
    async with database.begin() as session:
        for row in await queries.untallied_rounds(session):
            options = await queries.options(session, row.round_id)
            row.tallied = row.ballots
            announce(session, rounds.tally(row, options, final=False), source=SOURCE)
            await queries.keep_turnout(session, row)

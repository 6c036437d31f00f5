"""What count does with what others publish."""

from collections.abc import Sequence
from itertools import groupby

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.covering import keep_covered
from shared.database import database_time
from shared.delivery import Delivered
from shared.events.ledger import CheckpointPublished
from shared.events.paper import PapersMarked
from shared.events.projects import DossierFiled, ProjectLabelled
from shared.events.roll import RegistrationsCounted
from shared.events.submission import (
    CharterAmended,
    CharterPublished,
    OptionsFrozen,
    PhaseRedated,
)
from shared.events.voting import BallotCast, BoxClosed, TierKeysPrepared, TokensIssued
from voting.count import charters, queries
from voting.count.deciding import SOURCE
from voting.count.rounds import seconds
from voting.count.tables import FrozenOptions, Programme


async def keep_programmes(
    session: AsyncSession, published: Sequence[Delivered[CharterPublished]]
) -> None:
    """A programme's rounds may be prepared once its options are frozen. One that is here, since
    somebody entered it into a restored database, stays."""
    for delivered in published:
        event = delivered.event
        if await session.get(Programme, event.programme_id) is not None:
            continue
        session.add(
            Programme(
                programme_id=event.programme_id,
                rehearsal=event.rehearsal,
                title=event.title,
                log=event.log,
                rules=None if event.rules is None else event.rules.model_dump(mode="json"),
            )
        )


async def redate_phases(session: AsyncSession, redated: Sequence[Delivered[PhaseRedated]]) -> None:
    """The charter has the phase's new window, and so have rounds that are not open yet."""
    for delivered in redated:
        event = delivered.event
        programme = await queries.programme(session, event.programme_id)
        rules = None if programme is None else charters.rules_of(programme)
        if programme is None or rules is None:
            raise RuntimeError(f"a phase of {event.programme_id} was redated, which has none")
        rules = charters.redated(rules, event)
        programme.rules = rules.model_dump(mode="json")
        now = await database_time(session)
        for body_name in charters.votes_during(rules, event.phase):
            opens_at, closes_at = charters.window(rules, body_name, now)
            window = (seconds(opens_at), seconds(closes_at))
            await queries.redate_prepared(session, event.programme_id, body_name, *window)


async def keep_versions(
    session: AsyncSession, amended: Sequence[Delivered[CharterAmended]]
) -> None:
    """A charter has another version, which holds from its instant on."""
    for delivered in amended:
        await queries.keep_version(session, delivered.event)
    await queries.apply_versions(session)


async def keep_projects(session: AsyncSession, filed: Sequence[Delivered[DossierFiled]]) -> None:
    """A project is known as its last dossier says."""
    for delivered in filed:
        await queries.keep_project(session, delivered.event, delivered.envelope.number)


async def keep_labels(
    session: AsyncSession, labelled: Sequence[Delivered[ProjectLabelled]]
) -> None:
    """A project may be an option, in its family."""
    for delivered in labelled:
        await queries.label_project(session, delivered.event.project_id, delivered.event.family)


async def keep_options(session: AsyncSession, frozen: Sequence[Delivered[OptionsFrozen]]) -> None:
    """A round may be prepared with these options, unless it has them by hand."""
    for delivered in frozen:
        event = delivered.event
        if await session.get(FrozenOptions, event.round_id) is not None:
            continue
        assert delivered.envelope.log is not None
        session.add(
            FrozenOptions(
                round_id=event.round_id,
                programme_id=event.programme_id,
                log=delivered.envelope.log,
                options=list(event.options),
                digest=event.digest,
                body_name=event.body_name,
            )
        )


async def keep_tier_keys(
    session: AsyncSession, prepared: Sequence[Delivered[TierKeysPrepared]]
) -> None:
    """The round can be opened."""
    for delivered in prepared:
        await queries.keep_tier_keys(session, delivered.event.round_id, delivered.event.tiers)


async def keep_issued(session: AsyncSession, counted: Sequence[Delivered[TokensIssued]]) -> None:
    """Turnout has something to be compared with."""
    for delivered in counted:
        await queries.keep_issued(session, delivered.event, delivered.envelope.id)


async def keep_registrations(
    session: AsyncSession, counted: Sequence[Delivered[RegistrationsCounted]]
) -> None:
    """Results say how many rights to vote are contested, whether they are too many, and how many
    of each age voted."""
    for delivered in counted:
        await queries.keep_registrations(session, delivered.event, delivered.envelope.id)


async def keep_marked(session: AsyncSession, counted: Sequence[Delivered[PapersMarked]]) -> None:
    """The stubs of papers have something to be compared with."""
    for delivered in counted:
        event, event_id = delivered.event, delivered.envelope.id
        await queries.keep_marked(session, event.round_id, event.marked, event.set_aside, event_id)


async def project_ballots(session: AsyncSession, cast: Sequence[Delivered[BallotCast]]) -> None:
    """Each key's highest revision counts, in the tally too."""
    for round_id, ballots in groupby(cast, key=lambda delivered: delivered.event.round):
        await queries.project_ballots(session, round_id, [ballot.event for ballot in ballots])


async def note_box_closed(session: AsyncSession, closed: Sequence[Delivered[BoxClosed]]) -> None:
    """How many ballots there are is known; the round is decided once they are here and covered."""
    for delivered in closed:
        event = delivered.event
        row = await queries.round_for_update(session, event.round_id)
        if row is None:
            raise RuntimeError(f"the box closed round {event.round_id}, which count never prepared")
        row.box_ballots, row.box_keys = event.ballots, event.keys
        row.box_number, row.box_event = delivered.envelope.number, delivered.envelope.id


async def note_checkpoints(
    session: AsyncSession, published: Sequence[Delivered[CheckpointPublished]]
) -> None:
    """What a checkpoint covers can be counted, and need not be kept in the outbox."""
    await keep_covered(SOURCE)(session, published)
    for delivered in published:
        event = delivered.event
        await queries.keep_checkpoint(session, event.log, event.size, event.numbers)

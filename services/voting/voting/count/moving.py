"""Preparing, opening, closing and ordering, whoever asks: in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time
from shared.events.acts import (
    AnnulmentReason,
    ExtensionReason,
    RoundAnnulled,
    RoundExtended,
)
from shared.events.voting import TieOrdered
from shared.outbox import announce
from voting.count import charters, queries, rounds, ties
from voting.count.charters import NeedsPerson
from voting.count.deciding import SOURCE
from voting.count.rounds import RoundExists, RoundIn
from voting.count.seats.voting import close_seats, seated
from voting.count.tables import FrozenOptions, Programme, Round
from voting.refusals import RoundUnknown


async def locked_round(session: AsyncSession, round_id: UUID) -> Round:
    """A round that nobody else moves meanwhile. Raises `RoundUnknown`."""
    row = await queries.round_for_update(session, round_id)
    if row is None:
        raise RoundUnknown(f"there is no round {round_id}")
    return row


async def no_charter(session: AsyncSession, row: Round) -> None:
    """Raise `NeedsPerson` where officers act at the desk."""
    programme = await queries.programme(session, row.programme_id)
    if programme is not None and programme.rules is not None:
        raise NeedsPerson(f"round {row.round_id} has a charter: its officers act at the desk")


async def prepare(
    session: AsyncSession,
    asked: RoundIn,
    frozen: FrozenOptions,
    programme: Programme,
    fund_year: int | None = None,
) -> Round:
    """A prepared round, announced with its options; asked for again, the same. One of a fund gives
    out the envelope of `fund_year`.

    `frozen` is locked. Raises `RoundExists` and what `rounds.prepare` does.
    """
    known = await queries.projects(session, frozen.options)
    rules = charters.rules_of(programme)
    row, options = rounds.prepare(
        asked,
        frozen,
        known,
        rehearsal=programme.rehearsal,
        labelled=charters.labels(rules, frozen.body_name),
        territories=() if rules is None else rules.territories,
    )
    row.fund_year = fund_year
    existing = await queries.round_for_update(session, asked.round_id)
    if existing is not None:
        if not rounds.same_rules(existing, row):
            raise RoundExists(f"round {asked.round_id} was prepared with other rules")
        return existing
    session.add(row)
    await session.flush()
    session.add_all(options)
    for event in rounds.prepared(row, options):
        announce(session, event, source=SOURCE, log=row.log)
    return row


async def open_round(session: AsyncSession, row: Round) -> None:
    """Freeze the rules of a locked round; voting begins when its window does.

    Raises what `rounds.opened` does, and in a named round `TooFewSeats`.
    """
    event = rounds.opened(row, await database_time(session))
    await seated(session, row)
    row.state, row.script = "open", event.script
    row.opened_event = announce(session, event, source=SOURCE, log=row.log)
    await queries.keep_turnout(session, row)


async def close_round(session: AsyncSession, row: Round) -> None:
    """End voting in a locked round. Raises `WrongState`."""
    event = rounds.closed(row, await database_time(session))
    row.state = "closed"
    row.closed_event = announce(session, event, source=SOURCE, log=row.log)
    if row.seats is not None:
        await close_seats(session, row)


async def extend_round(
    session: AsyncSession,
    row: Round,
    closes_at: datetime,
    reason: ExtensionReason,
    officers: tuple[UUID, UUID],
) -> None:
    """Give a locked round a later end. Its frozen rules stay as they are."""
    row.extended_to = closes_at
    event = RoundExtended(
        round_id=row.round_id, closes_at=closes_at, reason=reason, officers=officers
    )
    row.extended_event = announce(session, event, source=SOURCE, log=row.log)


async def annul_round(
    session: AsyncSession,
    row: Round,
    reason: AnnulmentReason,
    act: str,
    officers: tuple[UUID, UUID],
) -> None:
    """Nothing of a locked round is counted any more. One that is open is closed before, so that
    the box publishes what it promised, and roll and box take nothing more."""
    if row.state == "open":
        await close_round(session, row)
        await session.flush()
    event = RoundAnnulled(round_id=row.round_id, reason=reason, act=act, officers=officers)
    row.annulled_event = announce(session, event, source=SOURCE, log=row.log)
    row.annulled, row.state, row.asked = {"reason": reason, "act": act}, "annulled", None
    row.tallied = row.ballots
    options = await queries.options(session, row.round_id)
    announce(session, rounds.tally(row, options, final=True), source=SOURCE)


async def order_tie(
    session: AsyncSession,
    row: Round,
    order: Sequence[UUID],
    officers: tuple[UUID, UUID] | None = None,
) -> None:
    """Say the order of options that a locked round asked about: it is counted again with it.

    Raises what `ties.answers` does.
    """
    row.answers, row.asked = ties.answers(row, order), None
    event = TieOrdered(round_id=row.round_id, order=tuple(order), officers=officers)
    announce(session, event, source=SOURCE, log=row.log)

"""Preparing, opening, closing and ordering, whoever asks: in the caller's transaction."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time
from shared.events.voting import TieOrdered
from shared.outbox import announce
from voting.count import queries, rounds, ties
from voting.count.deciding import SOURCE
from voting.count.rounds import RoundExists, RoundIn
from voting.count.tables import FrozenOptions, Programme, Round
from voting.refusals import RoundUnknown


async def locked_round(session: AsyncSession, round_id: UUID) -> Round:
    """A round that nobody else moves meanwhile. Raises `RoundUnknown`."""
    row = await queries.round_for_update(session, round_id)
    if row is None:
        raise RoundUnknown(f"there is no round {round_id}")
    return row


async def prepare(
    session: AsyncSession, asked: RoundIn, frozen: FrozenOptions, programme: Programme
) -> Round:
    """A prepared round, announced with its options; asked for again, the same.

    `frozen` is locked. Raises `RoundExists` and what `rounds.prepare` does.
    """
    known = await queries.projects(session, frozen.options)
    row, options = rounds.prepare(
        asked,
        frozen,
        known,
        rehearsal=programme.rehearsal,
        labelled=programme.rules is not None,
    )
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

    Raises what `rounds.opened` does.
    """
    event = rounds.opened(row, await database_time(session))
    row.state = "open"
    row.opened_event = announce(session, event, source=SOURCE, log=row.log)
    await queries.keep_turnout(session, row)


async def close_round(session: AsyncSession, row: Round) -> None:
    """End voting in a locked round. Raises `WrongState`."""
    event = rounds.closed(row, await database_time(session))
    row.state = "closed"
    row.closed_event = announce(session, event, source=SOURCE, log=row.log)


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

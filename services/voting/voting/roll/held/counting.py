"""The counts of registrations are announced where they changed, and once and for all at closing."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.outbox import announce
from voting.roll import queries as tokens
from voting.roll.held import queries
from voting.roll.held.counts import OfAge, counted
from voting.roll.messages import SOURCE


async def announce_changed(session: AsyncSession) -> None:
    """Announce the counts of each open round in which they are not those announced last."""
    for row in await queries.registrations(await raw(session)):
        await _announce(session, row, final=False)


async def announce_final(session: AsyncSession, round_id: UUID) -> None:
    """Announce the counts of a round that closes, by age as well; then of no code's owner an age is
    kept."""
    connection = await raw(session)
    by_age = await queries.codes_by_age(connection, round_id)
    for row in await queries.registrations(connection, round_id):
        await _announce(session, row, final=True, by_age=by_age)
    await queries.forget_ages(connection, round_id)


async def _announce(
    session: AsyncSession, row: asyncpg.Record, *, final: bool, by_age: Sequence[OfAge] = ()
) -> None:
    connection = await raw(session)
    issued = sum(tier.issued for tier in await tokens.counts(connection, row["round_id"]))
    event = counted(dict(row), issued, final=final, by_age=by_age)
    said = event.body().decode()
    if said != row["counted"]:
        announce(session, event, source=SOURCE, log=row["log"])
        await queries.note_counted(connection, row["round_id"], said)

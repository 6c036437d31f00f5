"""The counts of registrations are announced where they changed, and once and for all at closing."""

from uuid import UUID

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.outbox import announce
from voting.roll import queries as tokens
from voting.roll.held import queries
from voting.roll.held.counts import counted
from voting.roll.messages import SOURCE


async def announce_changed(session: AsyncSession) -> None:
    """Announce the counts of each open round in which they are not those announced last."""
    for row in await queries.registrations(await raw(session)):
        await _announce(session, row, final=False)


async def announce_final(session: AsyncSession, round_id: UUID) -> None:
    """Announce the counts of a round that closes."""
    for row in await queries.registrations(await raw(session), round_id):
        await _announce(session, row, final=True)


async def _announce(session: AsyncSession, row: asyncpg.Record, *, final: bool) -> None:
    connection = await raw(session)
    issued = sum(tier.issued for tier in await tokens.counts(connection, row["round_id"]))
    event = counted(dict(row), issued, final=final)
    said = event.body().decode()
    if said != row["counted"]:
        announce(session, event, source=SOURCE, log=row["log"])
        await queries.note_counted(connection, row["round_id"], said)

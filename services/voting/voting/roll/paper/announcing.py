"""How many people were marked is said once: by an officer, or before the marks are destroyed."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.events.paper import PapersMarked
from shared.outbox import announce, number_all
from voting.roll import queries as roll_queries
from voting.roll.messages import SOURCE
from voting.roll.paper import queries


async def announce_marks(session: AsyncSession, round_id: UUID) -> None:
    """Let nobody be marked in a round any more, and say how many were. Nothing happens where that
    was said before, or where nobody votes on paper."""
    connection = await raw(session)
    if not await queries.end_marks(connection, round_id):
        return
    # Before its database was restored: what it counts now may be fewer.
    if await roll_queries.was_announced(connection, PapersMarked.type, round_id):
        return
    marks = await queries.marks(connection, round_id)
    assert marks is not None
    last_number = await number_all(connection, marks.log)
    event = PapersMarked(
        round_id=round_id,
        marked=marks.marked,
        set_aside=marks.set_aside,
        last_number=last_number,
    )
    announce(session, event, source=SOURCE, log=marks.log)

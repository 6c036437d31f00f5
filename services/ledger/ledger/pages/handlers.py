"""Kafka in: the words behind commitments, and their erasure."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from ledger.pages import queries
from shared.canonical import commitment
from shared.database import raw
from shared.delivery import Delivered, Erased
from shared.events.submission import TextPublished


async def keep_words(
    session: AsyncSession, published: Sequence[Delivered[TextPublished | Erased]]
) -> None:
    """Keep words that their commitment commits to, and forget those whose tombstone came."""
    connection = await raw(session)
    for delivered in published:
        event = delivered.event
        if isinstance(event, Erased):
            await queries.erase_words(connection, event.key)
        elif commitment(bytes.fromhex(event.salt), event.value).hex() == event.content_id:
            await queries.keep_words(connection, event.content_id, event.value)

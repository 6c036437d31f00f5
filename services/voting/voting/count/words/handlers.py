"""What count does with words and their erasure."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.canonical import commitment
from shared.delivery import Delivered, Erased
from shared.events.submission import TextPublished
from voting.count.words import queries


async def keep_words(
    session: AsyncSession, published: Sequence[Delivered[TextPublished | Erased]]
) -> None:
    """Keep the words behind commitments, and forget those whose tombstone came.

    Words that their content id does not commit to are not what anybody froze: they are left out.
    """
    for delivered in published:
        event = delivered.event
        if isinstance(event, Erased):
            await queries.erase_words(session, event.key)
        elif commitment(bytes.fromhex(event.salt), event.value).hex() == event.content_id:
            await queries.keep_words(session, event.content_id, event.value)

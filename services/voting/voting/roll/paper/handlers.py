"""What the roll makes of rounds with paper, and of rounds that two officers extended."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.delivery import Delivered
from shared.events.acts import RoundExtended
from voting.roll.paper import queries


async def extend_rounds(
    session: AsyncSession, extended: Sequence[Delivered[RoundExtended]]
) -> None:
    """Tokens are issued until the later end."""
    for delivered in extended:
        event = delivered.event
        await queries.extend(await raw(session), event.round_id, event.closes_at)

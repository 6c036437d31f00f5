"""What notification does when somebody has something to tell."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from notification import queries
from shared.database import raw
from shared.delivery import Delivered
from shared.events.notification import MessageAccepted
from shared.events.private import MessageSealed
from shared.outbox import announce

SOURCE = "notification"


async def accept_messages(
    session: AsyncSession, sealed: Sequence[Delivered[MessageSealed]]
) -> None:
    """Keep each message once, sealed as it came, and say at each arrival that it is kept.

    Its publisher repeats what it never heard of: were only the first arrival answered, and that
    answer lost, it would repeat it for ever.
    """
    messages = {each.event.message_id: each.event.sealed_bytes for each in sealed}
    await queries.keep_messages(await raw(session), messages)
    for message_id in messages:
        announce(session, MessageAccepted(message_id=message_id), source=SOURCE)

"""A gathering is over: how many came is counted and announced, and its list is closed."""

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.gatherings import GatheringHeld
from shared.outbox import announce
from submission.gatherings import queries
from submission.gatherings.tables import Gathering
from submission.wording import SOURCE


async def hold(session: AsyncSession, gathering: Gathering, log: str) -> None:
    """Close the list of a locked gathering; who came, stayed away or waited is counted."""
    counts = await queries.counts(session, gathering.gathering_id)
    gathering.state = "held"
    event = GatheringHeld(
        gathering_id=gathering.gathering_id,
        programme_id=gathering.programme_id,
        registered=counts.taken,
        attended=counts.attended,
        missed=counts.missed,
        waited=counts.waiting + counts.waited,
    )
    announce(session, event, source=SOURCE, log=log)

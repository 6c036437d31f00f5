"""Forgetting what somebody began to write and left."""

from shared.database import Database, database_time
from submission.projects import queries
from submission.projects.deposit.drafts import KEPT_FOR


async def forget_drafts(database: Database) -> None:
    """Forget drafts that nobody went on with for thirty days, and links that are too old."""
    async with database.begin() as session:
        await queries.forget_drafts(session, await database_time(session) - KEPT_FOR)

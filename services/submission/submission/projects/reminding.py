"""Reminding carriers of what their dossiers lack, some days before it cannot be added any more."""

from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database
from submission.carriers.telling import Telling
from submission.projects import queries
from submission.projects.finding import edition, held_to

BEFORE = timedelta(days=3)
AT_ONCE = 50


async def remind_carriers(database: Database, telling: Telling) -> None:
    """Tell each carrier once for each end of the time for it. That she was told is kept with the
    message, so that a start does not tell it again."""
    while True:
        async with database.begin() as session:
            if not await _remind_some(session, telling):
                return


async def _remind_some(session: AsyncSession, telling: Telling) -> int:
    due = await queries.dossiers_to_remind(session, BEFORE, AT_ONCE)
    for each in due:
        found = await edition(session, each["programme_id"])
        project = await queries.project(session, each["project_id"])
        assert project is not None
        asked_for = (await held_to(session, found, project)).rules.documents
        await queries.keep_reminded(session, each["project_id"], each["until"])
        await telling.tell(
            session,
            each["project_id"],
            "dossier-reminder",
            missing=[document for document in asked_for if document.name in each["missing"]],
            until=each["until"].isoformat(),
        )
    return len(due)

"""Reminding carriers of what their dossiers lack, some days before it cannot be added any more, and
of the charter's times to sign, begin and finish."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database, database_time
from submission.carriers.telling import Telling
from submission.projects import queries
from submission.projects.finding import edition, held_to
from submission.projects.work import queries as work
from submission.projects.work.own import OWN_TASKS, Due, to_remind

# A sentence in each language.
type Words = Callable[[str], Mapping[str, str]]

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


async def remind_of_grants(database: Database, telling: Telling, words: Words) -> None:
    """Tell each carrier once what of her grant is due soon. That she was told is kept with the
    message."""
    async with database.begin() as session:
        now = await database_time(session)
        found = [
            (each["project_id"], due)
            for each in await work.grants(session)
            if (due := to_remind(dict(each), now)) is not None
        ]
    for project_id, due in found:
        async with database.begin() as session:
            await _remind_of_grant(session, telling, words, project_id, due)


async def _remind_of_grant(
    session: AsyncSession, telling: Telling, words: Words, project_id: UUID, due: Due
) -> None:
    assert due.until is not None
    idea = await queries.idea_for_update(session, project_id)
    if idea is None or idea.standing != "active":
        return
    if await queries.keep_reminded(session, project_id, due.until):
        step = words(OWN_TASKS[due.task])
        until = due.until.isoformat()
        await telling.tell(session, project_id, "grant-reminder", step=step, until=until)

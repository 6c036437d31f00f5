"""What becomes of projects when a round is annulled: whatever it decided is void.

A body can be given its projects again. Residents vote once in a programme: theirs stay its options,
and are voted on again in another programme. Labels that were given before stand.
"""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time
from submission.labelling.bodies import queries as bodies
from submission.programmes import queries as programmes
from submission.projects import queries
from submission.projects.stages import stage_without
from submission.projects.withdrawing.erased import leave_round
from submission.tables import Project, Round


async def annul(session: AsyncSession, row: Round) -> None:
    """Take back all that a round decided, known to be annulled, about any project."""
    released: set[UUID] = set()
    if row.body_name is not None:
        await bodies.forget_decisions(session, row.round_id)
        await queries.programme_for_share(session, row.programme_id)
        released = {*await programmes.projects_of_round(session, row.round_id)}
    decided = {*await programmes.decided_projects(session, row.round_id)}
    for project_id in sorted(decided | released):
        await take_back(session, project_id)
        if project_id in released:
            project = await programmes.project_of_round(session, row.round_id, project_id)
            if project is not None:
                project.round_id = None
                if (idea := await queries.idea(session, project_id)) is not None:
                    await leave_round(session, idea, await database_time(session))


async def take_back(session: AsyncSession, project_id: UUID) -> None:
    """Let a project stand where it stood before a round that was annulled; its idea is locked."""
    idea = await queries.idea_for_update(session, project_id)
    if idea is None:  # imported: it has no stage
        return
    project = await session.get_one(Project, project_id)
    funded = await programmes.funded_before(session, project_id)
    idea.stage = stage_without(idea.stage, labelled=project.family is not None, funded=funded)

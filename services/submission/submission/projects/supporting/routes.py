"""Supporting an idea, and supporting it no more: one button each."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database, database_time
from shared.people import Person, residents
from shared.process import RouteDatabase
from submission.carriers import queries as carriers
from submission.projects.finding import edition, idea_for_update
from submission.projects.recording import announce_supporters
from submission.projects.standing import check_active
from submission.projects.supporting import queries
from submission.projects.supporting.rules import check_support
from submission.projects.tables import Idea
from submission.repeats import Asked, RouteFormAsked
from submission.showing import Went, went

router = APIRouter(include_in_schema=False)
Resident = Annotated[Person, residents]


@router.post("/projects/{project_id}/support")
async def support(
    project_id: UUID, asked: RouteFormAsked, person: Resident, database: RouteDatabase
) -> Response:
    """A resident supports an idea; pressed again, it changes nothing."""

    async def keep(session: AsyncSession, idea: Idea) -> int:
        carrier = await carriers.carrier(session, project_id)
        check_support(carrier, person.id)
        now = await database_time(session)
        return int(await queries.keep(session, project_id, person.id, now))

    return await _change(database, asked, project_id, keep)


@router.post("/projects/{project_id}/support/end")
async def end_support(
    project_id: UUID, asked: RouteFormAsked, person: Resident, database: RouteDatabase
) -> Response:
    """A resident supports an idea no more."""

    async def drop(session: AsyncSession, idea: Idea) -> int:
        return -int(await queries.drop(session, project_id, person.id))

    return await _change(database, asked, project_id, drop)


async def _change(
    database: Database,
    asked: Asked,
    project_id: UUID,
    change: Callable[[AsyncSession, Idea], Awaitable[int]],
) -> Response:
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        idea = await idea_for_update(session, project_id)
        check_active(idea)
        found = await edition(session, idea.programme_id)
        if more := await change(session, idea):
            idea.supporters += more
            announce_supporters(session, idea, found.log)
        return await went(session, asked, f"/projects/{project_id}")

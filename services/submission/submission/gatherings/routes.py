"""A gathering for everybody's calendar."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from shared.database import database_time
from shared.people import Person, everybody
from shared.process import RouteDatabase
from submission.carriers.telling import RouteTelling
from submission.counters.handoffs import CounterUnknown
from submission.gatherings import queries
from submission.gatherings.calendar import calendar_file
from submission.projects import queries as projects
from submission.projects.finding import edition

router = APIRouter(include_in_schema=False)
Visitor = Annotated[Person, everybody]


@router.get("/counters/{gathering_id}/counter.ics")
async def calendar(
    gathering_id: UUID, _: Visitor, database: RouteDatabase, telling: RouteTelling
) -> Response:
    """A counter for a calendar: what is public about it, and nothing of who comes."""
    async with database.begin() as session:
        gathering = await queries.gathering(session, gathering_id)
        if gathering is None:
            raise CounterUnknown(f"there is no counter {gathering_id}")
        found = await edition(session, gathering.programme_id)
        written = [gathering.place, gathering.title, found.programme.title]
        words = await projects.words(session, written)
        now = await database_time(session)
    title = words.get(found.programme.title, "")
    if said := words.get(gathering.title or ""):
        title = f"{said} · {title}"
    file = calendar_file(
        gathering,
        title=title,
        place=words.get(gathering.place, ""),
        url=f"{telling.site}/programmes/{gathering.programme_id}/counters",
        now=now,
    )
    headers = {"Content-Disposition": 'attachment; filename="counter.ics"'}
    return Response(file, media_type="text/calendar", headers=headers)

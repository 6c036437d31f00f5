"""Withdrawing a project: its carrier says why, and is shown what stays before she does."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from shared.database import Database
from shared.people import FormData, Person, residents
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from submission.carriers.telling import RouteTelling
from submission.projects.finding import edition, own_idea
from submission.projects.moving import withdraw
from submission.reading import FormRefused, reason_of
from submission.repeats import RouteFormAsked
from submission.showing import UNPROCESSABLE, Went, again, frame, went

router = APIRouter(include_in_schema=False)
Resident = Annotated[Person, residents]


@router.get("/projects/{project_id}/withdraw")
async def show(
    request: Request, project_id: UUID, pages: RoutePages, person: Resident, database: RouteDatabase
) -> Response:
    """What stays and what does not, before it is done."""
    return await _show(request, pages, database, person, project_id)


@router.post("/projects/{project_id}/withdraw")
async def withdraw_own(
    request: Request,
    project_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    person: Resident,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """The project goes no further; its page stays."""
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            idea = await own_idea(session, project_id, person)
            reason = reason_of(data)
            found = await edition(session, idea.programme_id)
            await withdraw(session, found, project_id, reason, None, telling)
            return await went(session, asked, f"/projects/{project_id}?withdrawn=yes")
    except FormRefused as refused:
        return await again(
            request,
            pages,
            refused,
            partial(_show, request, pages, database, person, project_id, data),
        )


async def _show(
    request: Request,
    pages: Pages,
    database: Database,
    person: Person,
    project_id: UUID,
    data: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    async with database.begin() as session:
        idea = await own_idea(session, project_id, person)
        framed = await frame(request, pages, session, await edition(session, idea.programme_id))
    return pages.show(
        request,
        "withdraw.html",
        status=UNPROCESSABLE if errors else 200,
        person=person,
        idea=idea,
        values=data or {},
        errors=errors or {},
        **framed,
    )

"""Erasing an idea's words: by its carrier, or by an administrator whom she asked."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database, database_time
from shared.people import FormData, Person, Role, everybody, needs, residents
from shared.people.people import people_of
from shared.people.second_officer import read_reason
from shared.process import RouteDatabase
from shared.refusal import Refusal
from shared.web.kit import Pages, RoutePages
from submission.carriers.erasing import erase
from submission.projects import queries as projects
from submission.projects.finding import edition, idea_for_update, known_idea, own_idea
from submission.projects.tables import Idea
from submission.repeats import RouteFormAsked
from submission.showing import Went, frame, went

router = APIRouter(include_in_schema=False)
Resident = Annotated[Person, residents]
Administrator = Annotated[Person, needs(Role.ADMINISTRATOR, person=True)]


class ConfirmationMissing(Refusal):
    """What cannot be undone is done only when its box was ticked."""

    code = "confirmation_missing"


@router.get("/projects/{project_id}/erase")
async def show_own(
    request: Request, project_id: UUID, pages: RoutePages, person: Resident, database: RouteDatabase
) -> Response:
    """What is erased and what stays, before it is done."""
    async with database.begin() as session:
        idea = await own_idea(session, project_id, person)
    return await _show(request, pages, database, person, idea, f"/projects/{project_id}/erase")


@router.post("/projects/{project_id}/erase")
async def erase_own(
    request: Request,
    project_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    person: Annotated[Person, everybody],
    database: RouteDatabase,
) -> Response:
    """Erase it; its carrier is signed out, and goes to its page as everybody sees it.

    Everybody may send this form again, since whoever sent it first is signed out by it; whoever
    does not carry the idea is told that there is none.
    """
    _check_confirmed(data)
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        await own_idea(session, project_id, person)
        idea = await idea_for_update(session, project_id)
        await erase(session, idea, person.id, await database_time(session))
        response = await went(session, asked, f"/projects/{project_id}")
    cookies = people_of(request).cookies
    response.headers.append("set-cookie", cookies.header(cookies.session, "", age=0))
    return response


@router.get("/desk/projects/{project_id}/erase")
async def show_other(
    request: Request,
    project_id: UUID,
    pages: RoutePages,
    officer: Administrator,
    database: RouteDatabase,
) -> Response:
    """The same, for an administrator."""
    async with database.begin() as session:
        idea = await _known(session, project_id, officer)
    return await _show(
        request, pages, database, officer, idea, f"/desk/projects/{project_id}/erase"
    )


@router.post("/desk/projects/{project_id}/erase")
async def erase_other(
    project_id: UUID, data: FormData, officer: Administrator, database: RouteDatabase
) -> Response:
    """Erase it for a carrier who asked for that."""
    _check_confirmed(data)
    reason = read_reason(data.get("reason", ""))
    async with database.begin() as session:
        await _known(session, project_id, officer)
        idea = await idea_for_update(session, project_id)
        await erase(session, idea, officer.id, await database_time(session), reason)
    return RedirectResponse(f"/projects/{project_id}", 303)


def _check_confirmed(data: FormData) -> None:
    if not data.get("sure"):
        raise ConfirmationMissing("the box was not ticked; nothing was erased")


async def _known(session: AsyncSession, project_id: UUID, officer: Person) -> Idea:
    idea = await known_idea(session, project_id)
    officer.check(Role.ADMINISTRATOR, idea.programme_id)
    return idea


async def _show(
    request: Request, pages: Pages, database: Database, person: Person, idea: Idea, action: str
) -> Response:
    async with database.begin() as session:
        found = await edition(session, idea.programme_id)
        words = await projects.words(session, [idea.title])
        framed = await frame(request, pages, session, found)
    return pages.show(
        request,
        "erase.html",
        person=person,
        idea=idea,
        idea_title=words.get(idea.title, ""),
        action=action,
        by_officer=person.kind == "officer",
        **framed,
    )

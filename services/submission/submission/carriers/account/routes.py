"""Erasing one's account: who signed in, supports ideas or declared an organisation is forgotten."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from shared.database import database_time
from shared.people import FormData, Person, everybody, residents
from shared.people.guards import SignInNeeded
from shared.people.people import people_of
from shared.process import RouteDatabase
from shared.web.kit import RoutePages
from submission.carriers import queries
from submission.carriers.erasing import erase_resident
from submission.carriers.routes import check_confirmed
from submission.repeats import RouteFormAsked
from submission.showing import Went, went

router = APIRouter(include_in_schema=False)
ERASED = "/account/erased"


@router.get("/account/erase")
async def show(
    request: Request,
    pages: RoutePages,
    person: Annotated[Person, residents],
    database: RouteDatabase,
) -> Response:
    """What is erased and what stays; and which ideas have to be erased before, each on its page."""
    async with database.begin() as session:
        ideas = await queries.projects_of(session, person.id)
    return pages.show(request, "erase-account.html", person=person, ideas=ideas)


@router.post("/account/erase")
async def erase_own(
    request: Request,
    data: FormData,
    asked: RouteFormAsked,
    person: Annotated[Person, everybody],
    database: RouteDatabase,
) -> Response:
    """Forget who asks, and sign her out.

    Everybody may send this form again, since whoever sent it first is signed out by it. Raises
    `SignInNeeded` of anybody else.
    """
    check_confirmed(data)
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        if person.kind != "resident":
            raise SignInNeeded("sign in first")
        await erase_resident(session, person.id, await database_time(session))
        response = await went(session, asked, ERASED)
    cookies = people_of(request).cookies
    response.headers.append("set-cookie", cookies.header(cookies.session, "", age=0))
    return response


@router.get(ERASED)
async def show_erased(
    request: Request, pages: RoutePages, person: Annotated[Person, everybody]
) -> Response:
    """That it is done."""
    return pages.show(request, "account-erased.html", person=person)

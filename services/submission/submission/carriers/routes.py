"""Erasing words: an idea's by its carrier; an idea's or any by two administrators."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database, database_time
from shared.people import FormData, Person, Role, everybody, needs, residents
from shared.people.people import people_of
from shared.people.second_officer import read_reason
from shared.process import RouteDatabase
from shared.refusal import Refusal
from shared.web.kit import Pages, RoutePages
from shared.web.messages import mark
from submission.carriers.erasing import (
    AT_ONCE,
    ContentUnknown,
    check_left,
    check_there,
    erase,
)
from submission.programmes.acts import ERASE, acts_of
from submission.projects import queries as projects
from submission.projects.finding import edition, held_idea, known_idea, own_idea
from submission.projects.tables import Idea
from submission.repeats import RouteFormAsked
from submission.showing import Went, frame, went
from submission.wording import keep_words

router = APIRouter(include_in_schema=False)
Resident = Annotated[Person, residents]
Administrator = Annotated[Person, needs(Role.ADMINISTRATOR, person=True)]
# What an officer may name; that words were kept long enough, no officer decides.
GROUNDS = {
    "carrier-asked": mark("Their carrier asks for it"),
    "person-asked": mark("Somebody named in them asks for it (GDPR, article 17)"),
    "unlawful": mark("They break the law"),
    "court-order": mark("A court ordered it"),
}


class GroundUnknown(Refusal):
    """Words are erased on a ground of the law, and this is none."""

    code = "ground_unknown"


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
    check_confirmed(data)
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        await own_idea(session, project_id, person)
        idea = await held_idea(session, project_id)
        await erase(session, idea, await database_time(session))
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
async def ask_for_other(
    request: Request,
    project_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    officer: Administrator,
    database: RouteDatabase,
) -> Response:
    """Ask for an idea to be erased: another administrator confirms it."""
    check_confirmed(data)
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        idea = await _known(session, project_id, officer)
        await check_left(session, idea)
        about, programme_id = {"project_id": str(project_id)}, idea.programme_id
        await _ask(request, session, officer, data, about, str(project_id), programme_id)
        return await went(session, asked, "/desk/acts")


@router.get("/desk/erase")
async def show_contents(request: Request, pages: RoutePages, officer: Administrator) -> Response:
    """Words by their ids, wherever they were written."""
    officer.check(Role.ADMINISTRATOR)
    return pages.show(
        request, "erase-contents.html", person=officer, grounds=_grounds(request, pages)
    )


@router.post("/desk/erase")
async def ask_for_contents(
    request: Request,
    data: FormData,
    asked: RouteFormAsked,
    officer: Administrator,
    database: RouteDatabase,
) -> Response:
    """Ask for words to be erased: another administrator of the platform confirms it."""
    officer.check(Role.ADMINISTRATOR)
    check_confirmed(data)
    content_ids = sorted(set(data.get("content_ids", "").split()))
    if not content_ids or len(content_ids) > AT_ONCE:
        raise ContentUnknown(f"between one and {AT_ONCE} ids of words are asked for")
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        await check_there(session, content_ids)
        await _ask(request, session, officer, data, {"content_ids": content_ids}, content_ids[0])
        return await went(session, asked, "/desk/acts")


async def _ask(
    request: Request,
    session: AsyncSession,
    officer: Person,
    data: FormData,
    about: Mapping[str, Any],
    subject: str,
    programme_id: UUID | None = None,
) -> None:
    """Ask for an erasure, with a ground and a reason. Raises `GroundUnknown`, `ReasonMissing`."""
    ground, reason = data.get("ground", ""), read_reason(data.get("reason", ""))
    if ground not in GROUNDS:
        raise GroundUnknown(f"{ground[:40]!r} is no ground on which words are erased")
    await acts_of(request).needs_second_officer(
        session,
        ERASE,
        about=subject,
        parameters={**about, "ground": ground, "reason": await keep_words(session, reason)},
        reason=reason,
        by=officer,
        programme_id=programme_id,
    )


def _grounds(request: Request, pages: Pages) -> list[tuple[str, str]]:
    language = pages.language(request)
    return [(ground, pages.translate(language, words)) for ground, words in GROUNDS.items()]


def check_confirmed(data: FormData) -> None:
    """Raises `ConfirmationMissing`."""
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
        grounds=_grounds(request, pages),
        **framed,
    )

"""The page that a minor's legal representative is mailed a link to: two buttons."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from shared.people import FormData, Person, everybody
from shared.process import RouteDatabase
from shared.web.kit import RoutePages
from submission.carriers import queries
from submission.carriers.consenting import agree, asked_consent, disagree
from submission.carriers.routes import ConfirmationMissing
from submission.projects import queries as projects
from submission.projects.finding import edition, known_idea
from submission.repeats import RouteFormAsked
from submission.showing import Went, frame, went

router = APIRouter(include_in_schema=False)
Visitor = Annotated[Person, everybody]


@router.get("/consents/{token}")
async def show_consent(
    request: Request, token: str, pages: RoutePages, person: Visitor, database: RouteDatabase
) -> Response:
    """The idea, who carries it, and what agreeing means: opening the link decides nothing."""
    async with database.begin() as session:
        asked = await asked_consent(session, token)
        idea = await known_idea(session, asked.project_id)
        found = await edition(session, idea.programme_id)
        carrier = await queries.carrier(session, idea.project_id)
        words = await projects.words(session, [idea.title, idea.summary])
        framed = await frame(request, pages, session, found)
    return pages.show(
        request,
        "consent.html",
        person=person,
        token=token,
        idea=idea,
        idea_title=words.get(idea.title, ""),
        summary=words.get(idea.summary, ""),
        name=carrier.name if carrier is not None else "",
        given_at=asked.given_at,
        **framed,
    )


@router.post("/consents/{token}")
async def answer(
    token: str, data: FormData, asked: RouteFormAsked, _: Visitor, database: RouteDatabase
) -> Response:
    """Agree, or have the idea erased, which takes a tick: then the link is known no more."""
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        if data.get("answer") == "agree":
            await agree(session, token)
            return await went(session, asked, f"/consents/{token}")
        if not data.get("sure"):
            raise ConfirmationMissing("the box was not ticked; nothing was erased")
        project_id = await disagree(session, token)
        return await went(session, asked, f"/projects/{project_id}")

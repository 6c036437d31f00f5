"""The desk of a body that gives no labels: what it can be given, and its rounds."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from shared.people import FormData, Person, Role, needs
from shared.process import RouteDatabase
from shared.web.kit import RoutePages
from submission.freezing import asked_for
from submission.labelling.bodies import queries
from submission.labelling.bodies.choosing import body_of, takes_labelled
from submission.labelling.grants import givable
from submission.programmes import queries as programmes
from submission.programmes.acts import acts_of, ask
from submission.projects import queries as projects
from submission.projects.finding import edition
from submission.repeats import RouteFormAsked
from submission.showing import Went, frame, went

router = APIRouter(include_in_schema=False)
Officer = Annotated[Person, needs(Role.RETURNING_OFFICER, person=True)]
DESK = "/desk/programmes/{programme_id}/bodies/{name}"


@router.get(DESK)
async def show_body(
    request: Request,
    programme_id: UUID,
    name: str,
    pages: RoutePages,
    officer: Officer,
    database: RouteDatabase,
) -> Response:
    """What a body can be given now, and the rounds that it had."""
    officer.check(Role.RETURNING_OFFICER, programme_id)
    async with database.begin() as session:
        found = await edition(session, programme_id)
        body = body_of(found.rules, name)
        listed = await queries.listed_projects(
            session,
            programme_id,
            name,
            labelled=takes_labelled(found.rules, body),
            admitted_by=body.admitted_by,
        )
        titles = await projects.words(session, [each.title for each in listed])
        rounds = await programmes.rounds_of_bodies(session, programme_id)
        acts = await acts_of(request).listed(session, officer)
        framed = await frame(request, pages, session, found)
    about = f"{programme_id}/{name}"
    return pages.show(
        request,
        "desk-body.html",
        person=officer,
        body=body,
        listed=listed,
        titles=titles,
        rounds=[each for each in rounds if each[0].body_name == name],
        waiting=[act for act in acts if act.state == "waiting" and act.about == about],
        **framed,
    )


@router.post(DESK)
async def give(
    request: Request,
    programme_id: UUID,
    name: str,
    data: FormData,
    asked: RouteFormAsked,
    officer: Officer,
    database: RouteDatabase,
) -> Response:
    """Ask for these projects to become what the body votes on."""
    officer.check(Role.RETURNING_OFFICER, programme_id)
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        found = await edition(session, programme_id)
        _, event = await givable(session, programme_id, name)
        await ask(
            session,
            acts_of(request),
            "freeze-options",
            found.rules,
            asked_for(event),
            about=f"{programme_id}/{name}",
            reason=data.get("reason", ""),
            by=officer,
            programme_id=programme_id,
        )
        return await went(session, asked, f"/desk/programmes/{programme_id}/bodies/{name}")

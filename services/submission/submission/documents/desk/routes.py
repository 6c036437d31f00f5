"""The documents of a dossier, for whoever guides, instructs or decides about it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from shared.people import Person, needs
from shared.process import RouteDatabase
from shared.web.kit import RoutePages
from submission.documents import queries
from submission.documents.completeness import asked_for, missing_documents, type_of
from submission.documents.handing import check_may_read
from submission.documents.routes import READERS
from submission.projects import queries as projects
from submission.projects.dossiers import DossierUnknown
from submission.projects.finding import edition, held_to, known_idea
from submission.showing import frame

router = APIRouter(include_in_schema=False)


@router.get("/desk/projects/{project_id}/documents")
async def show_documents(
    request: Request,
    project_id: UUID,
    pages: RoutePages,
    officer: Annotated[Person, needs(*READERS, person=True)],
    database: RouteDatabase,
) -> Response:
    """What the charter asks of this carrier, and what of it is declared, attached, or missing."""
    async with database.begin() as session:
        idea = await known_idea(session, project_id)
        await check_may_read(session, idea, officer)
        found = await edition(session, idea.programme_id)
        project = await projects.project(session, project_id)
        if project is None:
            raise DossierUnknown(f"idea {project_id} has no dossier yet")
        found = await held_to(session, found, project)
        there = await queries.documents_of(session, project_id)
        title = (await projects.words(session, [project.title])).get(project.title)
        framed = await frame(request, pages, session, found)
    attached = {each.name for each in there}
    return pages.show(
        request,
        "desk-documents.html",
        person=officer,
        idea=idea,
        title=title,
        asked_for=asked_for(found.rules, type_of(project)),
        there=there,
        declared=project.documents,
        lacking=missing_documents(found.rules, type_of(project), project.documents, attached),
        **framed,
    )

"""The documents of a project: its carrier attaches them, and whoever may read them gets them."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database
from shared.people import FormData, Person, Role, everybody, residents
from shared.people.guards import Guard
from shared.process import RouteDatabase
from shared.refusal import Refusal
from shared.web.kit import Pages, RoutePages
from submission.documents import queries
from submission.documents.completeness import asked_for, missing_documents, type_of
from submission.documents.handing import RouteDocuments, check_may_read, taken_up
from submission.documents.keeping import attach, withdraw
from submission.documents.limits import (
    MOST_BYTES,
    MOST_FILES,
    FileNotFound,
    check_asked,
    check_room,
)
from submission.documents.receiving import LARGEST_FORM, RouteReceived
from submission.labelling.bodies import queries as bodies
from submission.labelling.bodies.tables import BodyDecision
from submission.labelling.queries import project_for_update
from submission.projects import queries as projects
from submission.projects.dossiers import DossierUnknown, check_amendable
from submission.projects.finding import (
    Edition,
    check_phase,
    edition,
    held_to,
    idea_for_update,
    known_idea,
    own_idea,
)
from submission.projects.standing import check_active
from submission.projects.tables import Idea
from submission.reading import FormRefused
from submission.repeats import RouteFormAsked
from submission.showing import UNPROCESSABLE, Went, again, frame, went
from submission.tables import Project

router = APIRouter(include_in_schema=False)
Resident = Annotated[Person, residents]
# What somebody has just done.
SAID = ("attached", "withdrawn")
# For which project, the route looks.
READERS = (Role.ADVISER, Role.COMMITTEE, Role.INSTRUCTOR)
Reader = Annotated[
    Person, Depends(Guard("residents or " + " or ".join(READERS), roles=READERS, residents=True))
]


@router.get("/projects/{project_id}/documents")
async def show_documents(
    request: Request, project_id: UUID, pages: RoutePages, person: Resident, database: RouteDatabase
) -> Response:
    """What is asked for, what is there, and the form for one file more."""
    return await _show(request, pages, database, person, project_id)


@router.post("/projects/{project_id}/documents", max_body_size=LARGEST_FORM)
async def attach_document(
    request: Request,
    project_id: UUID,
    person: Resident,
    data: FormData,
    received: RouteReceived,
    pages: RoutePages,
    documents: RouteDocuments,
    database: RouteDatabase,
) -> Response:
    """Take a file apart, write it anew, and attach what came of it."""
    name = data.get("document", "")
    page = f"/projects/{project_id}/documents?attached=yes"
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, received.asked)) is not None:
                return given.there()
            await session.rollback()  # Nobody waits for this request while a file is read.
        async with database.begin() as session:
            idea, project, found = await _own(session, project_id, person)
            await check_phase(session, idea.programme_id, "dossiers")
            check_active(idea)
            check_amendable(project, await bodies.decisions_of(session, project_id))
            with refused_at("document"):
                check_asked(found.rules, type_of(project), name)
            with refused_at("file"):
                received.check()
                if not data.get("replaces"):
                    check_room(await queries.documents_of(session, project_id), 1)
        with refused_at("file"):
            file = await documents.cleaner.clean(received.content)
        async with database.begin() as session:
            if (given := await Went.given(session, received.asked)) is not None:
                return given.there()
            idea, project, found = await _own(session, project_id, person)
            now = await check_phase(session, idea.programme_id, "dossiers")
            idea, project = await _locked(session, project_id, person)
            check_active(idea)
            check_amendable(project, await bodies.decisions_of(session, project_id))
            held = await held_to(session, await edition(session, idea.programme_id), project)
            with refused_at("document"):
                check_asked(held.rules, type_of(project), name)
            with refused_at("file"):
                await attach(
                    session,
                    idea,
                    project,
                    found.log,
                    name,
                    file,
                    received.called,
                    documents.stores,
                    now,
                    replaces=bool(data.get("replaces")),
                )
            return await went(session, received.asked, page)
    except FormRefused as refused:
        show = partial(_show, request, pages, database, person, project_id, data)
        return await again(request, pages, refused, show)


@router.post("/projects/{project_id}/documents/{document_id}/withdraw")
async def withdraw_document(
    project_id: UUID,
    document_id: UUID,
    person: Resident,
    asked: RouteFormAsked,
    database: RouteDatabase,
) -> Response:
    """Take a file away: its bytes are gone, that it was there stays."""
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        idea, project, found = await _own(session, project_id, person)
        now = await check_phase(session, idea.programme_id, "dossiers")
        idea, project = await _locked(session, project_id, person)
        check_active(idea)
        check_amendable(project, await bodies.decisions_of(session, project_id))
        row = await queries.document(session, document_id)
        if row is None or row.project_id != project_id:
            raise FileNotFound(f"there is no file {document_id}")
        await withdraw(session, idea, project, found.log, row, now)
        return await went(session, asked, f"/projects/{project_id}/documents?withdrawn=yes")


@router.get("/documents/{document_id}")
async def hand_out(
    document_id: UUID, person: Reader, documents: RouteDocuments, database: RouteDatabase
) -> Response:
    """Look whether somebody may have a document, and lead to where it is handed out, once."""
    async with database.begin() as session:
        row = await queries.document(session, document_id)
        if row is None:
            raise FileNotFound(f"there is no file {document_id}")
        await check_may_read(session, await known_idea(session, row.project_id), person)
        address = await documents.ticket(session, document_id, person)
    return RedirectResponse(address, 303, {"Cache-Control": "no-store"})


@router.get("/d/{ticket}", dependencies=[everybody])
async def download(ticket: str, documents: RouteDocuments, database: RouteDatabase) -> Response:
    """The file of a ticket, to be saved and not to be shown; the ticket is used up by it."""
    async with database.begin() as session:
        row = await taken_up(session, ticket)
        content = await documents.stores.get(session, row["kept"], row["document_id"])
    named = quote(row["shown_name"], safe="")
    return Response(
        content,
        media_type=row["media"],
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{named}",
            "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
            "Cross-Origin-Resource-Policy": "same-site",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        },
    )


class refused_at:
    """What is refused within is said at a field of the form."""

    def __init__(self, field: str) -> None:
        self._field = field

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, Refusal):
            raise FormRefused({self._field: error}) from None


async def _own(
    session: AsyncSession, project_id: UUID, person: Person
) -> tuple[Idea, Project, Edition]:
    """Her idea, its dossier, and the edition with the rules that it is held to."""
    idea = await own_idea(session, project_id, person)
    found = await edition(session, idea.programme_id)
    project = await projects.project(session, project_id)
    if project is None:
        raise DossierUnknown(f"idea {project_id} has no dossier yet")
    return idea, project, await held_to(session, found, project)


async def _locked(session: AsyncSession, project_id: UUID, person: Person) -> tuple[Idea, Project]:
    idea = await idea_for_update(session, project_id)
    await own_idea(session, project_id, person)
    project = await project_for_update(session, project_id)
    assert project is not None
    return idea, project


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
        idea, project, found = await _own(session, project_id, person)
        there = await queries.documents_of(session, project_id)
        decided = await bodies.decisions_of(session, project_id)
        framed = await frame(request, pages, session, found)
    carrier_type = type_of(project)
    attached = {each.name for each in there}
    return pages.show(
        request,
        "documents.html",
        status=UNPROCESSABLE if errors else 200,
        person=person,
        idea=idea,
        asked_for=asked_for(found.rules, carrier_type),
        there=there,
        declared=project.documents,
        lacking=missing_documents(found.rules, carrier_type, project.documents, attached),
        changeable=_changeable(idea, project, decided) and "dossiers" in framed["open"],
        most_files=MOST_FILES,
        most_bytes=MOST_BYTES,
        values=data or {},
        errors=errors or {},
        said=next(
            (name for name in ("attached", "withdrawn") if request.query_params.get(name)), ""
        ),
        **framed,
    )


def _changeable(idea: Idea, project: Project, decided: Sequence[BodyDecision]) -> bool:
    try:
        check_active(idea)
        check_amendable(project, decided)
    except Refusal:
        return False
    return True

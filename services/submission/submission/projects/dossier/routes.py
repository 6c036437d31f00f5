"""The dossier of an idea: its carrier files it, and amends it until the phase closes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database
from shared.events.charter import CharterRules
from shared.events.projects import DossierAmended, DossierFiled
from shared.people import FormData, Person, residents
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from submission.counters import queries as counters
from submission.labelling.queries import project_for_update
from submission.projects import queries
from submission.projects.dossiers import (
    check_amendable,
    check_attended,
    check_documents,
    highest_ceiling,
    read_cost,
    read_status,
)
from submission.projects.finding import Edition, check_phase, edition, idea_for_update, own_idea
from submission.projects.ideas import read_name, read_summary
from submission.projects.recording import record
from submission.projects.tables import Idea
from submission.reading import FormRefused, Reader
from submission.repeats import RouteFormAsked
from submission.showing import UNPROCESSABLE, Went, again, frame, went
from submission.tables import Project
from submission.texts import read_title
from submission.wording import publish_words

router = APIRouter(include_in_schema=False)
Resident = Annotated[Person, residents]


@dataclass(frozen=True, slots=True)
class Written:
    """A dossier as it is written now; everything in it is checked."""

    title: str
    summary: str
    carrier: str
    status: str
    cost: int
    documents: tuple[str, ...]


@router.get("/projects/{project_id}/dossier")
async def show_dossier(
    request: Request, project_id: UUID, pages: RoutePages, person: Resident, database: RouteDatabase
) -> Response:
    """The form, with what the dossier says now, or with what the idea said."""
    return await _show(request, pages, database, person, project_id)


@router.post("/projects/{project_id}/dossier")
async def file_dossier(
    request: Request,
    project_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    person: Resident,
    database: RouteDatabase,
) -> Response:
    """File the dossier, or amend it. Whatever an officer found in the one before has to be looked
    at again; who asks for what is so already changes nothing."""
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            idea = await own_idea(session, project_id, person)
            found = await edition(session, idea.programme_id)
            written = _read(found.rules, data)
            now = await check_phase(session, idea.programme_id, "dossiers")
            idea = await idea_for_update(session, project_id)
            await own_idea(session, project_id, person)
            project = await project_for_update(session, project_id)
            if project is None:
                attended = await counters.counters_attended(session, project_id)
                check_attended(found.rules, attended)
                filed = await _file(session, idea, written)
                await record(session, idea, found.log, filed, now, cost=filed.cost)
            else:
                check_amendable(project)
                amended = await _amend(session, project, written)
                if amended is not None:
                    await record(session, idea, found.log, amended, now, cost=amended.cost)
            return await went(session, asked, f"/projects/{project_id}?dossier=yes")
    except FormRefused as refused:
        show = partial(_show, request, pages, database, person, project_id, data)
        return await again(request, pages, refused, show)


def _read(rules: CharterRules, data: Mapping[str, str]) -> Written:
    reader = Reader(data)
    documents = reader.ticked("document")
    written = Written(
        title=reader.read("title", read_title, ""),
        carrier=reader.read("carrier", read_name, ""),
        status=reader.read("status", partial(read_status, rules), ""),
        cost=reader.read("cost", partial(read_cost, rules), 0),
        summary=reader.read("summary", read_summary, ""),
        documents=documents,
    )
    reader.check("documents", lambda: check_documents(rules, documents))
    reader.done()
    return written


async def _file(session: AsyncSession, idea: Idea, written: Written) -> DossierFiled:
    event = DossierFiled(
        project_id=idea.project_id,
        programme_id=idea.programme_id,
        territory=idea.territory,
        title=await publish_words(session, written.title),
        summary=await publish_words(session, written.summary),
        carrier=await publish_words(session, written.carrier),
        carrier_status=written.status,
        cost=written.cost,
        documents=written.documents,
    )
    await queries.keep(session, Project(**event.model_dump()))
    await _keep_words(session, event)
    return event


async def _amend(
    session: AsyncSession, project: Project, written: Written
) -> DossierAmended | None:
    """What the dossier says now; None where it said so before."""
    before = await queries.words(session, [project.title, project.summary, project.carrier])

    async def words(known: str | None, now: str) -> str:
        same = known is not None and before.get(known) == now
        return known if same and known is not None else await publish_words(session, now)

    event = DossierAmended(
        project_id=project.project_id,
        programme_id=project.programme_id,
        territory=project.territory,
        title=await words(project.title, written.title),
        summary=await words(project.summary, written.summary),
        carrier=await words(project.carrier, written.carrier),
        carrier_status=written.status,
        cost=written.cost,
        documents=written.documents,
    )
    said = event.model_dump(mode="python", exclude_none=True) | {
        "documents": list(written.documents)
    }
    if said == project.model_dump(include=set(said)):
        return None
    project.sqlmodel_update(said | {"missing": None, "voted_family": None})
    await _keep_words(session, event)
    return event


async def _keep_words(session: AsyncSession, event: DossierFiled) -> None:
    written = [each for each in (event.title, event.summary, event.carrier) if each is not None]
    await queries.keep_project_texts(session, event.project_id, written)


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
        found = await edition(session, idea.programme_id)
        project = await queries.project(session, project_id)
        attended = await counters.counters_attended(session, project_id)
        values: Mapping[str, Any] = data or await _kept(session, found, idea, project)
        framed = await frame(request, pages, session, found)
    return pages.show(
        request,
        "dossier.html",
        status=UNPROCESSABLE if errors else 200,
        person=person,
        idea=idea,
        project=project,
        values=values,
        errors=errors or {},
        may_file=attended > 0 or not found.rules.counter_attended,
        highest=highest_ceiling(found.rules),
        **framed,
    )


async def _kept(
    session: AsyncSession, found: Edition, idea: Idea, project: Project | None
) -> Mapping[str, Any]:
    if project is None:
        words = await queries.words(session, [idea.title, idea.summary])
        return {"title": words.get(idea.title, ""), "summary": words.get(idea.summary, "")}
    words = await queries.words(session, [project.title, project.summary, project.carrier])
    euros, cents = divmod(project.cost, 100)
    return {
        "title": words.get(project.title, ""),
        "summary": words.get(project.summary or "", ""),
        "carrier": words.get(project.carrier or "", ""),
        "status": project.carrier_status,
        "cost": f"{euros},{cents:02}" if cents else str(euros),
        **{f"document-{name}": "yes" for name in project.documents},
    }

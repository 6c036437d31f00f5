"""The page of a project's carriers, for who carries it: parts are given and taken there."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database, database_time
from shared.events.carriers import Part
from shared.people import FormData, Person, residents
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from submission.carriers import queries
from submission.carriers.agreeing import missing_for_agreement
from submission.carriers.checking import hold, is_sponsored
from submission.carriers.clearing import LACKS
from submission.carriers.identifiers import check_rna, check_siret
from submission.carriers.joining import join, leave
from submission.carriers.organisations import queries as organisations
from submission.carriers.organisations.declaring import OrganisationUnknown
from submission.carriers.organisations.keeping import by_number
from submission.carriers.organisations.routes import translated
from submission.carriers.parts import amends
from submission.carriers.tables import Organisation
from submission.carriers.types import CARRIER_TYPES, PARTS, read_part
from submission.labelling.queries import project_for_update
from submission.projects import queries as projects
from submission.projects.dossiers import read_status
from submission.projects.finding import (
    Edition,
    check_phase,
    edition,
    idea_for_update,
    own_idea,
)
from submission.projects.tables import Idea
from submission.reading import FormRefused, Reader
from submission.refusals import ProjectUnknown
from submission.repeats import RouteFormAsked
from submission.showing import UNPROCESSABLE, Went, again, frame, went
from submission.texts import read_reason

router = APIRouter(include_in_schema=False)
Resident = Annotated[Person, residents]


@router.get("/projects/{project_id}/carriers")
async def show_carriers(
    request: Request,
    project_id: UUID,
    pages: RoutePages,
    person: Resident,
    database: RouteDatabase,
    organisation: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Who has which part in a project, and the form to give another one."""
    data = {"organisation": organisation} if organisation else {}
    return await _show(request, pages, database, person, project_id, data)


@router.post("/projects/{project_id}/carriers")
async def give_part(
    request: Request,
    project_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    person: Resident,
    database: RouteDatabase,
) -> Response:
    """Give an organisation a part in a project: one's own, or one that is known by its number.

    Another lead, or another sponsor where one answers for the project, amends the dossier: once it
    is filed, only while dossiers can be changed."""
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            of_idea = await own_idea(session, project_id, person)
            found = await edition(session, of_idea.programme_id)
            reader = Reader(data)
            part: Part = reader.read("part", read_part, "joint")
            written = data.get("status", "")
            status = reader.read("status", partial(read_status, found.rules), "") if written else ""
            reader.done()
            of = await _organisation(session, person, data)
            await hold(session, of.organisation_id)
            found = await _to_amend(session, found, of_idea, part)
            idea = await idea_for_update(session, project_id)
            await own_idea(session, project_id, person)
            project = await project_for_update(session, project_id)
            now = await database_time(session)
            await join(session, found, idea, project, of, part, status or None, now)
            return await went(session, asked, f"/projects/{project_id}/carriers")
    except FormRefused as refused:
        show = partial(_show, request, pages, database, person, project_id, data)
        return await again(request, pages, refused, show)


@router.post("/projects/{project_id}/carriers/{carrier_id}/leave")
async def take_part(
    request: Request,
    project_id: UUID,
    carrier_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    person: Resident,
    database: RouteDatabase,
) -> Response:
    """Take a part in a project from whoever has it, with a reason."""
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            of_idea = await own_idea(session, project_id, person)
            found = await edition(session, of_idea.programme_id)
            reader = Reader(data)
            part: Part = reader.read("part", read_part, "joint")
            reason = reader.read("reason", read_reason, "")
            reader.done()
            found = await _to_amend(session, found, of_idea, part)
            idea = await idea_for_update(session, project_id)
            await own_idea(session, project_id, person)
            project = await project_for_update(session, project_id)
            now = await database_time(session)
            await leave(session, found, idea, project, carrier_id, part, reason, now)
            return await went(session, asked, f"/projects/{project_id}/carriers")
    except FormRefused as refused:
        kept = {**data, "carrier": f"{carrier_id}"}
        show = partial(_show, request, pages, database, person, project_id, kept)
        return await again(request, pages, refused, show)


async def _to_amend(session: AsyncSession, found: Edition, idea: Idea, part: Part) -> Edition:
    """Before other locks: whether dossiers can be changed, where this part amends a filed one; the
    edition as it is behind the phase's lock. Raises `PhaseNotOpen`."""
    filed = await projects.project(session, idea.project_id)
    lead = await queries.lead(session, idea.project_id)
    answers = lead is not None and part == "sponsor" and is_sponsored(found.rules, lead)
    if not (part == "lead" or answers) or not amends(filed, idea.stage):
        return found
    await check_phase(session, found.programme_id, "dossiers")
    return await edition(session, found.programme_id)


async def _organisation(
    session: AsyncSession, person: Person, data: Mapping[str, str]
) -> Organisation:
    """The organisation that a form names: by its number, or one's own. Raises `FormRefused`."""
    number = data.get("number", "").strip()
    if not number:
        return await _own(session, person, data.get("organisation", ""))
    reader = Reader(data)
    rule = check_rna if number[:1] in "Ww" else check_siret
    read = reader.read("number", rule, "")
    reader.done()
    try:
        return await by_number(session, read)
    except OrganisationUnknown as unknown:
        raise FormRefused({"number": unknown}) from None


async def _own(session: AsyncSession, person: Person, written: str) -> Organisation:
    try:
        found = await organisations.organisation(session, UUID(written))
    except ValueError:
        found = None
    if found is None or found.kept_by != person.id:
        raise FormRefused({"organisation": OrganisationUnknown("no organisation was chosen")})
    return found


async def _show(
    request: Request,
    pages: Pages,
    database: Database,
    person: Person,
    project_id: UUID,
    data: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> Response:
    async with database.begin() as session:
        idea = await own_idea(session, project_id, person)
        found = await edition(session, idea.programme_id)
        carriers = await queries.carriers_named(session, project_id)
        contact = await queries.carrier(session, project_id)
        if contact is None:
            raise ProjectUnknown(f"you have no idea {project_id}")
        mine = await organisations.kept_by(session, person.id)
        consent = await queries.consent(session, project_id)
        project = await projects.project(session, project_id)
        words = await projects.words(session, [idea.title])
        now = await database_time(session)
        lacks = await missing_for_agreement(session, found, project_id, now)
        framed = await frame(request, pages, session, found)
    shown: dict[str, Any] = {
        "idea": idea,
        "idea_title": words.get(idea.title, ""),
        "project": project,
        "carriers": carriers,
        "own_name": contact.name,
        "mine": mine,
        "consent": consent,
        "lacks": [LACKS[name] for name in lacks],
        "types": translated(request, pages, CARRIER_TYPES),
        "part_names": translated(request, pages, PARTS),
        "values": data,
        "errors": errors or {},
    }
    status = UNPROCESSABLE if errors else 200
    return pages.show(request, "carriers.html", status=status, person=person, **shown, **framed)

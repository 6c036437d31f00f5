"""What everybody sees of a programme: its home, its rules, its results, and the words used."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time
from shared.people import Person, everybody
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from submission import queries as submission_queries
from submission import verdicts
from submission.programmes import queries
from submission.programmes.problems import said, said_of_bodies, said_of_scheme
from submission.programmes.year import line, today
from submission.projects import queries as projects
from submission.projects.finding import Edition, edition
from submission.refusals import ProgrammeUnknown
from submission.showing import frame
from submission.tables import Programme

router = APIRouter(include_in_schema=False)
Visitor = Annotated[Person, everybody]


@router.get("/")
async def show_home(
    request: Request, pages: RoutePages, person: Visitor, database: RouteDatabase
) -> Response:
    """The programme, where there is one alone; all of them otherwise."""
    async with database.begin() as session:
        listed = await queries.listed_programmes(session)
        now = await database_time(session)
    with_charter = [each for each in listed if each["rules"]]
    if len(with_charter) == 1:
        return RedirectResponse(f"/programmes/{with_charter[0]['programme_id']}", 303)
    return pages.show(request, "programmes.html", person=person, programmes=listed, now=now)


@router.get("/programmes/{programme_id}")
async def show_programme(
    request: Request,
    programme_id: UUID,
    pages: RoutePages,
    person: Visitor,
    database: RouteDatabase,
) -> Response:
    """Where the programme is in its year, the one thing to do today, three figures, the money."""
    async with database.begin() as session:
        programme = await queries.programme(session, programme_id)
        if programme is None:
            raise ProgrammeUnknown(f"there is no programme {programme_id}")
        round_row = await submission_queries.round_of(session, programme_id)
        state = (
            None if round_row is None else await queries.round_state(session, round_row.round_id)
        )
        if programme.rules is None:
            return await _show_import(request, pages, person, session, programme)
        found = await edition(session, programme_id)
        framed = await frame(request, pages, session, found)
        figures = await queries.figures(session, programme_id)
    phases, now = framed["phases"], framed["now"]
    return pages.show(
        request,
        "programme.html",
        person=person,
        figures=figures,
        round_state=state,
        round_id=round_row and round_row.round_id,
        year=line(phases, found.rules.edition),
        today=today(phases, state, now),
        published=found.programme.event_id,
        **framed,
    )


async def _show_import(
    request: Request, pages: Pages, person: Person, session: AsyncSession, programme: Programme
) -> Response:
    title = await projects.words(session, [programme.title])
    count = await submission_queries.number_of_projects(session, programme.programme_id)
    round_row = await submission_queries.round_of(session, programme.programme_id)
    return pages.show(
        request,
        "imported.html",
        person=person,
        programme_title=title.get(programme.title, ""),
        projects=count,
        round_id=round_row and round_row.round_id,
        rehearsal=programme.rehearsal,
        log=programme.log,
    )


@router.get("/programmes/{programme_id}/rules")
async def show_rules(
    request: Request,
    programme_id: UUID,
    pages: RoutePages,
    person: Visitor,
    database: RouteDatabase,
) -> Response:
    """Every rule in words; what no source states is marked as assumed."""
    async with database.begin() as session:
        found = await edition(session, programme_id)
        framed = await frame(request, pages, session, found)
    return pages.show(
        request,
        "rules.html",
        person=person,
        published=found.programme.event_id,
        charter=found.programme.charter,
        version=found.programme.version,
        moved=_moved(found, framed["phases"]),
        said=said(pages, request, found.rules),
        said_of_bodies=said_of_bodies(pages, request, found.rules),
        scheme=said_of_scheme(pages, request, found.rules),
        **framed,
    )


def _moved(found: Edition, phases: Any) -> set[str]:
    """The phases that have other windows than the charter gave them."""
    given = {each.name: (each.opens_at, each.closes_at) for each in found.rules.phases}
    return {each.name for each in phases if given[each.name] != (each.opens_at, each.closes_at)}


@router.get("/programmes/{programme_id}/results")
async def show_results(
    request: Request,
    programme_id: UUID,
    pages: RoutePages,
    person: Visitor,
    database: RouteDatabase,
) -> Response:
    """What was decided about each project and why, as voting said it, and what was signed."""
    async with database.begin() as session:
        found = await edition(session, programme_id)
        framed = await frame(request, pages, session, found)
        round_row = await submission_queries.round_of(session, programme_id)
        state = (
            None if round_row is None else await queries.round_state(session, round_row.round_id)
        )
        decided = [] if round_row is None else await queries.results(session, round_row.round_id)
    known = verdicts.setting(state, decided, found.rules)
    language = pages.language(request)
    return pages.show(
        request,
        "results.html",
        person=person,
        why={
            each["project_id"]: verdicts.said(verdicts.verdict(each), known, language)
            for each in decided
        },
        round_id=round_row and round_row.round_id,
        round_state=state,
        decided=decided,
        **framed,
    )


@router.get("/glossary")
async def show_glossary(request: Request, pages: RoutePages, person: Visitor) -> Response:
    """The words of a programme, each in a sentence."""
    return pages.show(request, "glossary.html", person=person)

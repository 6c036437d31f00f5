"""The counters of a programme for everybody, and a carrier's requests of desks and sessions."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database, database_time
from shared.people import FormData, Person, everybody, residents
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from submission.counters import queries
from submission.counters.asking import request as ask
from submission.counters.cases import locked
from submission.counters.desks import desk_of_session, entries, entry
from submission.counters.handoffs import (
    ANSWERED,
    ENDS,
    CounterUnknown,
    HandoffUnknown,
    read_counter,
)
from submission.counters.returning import give_back
from submission.gatherings import queries as gatherings
from submission.gatherings.tables import Gathering
from submission.projects import queries as projects
from submission.projects.finding import check_phase, edition, idea_for_update, own_idea
from submission.projects.tables import Idea
from submission.reading import FormRefused, Reader
from submission.repeats import RouteFormAsked
from submission.showing import UNPROCESSABLE, Went, again, frame, pairs, went

router = APIRouter(include_in_schema=False)
Visitor = Annotated[Person, everybody]
Resident = Annotated[Person, residents]
# Where an idea can ask once more.
BEHIND = ANSWERED | ENDS


@router.get("/programmes/{programme_id}/counters")
async def list_counters(
    request: Request,
    programme_id: UUID,
    pages: RoutePages,
    person: Visitor,
    database: RouteDatabase,
    territory: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """The counters to come, with the places left."""
    async with database.begin() as session:
        found = await edition(session, programme_id)
        counters = await gatherings.listed(session, programme_id, territory, coming=True)
        framed = await frame(request, pages, session, found)
    return pages.show(
        request, "counters.html", person=person, counters=counters, territory=territory, **framed
    )


@router.get("/projects/{project_id}/counter")
async def show_request(
    request: Request,
    project_id: UUID,
    pages: RoutePages,
    person: Resident,
    database: RouteDatabase,
) -> Response:
    """Where an idea's request stands, and what it can ask."""
    return await _show(request, pages, database, person, project_id)


@router.post("/projects/{project_id}/counter")
async def ask_counter(
    request: Request,
    project_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    person: Resident,
    database: RouteDatabase,
) -> Response:
    """Ask a session for a place."""
    reader = Reader(data)
    gathering_id = reader.read("counter", read_counter, UUID(int=0))
    try:
        reader.done()
    except FormRefused as refused:
        show = partial(_show, request, pages, database, person, project_id)
        return await again(request, pages, refused, show)
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        idea = await own_idea(session, project_id, person)
        found = await edition(session, idea.programme_id)
        await check_phase(session, idea.programme_id, "counters")
        idea = await idea_for_update(session, project_id)
        await own_idea(session, project_id, person)
        gathering = await _asked_for(session, idea, gathering_id)
        desk = desk_of_session(found.rules, gathering)
        await ask(session, found, idea, await database_time(session), desk, gathering)
        return await went(session, asked, f"/projects/{project_id}?asked=yes")


@router.post("/projects/{project_id}/desk")
async def ask_desk(
    request: Request,
    project_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    person: Resident,
    database: RouteDatabase,
) -> Response:
    """Ask a desk, without a session."""
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            idea = await own_idea(session, project_id, person)
            found, reader = await edition(session, idea.programme_id), Reader(data)
            read = partial(entry, found.rules, idea.territory)
            desk = reader.read("desk", lambda written: read(written).name, "")
            reader.done()
            await check_phase(session, idea.programme_id, "counters")
            idea = await idea_for_update(session, project_id)
            await own_idea(session, project_id, person)
            await ask(session, found, idea, await database_time(session), desk, None)
            return await went(session, asked, f"/projects/{project_id}?asked=yes")
    except FormRefused as refused:
        show = partial(_show, request, pages, database, person, project_id)
        return await again(request, pages, refused, show)


async def _asked_for(session: AsyncSession, idea: Idea, gathering_id: UUID) -> Gathering:
    """The session that a locked idea asks for, locked beside the one it was at. Raises
    `CounterUnknown`."""
    wanted = {gathering_id}
    if (before := await queries.open_handoff(session, idea.project_id)) and before.gathering_id:
        wanted.add(before.gathering_id)
    gathering = (await gatherings.gatherings_for_update(session, wanted)).get(gathering_id)
    if gathering is None or gathering.programme_id != idea.programme_id:
        raise CounterUnknown(f"the programme has no counter {gathering_id}")
    return gathering


@router.post("/projects/{project_id}/handoffs/{handoff_id}/withdraw")
async def withdraw(
    project_id: UUID,
    handoff_id: UUID,
    asked: RouteFormAsked,
    person: Resident,
    database: RouteDatabase,
) -> Response:
    """Take a request back: a place goes to whoever waits longest for it."""
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        await own_idea(session, project_id, person)
        case = await locked(session, handoff_id)
        await own_idea(session, project_id, person)
        if case.handoff.project_id != project_id:
            raise HandoffUnknown(f"the idea has no handoff {handoff_id}")
        await give_back(session, case, "withdraw", await database_time(session))
        return await went(session, asked, f"/projects/{project_id}/counter")


async def _show(
    request: Request,
    pages: Pages,
    database: Database,
    person: Person,
    project_id: UUID,
    errors: Mapping[str, str] | None = None,
) -> Response:
    async with database.begin() as session:
        idea = await own_idea(session, project_id, person)
        found = await edition(session, idea.programme_id)
        counters = await gatherings.listed(session, idea.programme_id, coming=True)
        handoffs = await queries.handoffs_of(session, project_id)
        words = await projects.words(session, [idea.title])
        framed = await frame(request, pages, session, found)
    return pages.show(
        request,
        "counter-request.html",
        status=UNPROCESSABLE if errors else 200,
        person=person,
        idea=idea,
        idea_title=words.get(idea.title, ""),
        counters=counters,
        desks=pairs(pages.language(request), entries(found.rules, idea.territory)),
        standing=queries.standing(handoffs),
        may_ask=all(each["state"] in BEHIND for each in handoffs),
        errors=errors or {},
        **framed,
    )

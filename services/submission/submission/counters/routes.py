"""The counters of a programme for everybody, and a carrier's request for a place at one."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response

from shared.database import Database, database_time
from shared.events.handoffs import HandoffRequested
from shared.people import FormData, Person, everybody, residents
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from submission.carriers.telling import RouteTelling
from submission.counters import queries
from submission.counters.calendar import calendar_file
from submission.counters.handoffs import CounterUnknown, check_request, read_counter
from submission.counters.tables import Gathering, Handoff
from submission.projects import queries as projects
from submission.projects.finding import check_phase, edition, idea_for_update, own_idea
from submission.projects.recording import record
from submission.reading import FormRefused, Reader
from submission.repeats import RouteFormAsked
from submission.showing import Went, again, frame, went

router = APIRouter(include_in_schema=False)
Visitor = Annotated[Person, everybody]
Resident = Annotated[Person, residents]


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
        counters = await queries.counters(session, programme_id, territory, coming=True)
        framed = await frame(request, pages, session, found)
    return pages.show(
        request, "counters.html", person=person, counters=counters, territory=territory, **framed
    )


@router.get("/counters/{gathering_id}/counter.ics")
async def calendar(
    gathering_id: UUID,
    request: Request,
    pages: RoutePages,
    _: Visitor,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """A counter for a calendar: what is public about it, and nothing of who comes."""
    async with database.begin() as session:
        gathering = await queries.gathering(session, gathering_id)
        if gathering is None:
            raise CounterUnknown(f"there is no counter {gathering_id}")
        found = await edition(session, gathering.programme_id)
        written = [gathering.place, found.programme.title]
        words = await projects.words(session, written)
        now = await database_time(session)
    file = calendar_file(
        gathering,
        title=words.get(found.programme.title, ""),
        place=words.get(gathering.place, ""),
        url=f"{telling.site}/programmes/{gathering.programme_id}/counters",
        now=now,
    )
    headers = {"Content-Disposition": 'attachment; filename="counter.ics"'}
    return Response(file, media_type="text/calendar", headers=headers)


@router.get("/projects/{project_id}/counter")
async def show_request(
    request: Request,
    project_id: UUID,
    pages: RoutePages,
    person: Resident,
    database: RouteDatabase,
) -> Response:
    """The counters that an idea can ask for a place."""
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
    """Ask a counter for a place."""
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
        gathering = await queries.gathering_for_update(session, gathering_id)
        if gathering is None or gathering.programme_id != idea.programme_id:
            raise CounterUnknown(f"the programme has no counter {gathering_id}")
        now = await database_time(session)
        taken = await queries.places_taken(session, gathering_id)
        waiting = await queries.waiting_handoff(session, project_id)
        check_request(gathering, taken, waiting, now)
        event = HandoffRequested(
            handoff_id=uuid4(),
            project_id=project_id,
            programme_id=idea.programme_id,
            gathering_id=gathering_id,
        )
        await projects.keep(
            session, Handoff(**event.model_dump(), state="requested", requested_at=now)
        )
        await record(session, idea, found.log, event, now, **about(gathering))
        return await went(session, asked, f"/projects/{project_id}?asked=yes")


def about(gathering: Gathering) -> dict[str, Any]:
    """What an idea's page says of a counter."""
    return {
        "gathering": str(gathering.gathering_id),
        "place": gathering.place,
        "territory": gathering.territory,
        "begins_at": gathering.begins_at.isoformat(),
    }


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
        counters = await queries.counters(session, idea.programme_id, coming=True)
        words = await projects.words(session, [idea.title])
        framed = await frame(request, pages, session, found)
    return pages.show(
        request,
        "counter-request.html",
        status=422 if errors else 200,
        person=person,
        idea=idea,
        idea_title=words.get(idea.title, ""),
        counters=[each for each in counters if each["taken"] < each["capacity"]],
        errors=errors or {},
        **framed,
    )

"""The desks' lists: what is due first, who comes to a session, and one handoff with its acts."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from shared.database import Database
from shared.people import Person, Role, needs
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from submission.counters import queries
from submission.counters.desks import (
    check_works_at,
    desk_of,
    gives_places,
    others,
    works_at,
)
from submission.counters.handoffs import STEPS, CounterUnknown, HandoffUnknown
from submission.counters.queries import Looked, Works
from submission.gatherings import queries as gatherings
from submission.projects.finding import edition
from submission.showing import UNPROCESSABLE, frame, pairs

router = APIRouter(include_in_schema=False)
Announcer = Annotated[Person, needs(Role.ADVISER, Role.INSTRUCTOR, Role.ADMINISTRATOR, person=True)]
Worker = Annotated[Person, needs(Role.ADVISER, Role.INSTRUCTOR, person=True)]
MOST_DUE = 200


@router.get("/desk/programmes/{programme_id}/counters")
async def show_desk(
    request: Request,
    programme_id: UUID,
    pages: RoutePages,
    officer: Announcer,
    database: RouteDatabase,
    territory: Annotated[str, Query(max_length=60)] = "",
    state: Annotated[str, Query(max_length=60)] = "",
    desk: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """What is due, first to last, and the counters; what is looked for stands in the address."""
    looked = Looked(territory, state, desk)
    async with database.begin() as session:
        found = await edition(session, programme_id)
        works = Works(
            officer.territories(Role.ADVISER, programme_id),
            officer.territories(Role.INSTRUCTOR, programme_id),
        )
        desks = [(each.name, each.role, each.territories) for each in found.rules.desks or ()]
        due = await queries.due_handoffs(session, programme_id, looked, works, desks, MOST_DUE + 1)
        counters = await gatherings.listed(session, programme_id, territory)
        framed = await frame(request, pages, session, found)
    return pages.show(
        request,
        "desk-counters.html",
        person=officer,
        due=due[:MOST_DUE],
        more=len(due) > MOST_DUE,
        counters=counters,
        looked=looked,
        **framed,
    )


@router.get("/desk/counters/{gathering_id}")
async def show_counter(
    request: Request,
    gathering_id: UUID,
    pages: RoutePages,
    officer: Worker,
    database: RouteDatabase,
) -> Response:
    """Who comes to a counter, with their ideas, on one page."""
    async with database.begin() as session:
        counter = await gatherings.shown(session, gathering_id)
        if counter is None:
            raise CounterUnknown(f"there is no counter {gathering_id}")
        found = await edition(session, counter["programme_id"])
        desk = desk_of(found.rules, counter["desk"])
        check_works_at(officer, found.programme_id, desk, counter["territory"])
        people = await queries.people_at(session, gathering_id)
        framed = await frame(request, pages, session, found)
    return pages.show(
        request, "desk-counter.html", person=officer, counter=counter, people=people, **framed
    )


@router.get("/desk/handoffs/{handoff_id}")
async def show_handoff(
    request: Request,
    handoff_id: UUID,
    pages: RoutePages,
    officer: Worker,
    database: RouteDatabase,
) -> Response:
    """An idea at a desk, and everything that the desk can do with it."""
    return await show_again(request, pages, database, officer, handoff_id)


async def show_again(
    request: Request,
    pages: Pages,
    database: Database,
    officer: Person,
    handoff_id: UUID,
    act: str = "",
    data: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    """The page of a handoff; the form of a refused act as it was filled in."""
    async with database.begin() as session:
        handoff = await queries.shown(session, handoff_id)
        if handoff is None:
            raise HandoffUnknown(f"there is no handoff {handoff_id}")
        found = await edition(session, handoff["programme_id"])
        desk, territory = desk_of(found.rules, handoff["desk"]), handoff["territory"]
        check_works_at(officer, found.programme_id, desk, territory)
        listed = await gatherings.listed(session, found.programme_id, coming=True)
        before = await queries.handoffs_of(session, handoff["project_id"])
        framed = await frame(request, pages, session, found)
    mine = [
        each
        for each in listed
        if each["gathering_id"] != handoff["gathering_id"] or handoff["state"] == "requested"
        if gives_places(found.rules, handoff["desk"], each["desk"], each["territory"])
        if works_at(officer, found.programme_id, desk, each["territory"])
    ]
    return pages.show(
        request,
        "desk-handoff.html",
        status=UNPROCESSABLE if errors else 200,
        person=officer,
        handoff=handoff,
        desk=desk,
        before=[each for each in before if each["handoff_id"] != handoff_id],
        sessions=mine,
        desks=pairs(pages.language(request), others(found.rules, handoff["desk"])),
        acts=STEPS[handoff["state"]],
        act=act,
        values=data or {},
        errors=errors or {},
        **framed,
    )

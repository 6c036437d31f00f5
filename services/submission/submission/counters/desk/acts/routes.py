"""The acts of a desk: one transaction each, and its carrier is told."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time
from shared.people import FormData, Person, Role, needs
from shared.process import RouteDatabase
from shared.web.kit import RoutePages
from submission.carriers.telling import RouteTelling
from submission.counters import asking, placing
from submission.counters.cases import Case, locked
from submission.counters.desk.routes import show_again
from submission.counters.desks import check_desk_of, check_works_at
from submission.counters.handoffs import read_counter
from submission.counters.returning import give_back
from submission.gatherings.tables import Gathering
from submission.projects.standing import check_active
from submission.reading import FormRefused, Reader, reason_of
from submission.repeats import RouteFormAsked
from submission.showing import Went, again, went
from submission.texts import read_line, read_reason

router = APIRouter(include_in_schema=False)
Worker = Annotated[Person, needs(Role.ADVISER, Role.INSTRUCTOR, person=True)]
NOWHERE = UUID(int=0)


@router.post("/desk/handoffs/{handoff_id}/accept")
async def accept(
    handoff_id: UUID,
    asked: RouteFormAsked,
    officer: Worker,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """Take an idea on. Where it asked for a session it has its place there, or waits for one."""
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        case, back = await _case(session, handoff_id, officer)
        now, asked_for = await database_time(session), case.handoff.gathering_id
        if asked_for is not None and case.handoff.state == "requested":
            await placing.schedule(session, case, asked_for, officer.id, now, telling)
        else:
            await asking.accept(session, case, officer.id, now)
        return await went(session, asked, back)


@router.post("/desk/handoffs/{handoff_id}/schedule")
async def schedule(
    request: Request,
    handoff_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Worker,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """Give an idea a place at a session, or at another one."""
    try:
        reader = Reader(data)
        gathering_id = reader.read("counter", read_counter, NOWHERE)
        reader.done()
    except FormRefused as refused:
        show = partial(show_again, request, pages, database, officer, handoff_id, "schedule", data)
        return await again(request, pages, refused, show)
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        case, back = await _case(session, handoff_id, officer, gathering_id)
        if (gathering := case.gatherings.get(gathering_id)) is not None:
            check_gives(officer, case, gathering)
        now = await database_time(session)
        await placing.schedule(session, case, gathering_id, officer.id, now, telling)
        return await went(session, asked, back)


@router.post("/desk/handoffs/{handoff_id}/redirect")
async def redirect(
    request: Request,
    handoff_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Worker,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """Hand an idea on to another desk, with a reason that everybody can read."""
    try:
        reader = Reader(data)
        to = reader.read("desk", lambda written: read_line(written, "a desk"), "")
        reason = reader.read("reason", read_reason, "")
        reader.done()
    except FormRefused as refused:
        show = partial(show_again, request, pages, database, officer, handoff_id, "redirect", data)
        return await again(request, pages, refused, show)
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        case, _ = await _case(session, handoff_id, officer)
        now = await database_time(session)
        await asking.redirect(session, case, to, reason, officer.id, now, telling)
        return await went(session, asked, f"/desk/programmes/{case.found.programme_id}/counters")


@router.post("/desk/handoffs/{handoff_id}/decline")
async def decline(
    request: Request,
    handoff_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Worker,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """Decline an idea's request, with a reason that its carrier is told."""
    try:
        reason = reason_of(data)
    except FormRefused as refused:
        show = partial(show_again, request, pages, database, officer, handoff_id, "decline", data)
        return await again(request, pages, refused, show)
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        case, back = await _case(session, handoff_id, officer)
        now = await database_time(session)
        await give_back(
            session, case, "decline", now, reason=reason, officer=officer.id, telling=telling
        )
        return await went(session, asked, back)


@router.post("/desk/handoffs/{handoff_id}/attended")
async def mark_attended(
    handoff_id: UUID, asked: RouteFormAsked, officer: Worker, database: RouteDatabase
) -> Response:
    """The carrier was there."""
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        case, back = await _case(session, handoff_id, officer)
        await placing.attend(session, case, officer.id, await database_time(session))
        return await went(session, asked, back)


@router.post("/desk/handoffs/{handoff_id}/missed")
async def mark_missed(
    request: Request,
    handoff_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Worker,
    database: RouteDatabase,
) -> Response:
    """The carrier did not come; the reason says what is known of it, for everybody to read."""
    try:
        reason = reason_of(data)
    except FormRefused as refused:
        show = partial(show_again, request, pages, database, officer, handoff_id, "missed", data)
        return await again(request, pages, refused, show)
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        case, back = await _case(session, handoff_id, officer)
        await placing.miss(session, case, reason, officer.id, await database_time(session))
        return await went(session, asked, back)


@router.post("/desk/handoffs/{handoff_id}/return")
async def hand_back(
    request: Request,
    handoff_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Worker,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """Hand an idea back to its carrier, with what was found: she is told, everybody can read it."""
    try:
        reason = reason_of(data)
    except FormRefused as refused:
        show = partial(show_again, request, pages, database, officer, handoff_id, "return", data)
        return await again(request, pages, refused, show)
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        case, back = await _case(session, handoff_id, officer)
        now = await database_time(session)
        await give_back(
            session, case, "give_back", now, reason=reason, officer=officer.id, telling=telling
        )
        return await went(session, asked, back)


def check_gives(officer: Person, case: Case, gathering: Gathering) -> None:
    """Places at a session are given by who works there, not wherever the idea comes from. Raises
    `CounterElsewhere`, `Forbidden`."""
    check_desk_of(case.found.rules, case.handoff.desk, gathering)
    check_works_at(officer, case.found.programme_id, case.desk, gathering.territory)


async def _case(
    session: AsyncSession, handoff_id: UUID, officer: Person, *gatherings: UUID
) -> tuple[Case, str]:
    """A handoff with what it is about, all locked, for an officer of its desk; and the page that
    one goes back to. Raises `HandoffUnknown`, `Forbidden`, `ProjectNotActive`."""
    case = await locked(session, handoff_id, *gatherings)
    check_works_at(officer, case.found.programme_id, case.desk, case.territory)
    check_active(case.idea)
    gathering_id = case.handoff.gathering_id
    if gathering_id is None:
        return case, f"/desk/handoffs/{handoff_id}"
    return case, f"/desk/counters/{gathering_id}"

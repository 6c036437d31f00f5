"""The adviser's desk: what is due first, who comes to a counter, and each act with its form."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database, database_time
from shared.events.handoffs import HandoffAccepted, HandoffAttended, HandoffDeclined, HandoffMissed
from shared.people import FormData, Person, Role, needs
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from submission.carriers.telling import RouteTelling
from submission.counters import queries
from submission.counters.handoffs import (
    CounterUnknown,
    HandoffUnknown,
    check_accept,
    check_decline,
    check_mark,
)
from submission.counters.queries import Looked
from submission.counters.routes import about
from submission.counters.tables import Gathering, Handoff
from submission.projects import queries as projects
from submission.projects.finding import Edition, edition, idea_for_update
from submission.projects.recording import record
from submission.projects.tables import Idea
from submission.reading import FormRefused, Reader
from submission.repeats import RouteFormAsked
from submission.showing import UNPROCESSABLE, Went, again, frame, went
from submission.texts import read_reason
from submission.wording import publish_words

router = APIRouter(include_in_schema=False)
Announcer = Annotated[Person, needs(Role.ADVISER, Role.ADMINISTRATOR, person=True)]
Adviser = Annotated[Person, needs(Role.ADVISER, person=True)]
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
) -> Response:
    """What is due, first to last, and the counters; what is looked for stands in the address."""
    looked = Looked(territory, state)
    async with database.begin() as session:
        found = await edition(session, programme_id)
        mine = officer.territories(Role.ADVISER, programme_id)
        due = await queries.due_handoffs(session, programme_id, looked, mine, MOST_DUE + 1)
        counters = await queries.counters(session, programme_id, territory)
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
    officer: Adviser,
    database: RouteDatabase,
) -> Response:
    """Who comes to a counter, with their ideas, on one page."""
    return await _show_counter(request, pages, database, officer, gathering_id)


@router.post("/desk/handoffs/{handoff_id}/accept")
async def accept(
    handoff_id: UUID,
    asked: RouteFormAsked,
    officer: Adviser,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """Give an idea a place, and tell its carrier when and where."""
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        found, idea, gathering, handoff = await _handoff(session, handoff_id, officer)
        now = await database_time(session)
        taken = await queries.places_taken(session, gathering.gathering_id)
        check_accept(handoff, gathering, taken, now)
        handoff.state = "accepted"
        event = HandoffAccepted(**_of(handoff), officer=officer.id)
        await record(session, idea, found.log, event, now, **about(gathering))
        words = await projects.words(session, [gathering.place])
        await telling.tell(
            session,
            idea.project_id,
            "counter-appointment",
            place=words[gathering.place],
            begins_at=gathering.begins_at.isoformat(),
            ends_at=gathering.ends_at.isoformat(),
        )
        return await went(session, asked, f"/desk/counters/{gathering.gathering_id}")


@router.post("/desk/handoffs/{handoff_id}/decline")
async def decline(
    request: Request,
    handoff_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Adviser,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """Decline an idea's request, with a reason that its carrier is told."""
    try:
        reason = _reason(data)
    except FormRefused as refused:
        show = partial(_show_refused, request, pages, database, officer, handoff_id, data)
        return await again(request, pages, refused, show)
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        found, idea, gathering, handoff = await _handoff(session, handoff_id, officer)
        check_decline(handoff)
        now = await database_time(session)
        handoff.reason = await publish_words(session, reason)
        handoff.state = "declined"
        event = HandoffDeclined(**_of(handoff), reason=handoff.reason, officer=officer.id)
        await record(
            session, idea, found.log, event, now, **about(gathering), reason=handoff.reason
        )
        await telling.tell(session, idea.project_id, "counter-declined", reason=reason)
        return await went(session, asked, f"/desk/counters/{gathering.gathering_id}")


@router.post("/desk/handoffs/{handoff_id}/attended")
async def mark_attended(
    handoff_id: UUID, asked: RouteFormAsked, officer: Adviser, database: RouteDatabase
) -> Response:
    """The carrier was there."""
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        found, idea, gathering, handoff = await _handoff(session, handoff_id, officer)
        now = await database_time(session)
        check_mark(handoff, gathering, now, rehearsal=found.programme.rehearsal)
        handoff.state = "attended"
        event = HandoffAttended(**_of(handoff), officer=officer.id)
        await record(session, idea, found.log, event, now, **about(gathering))
        return await went(session, asked, f"/desk/counters/{gathering.gathering_id}")


@router.post("/desk/handoffs/{handoff_id}/missed")
async def mark_missed(
    request: Request,
    handoff_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Adviser,
    database: RouteDatabase,
) -> Response:
    """The carrier did not come; the reason says what is known of it, for everybody to read."""
    try:
        reason = _reason(data)
    except FormRefused as refused:
        show = partial(_show_refused, request, pages, database, officer, handoff_id, data)
        return await again(request, pages, refused, show)
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        found, idea, gathering, handoff = await _handoff(session, handoff_id, officer)
        now = await database_time(session)
        check_mark(handoff, gathering, now, rehearsal=found.programme.rehearsal)
        handoff.reason = await publish_words(session, reason)
        handoff.state = "missed"
        event = HandoffMissed(**_of(handoff), reason=handoff.reason, officer=officer.id)
        await record(
            session, idea, found.log, event, now, **about(gathering), reason=handoff.reason
        )
        return await went(session, asked, f"/desk/counters/{gathering.gathering_id}")


def _reason(data: Mapping[str, str]) -> str:
    """Why, as the form says it. Raises `FormRefused`."""
    reader = Reader(data)
    reason = reader.read("reason", read_reason, "")
    reader.done()
    return reason


async def _handoff(
    session: AsyncSession, handoff_id: UUID, officer: Person
) -> tuple[Edition, Idea, Gathering, Handoff]:
    """A handoff with what it is about, all locked, for an adviser of the counter's territory.

    Raises `HandoffUnknown`, `Forbidden`.
    """
    known = await queries.handoff(session, handoff_id)
    if known is None:
        raise HandoffUnknown(f"there is no handoff {handoff_id}")
    idea = await idea_for_update(session, known.project_id)
    gathering = await queries.gathering_for_update(session, known.gathering_id)
    assert gathering is not None
    officer.check(Role.ADVISER, gathering.programme_id, gathering.territory)
    handoff = await queries.handoff(session, handoff_id)  # as it stands behind the idea's lock
    assert handoff is not None
    return await edition(session, idea.programme_id), idea, gathering, handoff


async def _show_refused(
    request: Request,
    pages: Pages,
    database: Database,
    officer: Person,
    handoff_id: UUID,
    data: Mapping[str, str],
    errors: Mapping[str, str],
) -> Response:
    """The counter's page with a form of this handoff as it was filled in."""
    async with database.begin() as session:
        known = await queries.handoff(session, handoff_id)
    if known is None:
        raise HandoffUnknown(f"there is no handoff {handoff_id}")
    return await _show_counter(
        request, pages, database, officer, known.gathering_id, handoff_id, data, errors
    )


def _of(handoff: Handoff) -> dict[str, UUID]:
    return {
        "handoff_id": handoff.handoff_id,
        "project_id": handoff.project_id,
        "programme_id": handoff.programme_id,
        "gathering_id": handoff.gathering_id,
    }


async def _show_counter(
    request: Request,
    pages: Pages,
    database: Database,
    officer: Person,
    gathering_id: UUID,
    refused: UUID | None = None,
    data: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    async with database.begin() as session:
        counter = await queries.counter(session, gathering_id)
        if counter is None:
            raise CounterUnknown(f"there is no counter {gathering_id}")
        officer.check(Role.ADVISER, counter["programme_id"], counter["territory"])
        found = await edition(session, counter["programme_id"])
        people = await queries.people_at(session, gathering_id)
        framed = await frame(request, pages, session, found)
    return pages.show(
        request,
        "desk-counter.html",
        status=UNPROCESSABLE if errors else 200,
        person=officer,
        counter=counter,
        people=people,
        refused=refused,
        values=data or {},
        errors=errors or {},
        **framed,
    )

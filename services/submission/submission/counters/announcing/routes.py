"""The form of a new counter, and its announcement."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database, database_time
from shared.events.gatherings import GatheringAnnounced
from shared.outbox import announce
from shared.people import FormData, Person, Role, needs
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from submission.counters.gatherings import check_window, read_capacity, read_moment
from submission.counters.tables import Gathering
from submission.projects.finding import Edition, edition
from submission.projects.ideas import read_territory
from submission.reading import FormRefused, Reader
from submission.repeats import RouteFormAsked
from submission.showing import UNPROCESSABLE, Went, again, frame, went
from submission.texts import read_line
from submission.wording import SOURCE, publish_words

router = APIRouter(include_in_schema=False)
Announcer = Annotated[Person, needs(Role.ADVISER, Role.ADMINISTRATOR, person=True)]


@router.get("/desk/programmes/{programme_id}/counters/new")
async def show_form(
    request: Request,
    programme_id: UUID,
    pages: RoutePages,
    officer: Announcer,
    database: RouteDatabase,
) -> Response:
    """The form of a new counter."""
    return await _show(request, pages, database, officer, programme_id)


@router.post("/desk/programmes/{programme_id}/counters/new")
async def announce_counter(
    request: Request,
    programme_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Announcer,
    database: RouteDatabase,
) -> Response:
    """Announce a counter."""
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            found = await edition(session, programme_id)
            event = await _read(session, found, data)
            _check(officer, programme_id, event.territory)
            session.add(Gathering(**event.model_dump()))
            announce(session, event, source=SOURCE, log=found.log)
            return await went(session, asked, f"/desk/programmes/{programme_id}/counters")
    except FormRefused as refused:
        show = partial(_show, request, pages, database, officer, programme_id, data)
        return await again(request, pages, refused, show)


async def _read(
    session: AsyncSession, found: Edition, data: Mapping[str, str]
) -> GatheringAnnounced:
    now, reader = await database_time(session), Reader(data)
    never = datetime(1970, 1, 1, tzinfo=UTC)
    territory = reader.read("territory", partial(read_territory, found.rules), "")
    place = reader.read("place", lambda written: read_line(written, "a place"), "")
    begins_at = reader.read("begins_at", read_moment, never)
    ends_at = reader.read("ends_at", read_moment, never)
    if never not in (begins_at, ends_at):
        reader.check("ends_at", lambda: check_window(begins_at, ends_at, now))
    capacity = reader.read("capacity", read_capacity, 1)
    reader.done()
    return GatheringAnnounced(
        gathering_id=uuid4(),
        programme_id=found.programme_id,
        kind="counter",
        territory=territory,
        place=await publish_words(session, place),
        begins_at=begins_at,
        ends_at=ends_at,
        capacity=capacity,
    )


def _check(officer: Person, programme_id: UUID, territory: str) -> None:
    """Advisers announce for their territory, administrators for all. Raises `Forbidden`."""
    if not officer.may(Role.ADMINISTRATOR, programme_id):
        officer.check(Role.ADVISER, programme_id, territory)


async def _show(
    request: Request,
    pages: Pages,
    database: Database,
    officer: Person,
    programme_id: UUID,
    data: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    async with database.begin() as session:
        found = await edition(session, programme_id)
        framed = await frame(request, pages, session, found)
    return pages.show(
        request,
        "desk-counter-new.html",
        status=UNPROCESSABLE if errors else 200,
        person=officer,
        values=data or {},
        errors=errors or {},
        **framed,
    )

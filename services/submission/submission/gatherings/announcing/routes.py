"""The form of a new session, and its announcement."""

from collections.abc import Mapping
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
from submission.counters.cases import HELD
from submission.counters.desks import TO_MARK, check_works_at, declared, desk_of
from submission.deadlines.queries import set_deadline
from submission.gatherings.forms import read_session
from submission.gatherings.publishing import published, row_of
from submission.gatherings.tables import Gathering
from submission.projects.finding import Edition, edition
from submission.projects.ideas import read_territory
from submission.reading import FormRefused, Reader
from submission.repeats import RouteFormAsked
from submission.showing import UNPROCESSABLE, Went, again, frame, went
from submission.wording import SOURCE

router = APIRouter(include_in_schema=False)
Announcer = Annotated[Person, needs(Role.ADVISER, Role.INSTRUCTOR, Role.ADMINISTRATOR, person=True)]


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
            _check(officer, found, event)
            session.add(Gathering(**row_of(event.model_dump())))
            await set_deadline(session, HELD, event.gathering_id, event.ends_at + TO_MARK)
            announce(session, event, source=SOURCE, log=found.log)
            return await went(session, asked, f"/desk/programmes/{programme_id}/counters")
    except FormRefused as refused:
        show = partial(_show, request, pages, database, officer, programme_id, data)
        return await again(request, pages, refused, show)


async def _read(
    session: AsyncSession, found: Edition, data: Mapping[str, str]
) -> GatheringAnnounced:
    now, reader = await database_time(session), Reader(data)
    territory = reader.read("territory", partial(read_territory, found.rules), "")
    desk = reader.read("desk", lambda written: _read_desk(found, written), None)
    read = read_session(reader, found.rules, now)
    reader.done()
    return GatheringAnnounced(
        gathering_id=uuid4(),
        programme_id=found.programme_id,
        kind="counter",
        territory=territory,
        desk=desk,
        **await published(session, read),
    )


def _read_desk(found: Edition, written: str) -> str | None:
    """Whose session it is, where the charter names desks. Raises `DeskUnknown`."""
    if not found.rules.desks:
        return None
    return declared(found.rules, written).name


def _check(officer: Person, found: Edition, event: GatheringAnnounced) -> None:
    """Officers of its desk announce a session, administrators all. Raises `Forbidden`."""
    if not officer.may(Role.ADMINISTRATOR, found.programme_id):
        desk = desk_of(found.rules, event.desk)
        check_works_at(officer, found.programme_id, desk, event.territory)


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

"""The forms that change a session, cancel it, or close its list."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database, database_time
from shared.events.gatherings import GatheringAmended, GatheringCancelled
from shared.outbox import announce
from shared.people import FormData, Person, Role, needs
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from shared.web.refused import wants_page
from submission.carriers.telling import RouteTelling, Telling
from submission.counters import queries as handoffs
from submission.counters.cases import CANCELLED, HELD, PLACES, due
from submission.counters.desks import TO_MARK, answer_by, check_works_at, desk_of
from submission.counters.handoffs import CounterUnknown
from submission.counters.placing import date_place, date_waiting, tell_place, tell_waiting
from submission.deadlines.queries import clear_deadline, set_deadline
from submission.gatherings import queries
from submission.gatherings.forms import Session, read_session, written_session
from submission.gatherings.gatherings import check_announced, check_closing
from submission.gatherings.holding import hold
from submission.gatherings.places import check_capacity
from submission.gatherings.publishing import published, row_of
from submission.gatherings.tables import Gathering
from submission.projects import queries as projects
from submission.projects.finding import Edition, edition
from submission.reading import FormRefused, Reader
from submission.repeats import RouteFormAsked
from submission.showing import CONFLICT, UNPROCESSABLE, Went, again, frame, pairs, went
from submission.texts import read_reason
from submission.versions import ChangedMeanwhile, Shown
from submission.wording import SOURCE, publish_words

router = APIRouter(include_in_schema=False)
Host = Annotated[Person, needs(Role.ADVISER, Role.INSTRUCTOR, Role.ADMINISTRATOR, person=True)]


@router.get("/desk/counters/{gathering_id}/amend")
async def show_amendment(
    request: Request,
    gathering_id: UUID,
    pages: RoutePages,
    officer: Host,
    database: RouteDatabase,
) -> Response:
    """What a session says, to be changed, or cancelled."""
    return await _show(request, pages, database, officer, gathering_id)


@router.post("/desk/counters/{gathering_id}/amend")
async def amend(
    request: Request,
    gathering_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Host,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """Change a session: who has a place keeps it. Where it is moved, she and whoever waits for a
    place are told where and when it is now.

    The form says all of it: where another officer changed it meanwhile, both versions are shown,
    and nothing is recorded."""
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            found, gathering = await _locked(session, gathering_id, officer)
            now, reader = await database_time(session), Reader(data)
            check_announced(gathering, now)
            (await _shown(session, gathering)).check(data)
            counts = await queries.counts(session, gathering_id)
            read = read_session(reader, found.rules, now)
            reader.check("capacity", lambda: check_capacity(read.capacity, counts))
            reason = reader.read("reason", read_reason, "")
            reader.done()
            moved = await _moved(session, gathering, read)
            said = await published(session, read)
            event = GatheringAmended(
                gathering_id=gathering_id,
                programme_id=gathering.programme_id,
                kind="counter",
                territory=gathering.territory,
                desk=gathering.desk,
                **said,
                reason=await publish_words(session, reason),
                officer=officer.id,
            )
            for name, value in row_of(said).items():
                setattr(gathering, name, value)
            gathering.changes += 1
            announce(session, event, source=SOURCE, log=found.log)
            await session.flush()
            await _redate(session, found, gathering, telling if moved else None)
            return await went(session, asked, f"/desk/counters/{gathering_id}")
    except ChangedMeanwhile:
        if not wants_page(request):
            raise
        return await _show(request, pages, database, officer, gathering_id, data, changed=True)
    except FormRefused as refused:
        show = partial(_show, request, pages, database, officer, gathering_id, data)
        return await again(request, pages, refused, show)


async def _moved(session: AsyncSession, gathering: Gathering, read: Session) -> bool:
    """Whether a session is at another place or time than it was."""
    known = (await projects.words(session, [gathering.place])).get(gathering.place)
    was = known, gathering.begins_at, gathering.ends_at, gathering.online
    return was != (read.place, read.begins_at, read.ends_at, read.online)


async def _redate(
    session: AsyncSession, found: Edition, gathering: Gathering, telling: Telling | None
) -> None:
    """What was due of a session is due otherwise; of one that was moved, whoever has a place or
    waits for one is told."""
    now, gathering_id = await database_time(session), gathering.gathering_id
    await set_deadline(session, HELD, gathering_id, gathering.ends_at + TO_MARK)
    await set_deadline(session, PLACES, gathering_id, now)
    for handoff in await handoffs.asked_of(session, gathering_id, "scheduled"):
        await date_place(session, handoff, found.rules, gathering, now)
        if telling is not None:
            await tell_place(session, handoff.project_id, gathering, telling)
    for handoff in await handoffs.asked_of(session, gathering_id, "awaiting"):
        await date_waiting(session, handoff, gathering, now)
        if telling is not None:
            await tell_waiting(session, handoff.project_id, gathering, telling)
    for handoff in await handoffs.asked_of(session, gathering_id, "requested"):
        desk = desk_of(found.rules, handoff.desk)
        await due(session, handoff, answer_by(desk, handoff.requested_at, gathering))


@router.post("/desk/counters/{gathering_id}/cancel")
async def cancel(
    request: Request,
    gathering_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Host,
    database: RouteDatabase,
) -> Response:
    """Cancel a session. Each handoff that was for it goes on by itself right after: back to the
    desk, which owes it another session, or to its carrier."""
    reader = Reader(data)
    written = reader.read("reason", read_reason, "")
    try:
        reader.done()
    except FormRefused as refused:
        show = partial(_show, request, pages, database, officer, gathering_id, {"cancel": "yes"})
        return await again(request, pages, refused, show)
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        found, gathering = await _locked(session, gathering_id, officer)
        now = await database_time(session)
        check_announced(gathering, now)
        gathering.reason = await publish_words(session, written)
        gathering.state, gathering.ended_by = "cancelled", officer.id
        gathering.changes += 1
        event = GatheringCancelled(
            gathering_id=gathering_id,
            programme_id=gathering.programme_id,
            reason=gathering.reason,
            officer=officer.id,
        )
        announce(session, event, source=SOURCE, log=found.log)
        await clear_deadline(session, HELD, gathering_id)
        await clear_deadline(session, PLACES, gathering_id)
        for handoff_id in await handoffs.open_at(session, gathering_id):
            await set_deadline(session, CANCELLED, handoff_id, now)
        return await went(session, asked, f"/desk/counters/{gathering_id}")


@router.post("/desk/counters/{gathering_id}/held")
async def close_list(
    gathering_id: UUID, asked: RouteFormAsked, officer: Host, database: RouteDatabase
) -> Response:
    """Close the list of a session at which everybody is marked: how many came is announced."""
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        found, gathering = await _locked(session, gathering_id, officer)
        now = await database_time(session)
        placed = await handoffs.asked_of(session, gathering_id, "scheduled")
        check_closing(gathering, len(placed), now, rehearsal=found.programme.rehearsal)
        await hold(session, gathering, found.log)
        await set_deadline(session, HELD, gathering_id, now)
        return await went(session, asked, f"/desk/counters/{gathering_id}")


async def _locked(
    session: AsyncSession, gathering_id: UUID, officer: Person
) -> tuple[Edition, Gathering]:
    """A session, locked, for an officer of its desk. Raises `CounterUnknown`, `Forbidden`."""
    locked = await queries.gatherings_for_update(session, {gathering_id})
    if (gathering := locked.get(gathering_id)) is None:
        raise CounterUnknown(f"there is no counter {gathering_id}")
    found = await edition(session, gathering.programme_id)
    check_host(officer, found, gathering.desk, gathering.territory)
    return found, gathering


def check_host(officer: Person, found: Edition, desk: str | None, territory: str) -> None:
    """Raises `Forbidden`."""
    if not officer.may(Role.ADMINISTRATOR, found.programme_id):
        check_works_at(officer, found.programme_id, desk_of(found.rules, desk), territory)


async def _shown(session: AsyncSession, gathering: Gathering) -> Shown:
    """A session as the form that changes it shows it now."""
    said = [each for each in (gathering.place, gathering.title, gathering.host) if each is not None]
    words = await projects.words(session, said)
    return Shown(written_session(gathering, words), str(gathering.changes))


async def _show(
    request: Request,
    pages: Pages,
    database: Database,
    officer: Person,
    gathering_id: UUID,
    data: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    *,
    changed: bool = False,
) -> Response:
    """The form, as it was sent or as the session is kept; below both versions where that was
    `changed` since the form was opened: sent again, it replaces the kept one."""
    async with database.begin() as session:
        gathering = await queries.gathering(session, gathering_id)
        counter = await queries.shown(session, gathering_id)
        if gathering is None or counter is None:
            raise CounterUnknown(f"there is no counter {gathering_id}")
        found = await edition(session, gathering.programme_id)
        check_host(officer, found, gathering.desk, gathering.territory)
        kept = await _shown(session, gathering)
        framed = await frame(request, pages, session, found)
    given = data or {}
    cancelling = bool(given.get("cancel"))
    changed = changed or (not cancelling and kept.stale(given))
    workshops = () if found.rules.counters is None else found.rules.counters.workshops or ()
    return pages.show(
        request,
        "desk-counter-amend.html",
        status=CONFLICT if changed else UNPROCESSABLE if errors else 200,
        person=officer,
        counter=counter,
        values=kept.said if cancelling or not given else given,
        errors={} if cancelling else errors or {},
        cancel_errors=errors or {} if cancelling else {},
        hidden=kept.hidden,
        was_changed=changed,
        changed=kept.changed(given) if changed else (),
        workshop_names={f"workshop-{n}": w for n, w in pairs(pages.language(request), workshops)},
        labels={},
        **framed,
    )

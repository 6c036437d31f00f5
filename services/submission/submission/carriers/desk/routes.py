"""The desk of carriers: what each lacks for its agreement, and finding it in order."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database, database_time
from shared.events.carriers import AidEntered, AidRemoved
from shared.events.charter import CharterRules
from shared.people import FormData, Person, Role, needs
from shared.people.roles import Forbidden
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from shared.web.refused import wants_page
from submission.carriers import queries
from submission.carriers.agreeing import (
    ask,
    check_signer,
    clear,
    granted,
    missing_for_agreement,
    signs,
    tell_aid,
    withdraw,
)
from submission.carriers.clearing import (
    LACKS,
    CarrierUnknown,
    ClearingRefused,
    ContractDayRefused,
    DeMinimisPassed,
    Seen,
    had,
    required,
)
from submission.carriers.desk.queries import carried
from submission.carriers.desk.shown import shown
from submission.carriers.limits import PARIS, submitting
from submission.carriers.organisations import queries as organisations
from submission.carriers.organisations.declaring import read_day
from submission.carriers.organisations.keeping import name_of, organisation_of
from submission.carriers.organisations.routes import forget_aid, keep_aid, translated
from submission.carriers.tables import Carriage
from submission.carriers.telling import RouteTelling
from submission.carriers.types import CARRIER_TYPES, PARTS
from submission.projects import queries as projects
from submission.projects.finding import Edition, edition, idea_for_update, known_idea
from submission.projects.tables import Idea
from submission.reading import FormRefused, Reader, reason_of
from submission.repeats import RouteFormAsked
from submission.showing import CONFLICT, UNPROCESSABLE, Went, again, frame, went
from submission.versions import ChangedMeanwhile, Shown

router = APIRouter(include_in_schema=False)
Instructor = Annotated[Person, needs(Role.INSTRUCTOR, person=True)]
NOT_IN_ORDER: Final = (ClearingRefused, ContractDayRefused, DeMinimisPassed)
OF_CARRIER: Final = "/desk/projects/{project_id}/carriers/{carrier}"


@router.get("/desk/programmes/{programme_id}/carriers")
async def list_carriers(
    request: Request,
    programme_id: UUID,
    pages: RoutePages,
    officer: Instructor,
    database: RouteDatabase,
) -> Response:
    """Who answers for each dossier, those that are not in order first."""
    mine = officer.territories(Role.INSTRUCTOR, programme_id)
    if mine == ():
        raise Forbidden("this needs the role instructor in this programme")
    async with database.begin() as session:
        found = await edition(session, programme_id)
        sponsored = submitting(found.rules).sponsored or ()
        rows = await carried(session, programme_id, mine, sponsored)
        framed = await frame(request, pages, session, found)
    return pages.show(
        request,
        "desk-carriers.html",
        person=officer,
        rows=rows,
        checked={each["type"] for each in rows if required(found.rules, each["type"])},
        types=translated(request, pages, CARRIER_TYPES),
        **framed,
    )


@router.get("/desk/projects/{project_id}/carriers")
async def show_carriers(
    request: Request,
    project_id: UUID,
    pages: RoutePages,
    officer: Instructor,
    database: RouteDatabase,
) -> Response:
    """Everybody who has a part in a project, and what its agreement lacks."""
    return await _show(request, pages, database, officer, project_id)


@router.post(OF_CARRIER + "/clear")
async def clear_carrier(
    request: Request,
    project_id: UUID,
    carrier: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Instructor,
    database: RouteDatabase,
) -> Response:
    """Find who answers for a project in order, as the officer was shown it: where it is another by
    now, she is shown both versions, and nothing is recorded."""
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            found, idea = await _for_update(session, project_id, officer)
            now = await database_time(session)
            seen = _read_seen(data)
            who = await check_signer(session, found, project_id, carrier)
            (await _shown(session, who, lock=True)).check(data)
            await clear(session, found, idea, carrier, seen, officer.id, now)
            return await went(session, asked, f"/desk/projects/{project_id}/carriers")
    except ChangedMeanwhile:
        if not wants_page(request):
            raise
        of = (request, pages, database, officer, project_id)
        return await _show(*of, "clear", data, changed=True)
    except (FormRefused, *NOT_IN_ORDER) as refused:
        # The page says beside the form what is missing.
        wrong = refused if isinstance(refused, FormRefused) else FormRefused({"status": refused})
        show = partial(_show, request, pages, database, officer, project_id, "clear", data)
        return await again(request, pages, wrong, show)


@router.post(OF_CARRIER + "/withdraw")
async def withdraw_clearance(
    request: Request,
    project_id: UUID,
    carrier: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Instructor,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """Find it in order no more, with a reason; it is told what it lacks."""
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            found, idea = await _for_update(session, project_id, officer)
            reason = reason_of(data)
            now = await database_time(session)
            await withdraw(session, found, idea, carrier, reason, officer.id, now, telling)
            return await went(session, asked, f"/desk/projects/{project_id}/carriers")
    except FormRefused as refused:
        show = partial(_show, request, pages, database, officer, project_id, "withdraw", data)
        return await again(request, pages, refused, show)


@router.post(OF_CARRIER + "/ask")
async def ask_carrier(
    project_id: UUID,
    carrier: UUID,
    asked: RouteFormAsked,
    officer: Instructor,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """Mail its carrier what is missing still, and say in public that it was asked for it."""
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        found, idea = await _for_update(session, project_id, officer)
        await check_signer(session, found, project_id, carrier)
        now = await database_time(session)
        await ask(session, found, idea, carrier, officer.id, now, telling)
        return await went(session, asked, f"/desk/projects/{project_id}/carriers?told=yes")


@router.post("/desk/projects/{project_id}/aids")
async def enter_aid(
    request: Request,
    project_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Instructor,
    database: RouteDatabase,
) -> Response:
    """Enter an aid that who answers for a project declared on paper, with a reason."""
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            found, idea, of = await _answering(session, project_id, officer)
            reason, aid = reason_of(data), await keep_aid(session, of, data)
            await tell_aid(session, found, idea, AidEntered, aid, reason, officer.id)
            return await went(session, asked, f"/desk/projects/{project_id}/carriers")
    except FormRefused as refused:
        show = partial(_show, request, pages, database, officer, project_id, "aid", data)
        return await again(request, pages, refused, show)


@router.post("/desk/projects/{project_id}/aids/{aid_id}/remove")
async def remove_aid(
    request: Request,
    project_id: UUID,
    aid_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Instructor,
    database: RouteDatabase,
) -> Response:
    """Take back an aid that was entered wrongly, with a reason."""
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            found, idea, of = await _answering(session, project_id, officer)
            reason = reason_of(data)
            if (aid := await forget_aid(session, of, aid_id)) is not None:
                await tell_aid(session, found, idea, AidRemoved, aid, reason, officer.id)
            return await went(session, asked, f"/desk/projects/{project_id}/carriers")
    except FormRefused as refused:
        show = partial(_show, request, pages, database, officer, project_id, str(aid_id), data)
        return await again(request, pages, refused, show)


async def _answering(
    session: AsyncSession, project_id: UUID, officer: Person
) -> tuple[Edition, Idea, UUID]:
    """A locked project, and the organisation that answers for it. Raises `CarrierUnknown`."""
    found, idea = await _for_update(session, project_id, officer)
    who = await signs(session, found, project_id)
    if who is None or who.organisation_id is None:
        raise CarrierUnknown("no organisation answers for this project")
    return found, idea, who.organisation_id


def _read_seen(data: Mapping[str, str]) -> Seen:
    """What an officer saw, as the form says it. Raises `FormRefused`."""
    reader = Reader(data)
    signed_on = reader.read("contract_on", lambda w: read_day(w) if w.strip() else None, None)
    reader.done()
    return Seen(status=bool(data.get("status")), contract_on=signed_on)


async def _for_update(
    session: AsyncSession, project_id: UUID, officer: Person
) -> tuple[Edition, Idea]:
    """A project's edition and its locked idea, for an instructor of its territory."""
    known = await known_idea(session, project_id)
    officer.check(Role.INSTRUCTOR, known.programme_id, known.territory)
    found = await edition(session, known.programme_id)
    return found, await idea_for_update(session, project_id)


async def _shown(session: AsyncSession, who: Carriage, *, lock: bool = False) -> Shown:
    """Who would sign, as the page shows it now; where `lock` says so, it stays so until the
    transaction ends."""
    of = await organisation_of(session, who)
    if of is not None and lock:
        of = await organisations.organisation_for_update(session, of.organisation_id)
    project = await projects.project(session, who.project_id)
    cost = None if project is None else project.cost
    if of is None:
        contact = await queries.carrier(session, who.project_id)
        return shown(who, None, (contact and contact.name) or "", (), cost)
    aids = await organisations.aids(session, of.organisation_id)
    return shown(who, of, await name_of(session, of), aids, cost)


async def _show(
    request: Request,
    pages: Pages,
    database: Database,
    officer: Person,
    project_id: UUID,
    act: str = "",
    data: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    *,
    changed: bool = False,
) -> Response:
    """Its carriers, and what an officer wrote; both versions of who would sign, where that was
    `changed` since she opened the page."""
    async with database.begin() as session:
        idea = await known_idea(session, project_id)
        officer.check(Role.INSTRUCTOR, idea.programme_id, idea.territory)
        found = await edition(session, idea.programme_id)
        project = await projects.project(session, project_id)
        who = await signs(session, found, project_id)
        # Before all else that is shown: changed in between, the form is refused.
        seen = Shown({}) if who is None else await _shown(session, who)
        carriers = await queries.carriers_named(session, project_id)
        now = await database_time(session)
        lacks = await missing_for_agreement(session, found, project_id, now)
        of = who.organisation_id if who is not None else None
        aids = await organisations.aids(session, of) if of is not None else ()
        all_aids = await granted(session, of, project_id) if of is not None else []
        contact = await queries.carrier(session, project_id)
        words = await projects.words(
            session, [project.title if project is not None else None, idea.title]
        )
        framed = await frame(request, pages, session, found)
    title = project.title if project is not None else idea.title
    changed = changed or (act == "clear" and seen.stale(data))
    types = translated(request, pages, CARRIER_TYPES)
    told: dict[str, Any] = {
        "idea": idea,
        "project": project,
        "idea_title": words.get(title, ""),
        "carriers": carriers,
        "signer": who,
        "checks": _named(required(found.rules, who.type) if who is not None else ()),
        "lacks": _named(lacks),
        "aids": aids,
        "had": had(all_aids, now.astimezone(PARIS).date()),
        "ceiling": found.rules.funding.de_minimis if found.rules.funding else None,
        "contact": contact,
        "types": types,
        "hidden": seen.hidden,
        "was_changed": changed,
        "changed": seen.changed(data or {}) if changed else (),
        "labels": types | _labels(found.rules, pages.language(request)),
        "part_names": translated(request, pages, PARTS),
        "told": bool(request.query_params.get("told")),
        "act": act,
        "values": data or {},
        "errors": errors or {},
    }
    status = CONFLICT if changed else UNPROCESSABLE if errors else 200
    return pages.show(
        request, "desk-carriers-of.html", status=status, person=officer, **told, **framed
    )


def _labels(rules: CharterRules, language: str) -> dict[str, str]:
    named = (*rules.territories, *rules.carrier_statuses)
    return {each.name: str(getattr(each, language)) for each in named}


def _named(names: Sequence[str]) -> list[Any]:
    return [LACKS[name] for name in names]

"""The officers' desk: where the work is, phases re-dated, options frozen. Each is asked for here
and confirmed by another officer, but for what a rehearsal's charter leaves to one."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.charters import CharterRefused, Problem
from shared.database import database_time, raw
from shared.events.submission import OptionsFrozen
from shared.people import FormData, Person, Role, needs
from shared.people import queries as people
from shared.people.second_officer import read_reason
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from submission import queries as submission_queries
from submission.freezing import asked_for
from submission.gatherings.gatherings import read_moment
from submission.labelling.labels import committee
from submission.labelling.rounds import votable
from submission.programmes import queries
from submission.programmes.acts import acts_of, ask, freezable, redating
from submission.programmes.problems import told
from submission.projects.finding import Edition, edition
from submission.repeats import RouteFormAsked
from submission.showing import UNPROCESSABLE, Went, frame, may_of, went
from submission.wording import publish_words

router = APIRouter(include_in_schema=False)
Administrator = Annotated[Person, needs(Role.ADMINISTRATOR, person=True)]
Leader = Annotated[Person, needs(Role.ADMINISTRATOR, Role.RETURNING_OFFICER, person=True)]
Officer = Annotated[Person, needs(*Role, person=True)]
DESK = "/desk/programmes"


@router.get("/desk")
async def show_desk(
    request: Request, pages: RoutePages, officer: Officer, database: RouteDatabase
) -> Response:
    """Where an officer's work is, programme by programme."""
    async with database.begin() as session:
        listed = await queries.listed_programmes(session)
        acts = await acts_of(request).listed(session, officer)
    return pages.show(
        request,
        "desk-home.html",
        person=officer,
        may=may_of(officer),
        programmes=[each for each in listed if each["rules"]],
        labelling={
            each["programme_id"]
            for each in listed
            if any(
                officer.territories(role, each["programme_id"]) != ()
                for role in (Role.COMMITTEE, Role.INSTRUCTOR)
            )
        },
        waiting=len([act for act in acts if act.state == "waiting"]),
    )


@router.get(DESK)
async def list_programmes(
    request: Request, pages: RoutePages, officer: Leader, database: RouteDatabase
) -> Response:
    """The programmes, and the charters that wait for a second officer."""
    async with database.begin() as session:
        listed = await queries.listed_programmes(session)
        acts = await acts_of(request).listed(session, officer)
        names = await people.names_of(await raw(session))
        now = await database_time(session)
    proposed = [act for act in acts if act.act == "publish-charter" and act.state == "waiting"]
    return pages.show(
        request,
        "desk-programmes.html",
        person=officer,
        may=may_of(officer),
        programmes=listed,
        proposed=proposed,
        names=names,
        now=now,
    )


@router.get(f"{DESK}/{{programme_id}}")
async def show_programme(
    request: Request,
    programme_id: UUID,
    pages: RoutePages,
    officer: Leader,
    database: RouteDatabase,
) -> Response:
    """The phases of a programme, each with a form for other dates, and the options of its vote."""
    return await _show(request, pages, database, officer, programme_id)


async def _show(
    request: Request,
    pages: Pages,
    database: Any,
    officer: Person,
    programme_id: UUID,
    problems: Sequence[Problem] = (),
) -> Response:
    async with database.begin() as session:
        found = await edition(session, programme_id)
        framed = await frame(request, pages, session, found)
        figures = await queries.figures(session, programme_id)
        round_row = await submission_queries.round_of(session, programme_id)
        bodies_rounds = await queries.rounds_of_bodies(session, programme_id)
        acts = await acts_of(request).listed(session, officer)
    return pages.show(
        request,
        "desk-programme.html",
        status=UNPROCESSABLE if problems else 200,
        person=officer,
        figures=figures,
        round_row=round_row,
        committee=committee(found.rules),
        bodies_rounds=bodies_rounds,
        waiting=[a for a in acts if a.state == "waiting" and a.programme_id == programme_id],
        administers=officer.may(Role.ADMINISTRATOR, programme_id),
        returns=officer.may(Role.RETURNING_OFFICER, programme_id),
        problems=told(pages, request, problems),
        **framed,
    )


@router.post(f"{DESK}/{{programme_id}}/phases/{{name}}")
async def redate(
    request: Request,
    programme_id: UUID,
    name: str,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Administrator,
    database: RouteDatabase,
) -> Response:
    """Ask for another window of a phase. What could not be done is refused now, too."""
    officer.check(Role.ADMINISTRATOR, programme_id)
    opens_at = read_moment(opens) if (opens := data.get("opens", "")) else None
    closes_at = read_moment(data.get("closes", ""))
    reason = read_reason(data.get("reason", ""))
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            found = await edition(session, programme_id)
            phase, _ = await redating(session, found.programme, name, opens_at, closes_at)
            await ask(
                session,
                acts_of(request),
                "redate-phase",
                found.rules,
                {
                    "programme_id": str(programme_id),
                    "phase": name,
                    "opens_at": (opens_at or phase.opens_at).isoformat(),
                    "closes_at": closes_at.isoformat(),
                    "reason": await publish_words(session, reason),
                },
                about=f"{programme_id}/{name}",
                reason=reason,
                by=officer,
                programme_id=programme_id,
            )
            return await went(session, asked, f"{DESK}/{programme_id}")
    except CharterRefused as refused:
        return await _show(request, pages, database, officer, programme_id, refused.problems)


@router.post(f"{DESK}/{{programme_id}}/freeze")
async def freeze(
    request: Request,
    programme_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    officer: Annotated[Person, needs(Role.RETURNING_OFFICER, person=True)],
    database: RouteDatabase,
) -> Response:
    """Ask for the labelled projects to become the options of the vote."""
    officer.check(Role.RETURNING_OFFICER, programme_id)
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        found = await edition(session, programme_id)
        _, event = await freezable(session, programme_id)
        await _ask_to_freeze(request, session, found, data, officer, event)
        return await went(session, asked, f"{DESK}/{programme_id}")


@router.post(f"{DESK}/{{programme_id}}/committee")
async def give_to_committee(
    request: Request,
    programme_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    officer: Annotated[Person, needs(Role.RETURNING_OFFICER, person=True)],
    database: RouteDatabase,
) -> Response:
    """Ask for the complete dossiers to become what the committee votes on."""
    officer.check(Role.RETURNING_OFFICER, programme_id)
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        found = await edition(session, programme_id)
        _, event = await votable(session, programme_id)
        await _ask_to_freeze(request, session, found, data, officer, event)
        return await went(session, asked, f"{DESK}/{programme_id}")


async def _ask_to_freeze(
    request: Request,
    session: AsyncSession,
    found: Edition,
    data: Mapping[str, str],
    officer: Person,
    event: OptionsFrozen,
) -> None:
    """Ask for a round's options: the residents', or those of a body of the charter."""
    programme_id, body = found.programme_id, event.body_name
    await ask(
        session,
        acts_of(request),
        "freeze-options",
        found.rules,
        asked_for(event),
        about=str(programme_id) if body is None else f"{programme_id}/{body}",
        reason=data.get("reason", ""),
        by=officer,
        programme_id=programme_id,
    )

"""The work lists of officers and of residents: filters, what is due first, and what is new."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from shared.database import Database
from shared.people import FormData, Person, Role, needs, residents
from shared.people.second_officer import Waiting
from shared.process import RouteDatabase
from shared.web.kit import RoutePages
from submission.carriers.types import PARTS
from submission.programmes.acts import acts_of
from submission.projects.stages import STAGES
from submission.projects.work import queries
from submission.projects.work.own import OWN_TASKS, Own, own
from submission.projects.work.work import (
    DUE,
    IS_DUE,
    MOST,
    TASKS,
    Charter,
    Looked,
    by_end,
    is_soon,
    named,
    read_looked,
    read_seen,
    wanted,
)
from submission.repeats import Asked, RouteFormAsked
from submission.showing import Went, stage_names, went

router = APIRouter(include_in_schema=False)
Officer = Annotated[Person, needs(*Role, person=True)]
Resident = Annotated[Person, residents]
WORK, MINE = "/desk/work", "/ideas/mine"


@router.get(WORK)
async def show_work(
    request: Request, pages: RoutePages, officer: Officer, database: RouteDatabase
) -> Response:
    """What is due first, and what changed since this officer's last visit. What is looked for
    stands in the address; without any, it is what she looked for last."""
    looked = read_looked(request.query_params)
    async with database.begin() as session:
        visit = await queries.visit(session, officer.id)
        if not request.query_params and not (kept := read_looked(visit.looked)).anything:
            return RedirectResponse(f"{WORK}?{kept.query}", 303)
        tasks = await queries.tasks(session, officer, looked, visit.last)
        votes = await queries.votes(session, officer, looked)
        changed = (
            ()
            if visit.last is None
            else await queries.changed(session, officer, looked, visit.last)
        )
        acts = await acts_of(request).listed(session, officer)
        charters = await queries.charters(session, officer)
    now = visit.now.at
    language = pages.language(request)
    known = {each.programme_id: each for each in charters}
    return pages.show(
        request,
        "desk-work.html",
        person=officer,
        looked=looked,
        tasks=by_end(dict(each) for each in (*votes, *tasks[:MOST])),
        more=len(tasks) > MOST,
        changed=changed[:MOST],
        visit=visit,
        now=now,
        acts=[each for each in acts if _mine(each, officer, looked)],
        is_soon=lambda each: is_soon(now, each["due_at"], each["remind"]),
        place=lambda each: _place(known, each, language),
        body=lambda each: _body(known, each, language),
        programme_pairs=[(str(each.programme_id), each.title) for each in charters],
        territory_pairs=named(language, (each.territories for each in charters)),
        desk_pairs=named(language, (each.desks for each in charters)),
        theme_pairs=named(language, (each.themes for each in charters)),
        stage_pairs=[(name, pages.translate(language, words)) for name, words in STAGES.items()],
        task_names={name: pages.translate(language, words) for name, words in TASKS.items()},
        due_pairs=[(name, pages.translate(language, words)) for name, words in DUE.items()],
        stage_names=stage_names(pages, language),
    )


@router.get(MINE)
async def list_own_ideas(
    request: Request, pages: RoutePages, person: Resident, database: RouteDatabase
) -> Response:
    """The projects in which this resident has a part: what is due and until when, the soonest
    first, and what changed since her last visit. Filters do not stay: they would hide a new idea.
    """
    looked = read_looked(request.query_params)
    async with database.begin() as session:
        visit = await queries.visit(session, person.id)
        rows = await queries.own(session, person.id, visit.last)
    language, now = pages.language(request), visit.now.at
    every = sorted((own(dict(row), now) for row in rows[:MOST]), key=lambda each: each.soonest)
    listed = [each for each in every if wanted(looked, each.row, each.due, now)]
    titled = {str(each.row["programme_id"]): each.row["programme"] or "—" for each in every}
    return pages.show(
        request,
        "mine.html",
        person=person,
        looked=looked,
        listed=listed,
        every=every,
        more=len(rows) > MOST,
        changed=() if visit.last is None else _changed(listed),
        visit=visit,
        now=now,
        programme_pairs=[*titled.items()],
        stage_pairs=[(name, pages.translate(language, words)) for name, words in STAGES.items()],
        due_pairs=[
            (name, pages.translate(language, words)) for name, words in {**IS_DUE, **DUE}.items()
        ],
        task_names={name: pages.translate(language, words) for name, words in OWN_TASKS.items()},
        part_names={name: pages.translate(language, words) for name, words in PARTS.items()},
        stage_names=stage_names(pages, language),
    )


@router.post(f"{WORK}/seen")
async def keep_seen(
    data: FormData, asked: RouteFormAsked, officer: Officer, database: RouteDatabase
) -> Response:
    """What changed until the page was made is seen, and what was looked for is kept."""
    looked = read_looked(data)
    return await _keep_seen(WORK, looked, asdict(looked), data, asked, officer, database)


@router.post(f"{MINE}/seen")
async def keep_own_seen(
    data: FormData, asked: RouteFormAsked, person: Resident, database: RouteDatabase
) -> Response:
    """What changed in a resident's projects until the page was made is seen."""
    return await _keep_seen(MINE, read_looked(data), {}, data, asked, person, database)


async def _keep_seen(
    page: str,
    looked: Looked,
    kept: Mapping[str, str],
    data: Mapping[str, str],
    asked: Asked,
    person: Person,
    database: Database,
) -> Response:
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        visit = await queries.visit(session, person.id)
        await queries.keep_visit(session, person.id, read_seen(data, visit.now), kept)
        return await went(session, asked, f"{page}?{looked.query}" if looked.query else page)


def _changed(listed: Sequence[Own]) -> list[Mapping[str, Any]]:
    """Those of these projects of which something is new, the last first."""
    found = [each.row for each in listed if each.row["is_new"]]
    return sorted(found, key=lambda row: row["changed_at"], reverse=True)


def _place(known: Mapping[UUID, Charter], each: asyncpg.Record, language: str) -> str:
    """The territory of a row in words."""
    charter = known.get(each["programme_id"])
    name: str = each["territory"]
    return name if charter is None else charter.place(name, language)


def _body(known: Mapping[UUID, Charter], each: asyncpg.Record, language: str) -> str:
    """The body that votes in a round, in words."""
    charter = known.get(each["programme_id"])
    name: str = each["body_name"]
    return name if charter is None else dict(named(language, [charter.bodies])).get(name, name)


def _mine(act: Waiting, officer: Person, looked: Looked) -> bool:
    """Whether an act waits for this officer, and is looked for: it has no place, theme or date."""
    return (
        act.state == "waiting"
        and act.asked_by != officer.id
        and looked.task in ("", "confirm")
        and looked.programme in ("", str(act.programme_id))
        and not (looked.desk or looked.territory or looked.theme or looked.stage or looked.due)
    )

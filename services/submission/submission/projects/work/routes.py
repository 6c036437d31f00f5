"""The work list of whoever works at a desk: filters, what is due first, and what is new."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from shared.database import database_time
from shared.people import FormData, Person, Role, needs
from shared.people.second_officer import Waiting
from shared.process import RouteDatabase
from shared.web.kit import RoutePages
from submission.programmes.acts import acts_of
from submission.projects.stages import STAGES
from submission.projects.work import queries
from submission.projects.work.work import (
    DUE,
    MOST,
    TASKS,
    Charter,
    Looked,
    is_soon,
    named,
    read_looked,
    read_seen,
)
from submission.repeats import RouteFormAsked
from submission.showing import Went, stage_names, went

router = APIRouter(include_in_schema=False)
Officer = Annotated[Person, needs(*Role, person=True)]
WORK = "/desk/work"


@router.get(WORK)
async def show_work(
    request: Request, pages: RoutePages, officer: Officer, database: RouteDatabase
) -> Response:
    """What is due first, and what changed since this officer's last visit. What is looked for
    stands in the address; without any, it is what she looked for last."""
    looked = read_looked(request.query_params)
    async with database.begin() as session:
        since, kept = await queries.visit(session, officer.id)
        if not request.query_params and not (last := read_looked(kept)).anything:
            return RedirectResponse(f"{WORK}?{last.query}", 303)
        tasks = await queries.tasks(session, officer, looked)
        changed = () if since is None else await queries.changed(session, officer, looked, since)
        acts = await acts_of(request).listed(session, officer)
        charters = await queries.charters(session, officer)
        now = await database_time(session)
    language = pages.language(request)
    known = {each.programme_id: each for each in charters}
    return pages.show(
        request,
        "desk-work.html",
        person=officer,
        looked=looked,
        tasks=tasks[:MOST],
        more=len(tasks) > MOST,
        changed=changed[:MOST],
        since=since,
        now=now,
        acts=[each for each in acts if _mine(each, officer, looked)],
        is_soon=lambda each: is_soon(now, each["due_at"], each["remind"]),
        place=lambda each: _place(known, each, language),
        programme_pairs=[(str(each.programme_id), each.title) for each in charters],
        territory_pairs=named(language, (each.territories for each in charters)),
        desk_pairs=named(language, (each.desks for each in charters)),
        theme_pairs=named(language, (each.themes for each in charters)),
        stage_pairs=[(name, pages.translate(language, words)) for name, words in STAGES.items()],
        task_names={name: pages.translate(language, words) for name, words in TASKS.items()},
        due_pairs=[(name, pages.translate(language, words)) for name, words in DUE.items()],
        stage_names=stage_names(pages, language),
    )


@router.post(f"{WORK}/seen")
async def keep_seen(
    data: FormData, asked: RouteFormAsked, officer: Officer, database: RouteDatabase
) -> Response:
    """What changed until the page was made is seen, and what was looked for is kept."""
    looked = read_looked(data)
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        seen = read_seen(data.get("until", ""), await database_time(session))
        await queries.keep_visit(session, officer.id, seen, asdict(looked))
        return await went(session, asked, f"{WORK}?{looked.query}" if looked.query else WORK)


def _place(known: Mapping[UUID, Charter], each: asyncpg.Record, language: str) -> str:
    """The territory of a row in words."""
    charter = known.get(each["programme_id"])
    name: str = each["territory"]
    return name if charter is None else charter.place(name, language)


def _mine(act: Waiting, officer: Person, looked: Looked) -> bool:
    """Whether an act waits for this officer, and is looked for: it has no place, theme or date."""
    return (
        act.state == "waiting"
        and act.asked_by != officer.id
        and looked.task in ("", "confirm")
        and looked.programme in ("", str(act.programme_id))
        and not (looked.desk or looked.territory or looked.theme or looked.stage or looked.due)
    )

"""The dossier of an idea: its carrier files it, and amends it until the phase closes."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database
from shared.people import FormData, Person, residents
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from shared.web.refused import wants_page
from submission.carriers.checking import check_category, check_may_file, check_may_spend, hold_lead
from submission.counters import queries as counters
from submission.labelling.bodies import queries as bodies
from submission.labelling.queries import project_for_update
from submission.projects import queries
from submission.projects.dossier.reading import (
    fields,
    from_idea,
    from_project,
    labels,
    read_dossier,
)
from submission.projects.dossier.writing import amend, file
from submission.projects.dossiers import check_amendable, check_attended, highest_ceiling
from submission.projects.editing import read_revision
from submission.projects.finding import check_phase, edition, held_to, idea_for_update, own_idea
from submission.projects.naming import themes
from submission.projects.plans import (
    LINES,
    MOST_LINES,
    NATURES,
    OTHERS,
    kinds,
    lines_shown,
    natures,
    planned,
    timed,
)
from submission.projects.recording import record
from submission.projects.standing import check_active
from submission.projects.tables import Idea
from submission.reading import FormRefused
from submission.repeats import RouteFormAsked
from submission.showing import CONFLICT, UNPROCESSABLE, Went, again, frame, pairs, went
from submission.tables import Project
from submission.versions import ChangedMeanwhile, differences

router = APIRouter(include_in_schema=False)
Resident = Annotated[Person, residents]


@router.get("/projects/{project_id}/dossier")
async def show_dossier(
    request: Request, project_id: UUID, pages: RoutePages, person: Resident, database: RouteDatabase
) -> Response:
    """The form, with what the dossier says now, or with what the idea said."""
    return await _show(request, pages, database, person, project_id)


@router.post("/projects/{project_id}/dossier")
async def file_dossier(
    request: Request,
    project_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    person: Resident,
    database: RouteDatabase,
) -> Response:
    """File the dossier, or amend it. Whatever an officer found in the one before has to be looked
    at again; who asks for what is so already changes nothing.

    Who wrote on a form that shows less than the dossier says by now is shown both, and nothing is
    recorded. Who asks for more lines is given them, and nothing is recorded either.
    """
    if data.get("more"):
        return await _show(request, pages, database, person, project_id, data, more=True)
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            await hold_lead(session, project_id)
            idea = await own_idea(session, project_id, person)
            now = await check_phase(session, idea.programme_id, "dossiers")
            # Behind that lock no amendment takes effect: the version that is announced is this one.
            found = await edition(session, idea.programme_id)
            written = read_dossier(found.rules, data)
            idea = await idea_for_update(session, project_id)
            await own_idea(session, project_id, person)
            check_active(idea)
            project = await project_for_update(session, project_id)
            await check_category(session, found, idea, written.category)
            if project is None:
                attended = await counters.counters_attended(session, project_id)
                check_attended(found.rules, attended + idea.guided)
                lead = await check_may_file(session, found, idea, written.kinds, now)
                filed = await file(session, found, idea, written, lead)
                await record(session, idea, found.log, filed, now, cost=filed.cost)
            else:
                check_amendable(project, await bodies.decisions_of(session, project_id))
                await check_may_spend(session, found, idea, written.kinds)
                shown = read_revision(data.get("revision", ""))
                amended = await amend(session, found, project, written, shown)
                if amended is not None:
                    await record(session, idea, found.log, amended, now, cost=amended.cost)
            return await went(session, asked, f"/projects/{project_id}?dossier=yes")
    except ChangedMeanwhile:
        if not wants_page(request):
            raise
        return await _show(request, pages, database, person, project_id, data, changed=True)
    except FormRefused as refused:
        show = partial(_show, request, pages, database, person, project_id, data)
        return await again(request, pages, refused, show)


async def _show(
    request: Request,
    pages: Pages,
    database: Database,
    person: Person,
    project_id: UUID,
    data: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    *,
    more: bool = False,
    changed: bool = False,
) -> Response:
    """The form, as it was sent or as the dossier is kept. Where the dossier was `changed` since the
    form was opened, it stands below both versions, and sent again it replaces the kept one."""
    async with database.begin() as session:
        idea = await own_idea(session, project_id, person)
        found = await edition(session, idea.programme_id)
        project = await queries.project(session, project_id)
        attended = await counters.counters_attended(session, project_id)
        held = found if project is None else await held_to(session, found, project)
        kept = await _kept(session, idea, project)
        framed = await frame(request, pages, session, found)
    values = dict(data or kept)
    if changed:
        values["revision"] = kept["revision"]
    language = pages.language(request)
    return pages.show(
        request,
        "dossier.html",
        status=CONFLICT if changed else UNPROCESSABLE if errors else 200,
        person=person,
        idea=idea,
        project=project,
        version=found.version,
        documents=held.rules.documents,
        values=values,
        errors=errors or {},
        changed=differences(kept, values, fields(found.rules)) if changed else (),
        was_changed=changed,
        labels=labels(found.rules, language),
        may_file=attended > 0 or idea.guided or not found.rules.counter_attended,
        highest=highest_ceiling(found.rules),
        themes=pairs(language, themes(found.rules)),
        planned=planned(found.rules),
        kinds=pairs(language, kinds(found.rules)),
        natures=[(name, pages.translate(language, NATURES[name])) for name in natures(found.rules)],
        timed=timed(found.rules),
        others=[(name, pages.translate(language, words)) for name, words in OTHERS.items()],
        lines=min(MOST_LINES, lines_shown(values) + (LINES if more else 0)),
        **framed,
    )


async def _kept(session: AsyncSession, idea: Idea, project: Project | None) -> Mapping[str, str]:
    if project is None:
        return from_idea(idea, await queries.words(session, [idea.title, idea.summary]))
    words = await queries.words(session, [project.title, project.summary, project.carrier])
    return from_project(project, words)

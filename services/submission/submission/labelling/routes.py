"""The committee's desk: the dossiers by what is due first, and one dossier with its acts."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database
from shared.events.charter import CharterRules
from shared.events.projects import DossierReviewed, LabelRefused, ProjectLabelled
from shared.people import FormData, Person, Role, needs
from shared.people.roles import Forbidden
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from shared.web.refused import wants_page
from submission import queries as programme_queries
from submission.carriers.telling import RouteTelling, Telling
from submission.carriers.types import CARRIER_TYPES
from submission.documents.completeness import missing_documents, type_of
from submission.documents.queries import attached_names, documents_of
from submission.freezing import ProjectFrozen, check_room
from submission.labelling import queries
from submission.labelling.bodies import queries as bodies
from submission.labelling.labels import (
    FamilyUnknown,
    check_family,
    check_label,
    check_no_committee,
    check_review,
    committee,
    known_family,
)
from submission.labelling.shown import in_order, shown
from submission.programmes import queries as programmes
from submission.projects import queries as projects
from submission.projects.dossier.reading import labels
from submission.projects.dossiers import (
    DossierUnknown,
    check_amendable,
    check_free,
    check_undecided,
)
from submission.projects.finding import (
    Edition,
    check_phase,
    edition,
    held_to,
    idea_for_update,
    known_idea,
)
from submission.projects.naming import themes
from submission.projects.plans import OTHERS
from submission.projects.recording import record
from submission.projects.stages import OF_DOSSIERS, STAGES
from submission.projects.standing import check_active
from submission.projects.tables import Idea
from submission.reading import FormRefused, Reader, reason_of
from submission.repeats import RouteFormAsked
from submission.showing import CONFLICT, UNPROCESSABLE, Went, again, frame, went
from submission.tables import Project
from submission.texts import read_reason
from submission.versions import ChangedMeanwhile, Shown
from submission.wording import publish_words

router = APIRouter(include_in_schema=False)
Member = Annotated[Person, needs(Role.COMMITTEE, person=True)]
# Instructors read and review dossiers, too; they decide no label.
READERS = (Role.COMMITTEE, Role.INSTRUCTOR)
Reviewer = Annotated[Person, needs(*READERS, person=True)]


@router.get("/desk/programmes/{programme_id}/dossiers")
async def show_desk(
    request: Request,
    programme_id: UUID,
    pages: RoutePages,
    officer: Reviewer,
    database: RouteDatabase,
    territory: Annotated[str, Query(max_length=60)] = "",
    stage: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """The dossiers, those to review first; what is looked for stands in the address."""
    mine = reads_in(officer, programme_id)
    if mine == ():
        raise Forbidden("this needs the role committee or instructor in this programme")
    async with database.begin() as session:
        found = await edition(session, programme_id)
        dossiers = await queries.dossiers(session, programme_id, territory, stage, mine)
        framed = await frame(request, pages, session, found)
    return pages.show(
        request,
        "desk-dossiers.html",
        person=officer,
        dossiers=dossiers,
        territory=territory,
        stage=stage,
        stage_pairs=[(name, framed["stage_names"][name]) for name in OF_DOSSIERS],
        **framed,
    )


@router.get("/desk/projects/{project_id}")
async def show_dossier(
    request: Request,
    project_id: UUID,
    pages: RoutePages,
    officer: Reviewer,
    database: RouteDatabase,
) -> Response:
    """One dossier, with its acts."""
    return await _show(request, pages, database, officer, project_id)


@router.post("/desk/projects/{project_id}/review")
async def review_dossier(
    request: Request,
    project_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Reviewer,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """Say what a dossier lacks, while its carrier can still add it; or that it is complete, and
    where the committee votes, for which family of labels.

    It is about what the officer was shown: where the dossier, its files or what was found in it are
    others by now, she is shown both versions, and nothing is recorded."""
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            known = await _idea_of(session, project_id, officer, *READERS)
            reader = Reader(data)
            missing, family = reader.ticked("missing"), None
            allowed = ("dossiers",) if missing else ("dossiers", "labelling", "instruction")
            now = await check_phase(session, known.programme_id, *allowed)
            found = await edition(session, known.programme_id)
            idea, project = await _dossier_for_update(session, project_id)
            decided = await bodies.decisions_of(session, project_id)
            check_amendable(project, decided)
            held = await held_to(session, found, project)
            if not missing and committee(found.rules) is not None:
                family = reader.read("family", partial(_read_family, held.rules), "")
            reader.done()
            (await _shown(session, project)).check(data)
            attached = await attached_names(session, project_id)
            check_review(held.rules, project, decided, missing, attached)
            if family is not None:
                check_family(held.rules, project, family)
            project.missing, project.voted_family = list(missing), family
            until = await _until(session, found) if missing else None
            event = DossierReviewed(
                project_id=project_id,
                programme_id=found.programme_id,
                missing=missing,
                officer=officer.id,
                family=family,
                until=until,
            )
            await record(
                session,
                idea,
                found.log,
                event,
                now,
                good=not missing,
                missing=list(missing),
                family=family,
            )
            await _tell_review(session, held, telling, project, until)
            return await went(session, asked, f"/desk/programmes/{found.programme_id}/dossiers")
    except ChangedMeanwhile:
        if not wants_page(request):
            raise
        of = (request, pages, database, officer, project_id)
        return await _show(*of, "review", data, changed=True)
    except FormRefused as refused:
        show = partial(_show, request, pages, database, officer, project_id, "review", data)
        return await again(request, pages, refused, show)


async def _until(session: AsyncSession, found: Edition) -> datetime:
    """Until when a dossier can be completed: as long as dossiers can be changed."""
    phase = await programmes.phase_for_share(session, found.programme_id, "dossiers")
    assert phase is not None
    return phase.closes_at


async def _tell_review(
    session: AsyncSession,
    held: Edition,
    telling: Telling,
    project: Project,
    until: datetime | None,
) -> None:
    if until is None:
        await telling.tell(session, project.project_id, "dossier-complete")
        return
    missing = [each for each in held.rules.documents if each.name in (project.missing or ())]
    await telling.tell(
        session,
        project.project_id,
        "dossier-incomplete",
        missing=missing,
        until=until.isoformat(),
    )


@router.post("/desk/projects/{project_id}/label")
async def label_project(
    request: Request,
    project_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Member,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """Give a project its label, where no committee votes: residents will vote on it. As a review,
    it is about what the member was shown."""
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            known = await _idea_of(session, project_id, officer)
            now = await check_phase(session, known.programme_id, "labelling")
            found = await edition(session, known.programme_id)
            check_no_committee(found.rules)
            await _check_not_frozen(session, found.programme_id)
            idea, project = await _dossier_for_update(session, project_id)
            check_free(project)
            check_undecided(project)
            held = await held_to(session, found, project)
            reader = Reader(data)
            chosen = reader.read("family", partial(_read_family, held.rules), "")
            reason = reader.read("reason", read_reason, "")
            reader.done()
            (await _shown(session, project)).check(data)
            family = check_label(held.rules, project, chosen)
            event = ProjectLabelled(
                project_id=project_id,
                programme_id=found.programme_id,
                family=family.name,
                ceiling=family.ceiling,
                reason=await publish_words(session, reason),
                officer=officer.id,
            )
            project.family, project.reason = event.family, event.reason
            about = event.model_dump(include={"family", "ceiling", "reason"})
            await record(session, idea, found.log, event, now, **about)
            await telling.tell(
                session,
                project_id,
                "labelled",
                family=family,
                ceiling=family.ceiling,
                reason=reason,
            )
            return await went(session, asked, f"/desk/programmes/{found.programme_id}/dossiers")
    except ChangedMeanwhile:
        if not wants_page(request):
            raise
        of = (request, pages, database, officer, project_id)
        return await _show(*of, "label", data, changed=True)
    except FormRefused as refused:
        show = partial(_show, request, pages, database, officer, project_id, "label", data)
        return await again(request, pages, refused, show)


@router.post("/desk/projects/{project_id}/refuse")
async def refuse_label(
    request: Request,
    project_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Member,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """Refuse a project its label, where no committee votes, with a reason that its carrier is told.
    As a review, it is about what the member was shown."""
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            known = await _idea_of(session, project_id, officer)
            reason = reason_of(data)
            now = await check_phase(session, known.programme_id, "labelling")
            found = await edition(session, known.programme_id)
            check_no_committee(found.rules)
            await _check_not_frozen(session, found.programme_id)
            idea, project = await _dossier_for_update(session, project_id)
            check_free(project)
            check_undecided(project)
            (await _shown(session, project)).check(data)
            event = LabelRefused(
                project_id=project_id,
                programme_id=found.programme_id,
                reason=await publish_words(session, reason),
                officer=officer.id,
            )
            project.refused, project.reason = True, event.reason
            await record(session, idea, found.log, event, now, reason=event.reason)
            await telling.tell(session, project_id, "label-refused", reason=reason)
            return await went(session, asked, f"/desk/programmes/{found.programme_id}/dossiers")
    except ChangedMeanwhile:
        if not wants_page(request):
            raise
        of = (request, pages, database, officer, project_id)
        return await _show(*of, "refuse", data, changed=True)
    except FormRefused as refused:
        show = partial(_show, request, pages, database, officer, project_id, "refuse", data)
        return await again(request, pages, refused, show)


def reads_in(officer: Person, programme_id: UUID) -> tuple[str, ...] | None:
    """Where in a programme an officer reads dossiers: None in all of it."""
    found = [officer.territories(role, programme_id) for role in READERS]
    return None if None in found else tuple(name for names in found for name in names or ())


def _families(rules: CharterRules, language: str) -> dict[str, str]:
    return {each.name: str(getattr(each, language)) for each in rules.families}


def _read_family(rules: CharterRules, written: str) -> str:
    if not written:
        raise FamilyUnknown("no family was chosen")
    return known_family(rules, written).name


async def _idea_of(session: AsyncSession, project_id: UUID, officer: Person, *roles: Role) -> Idea:
    """An idea, for who has one of these roles in its territory: for a member of its committee,
    unless others are named. Raises `Forbidden`."""
    idea = await known_idea(session, project_id)
    wanted = roles or (Role.COMMITTEE,)
    if not any(officer.may(role, idea.programme_id, idea.territory) for role in wanted):
        raise Forbidden(f"this needs the role {' or '.join(wanted)} in {idea.territory}")
    return idea


async def _check_not_frozen(session: AsyncSession, programme_id: UUID) -> None:
    """Freezing locks the programme too: what is labelled is among the options, or refused."""
    await programme_queries.programme_for_update(session, programme_id)
    if (known := await programme_queries.round_of(session, programme_id)) is not None:
        raise ProjectFrozen(f"the options are frozen for round {known.round_id}")
    check_room(await queries.number_labelled(session, programme_id))


async def _dossier_for_update(session: AsyncSession, project_id: UUID) -> tuple[Idea, Project]:
    idea = await idea_for_update(session, project_id)
    project = await queries.project_for_update(session, project_id)
    if project is None:
        raise DossierUnknown(f"idea {project_id} has no dossier yet")
    check_active(idea)
    return idea, project


async def _shown(session: AsyncSession, project: Project) -> Shown:
    """A dossier as its page shows it now."""
    words = await projects.words(session, [project.title, project.summary, project.carrier])
    return shown(project, words, await documents_of(session, project.project_id))


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
    """The dossier, and what an officer wrote; both versions of it, where it was `changed` since she
    opened its page."""
    async with database.begin() as session:
        idea = await _idea_of(session, project_id, officer, *READERS)
        found = await edition(session, idea.programme_id)
        project = await projects.project(session, project_id)
        if project is None:
            raise DossierUnknown(f"idea {project_id} has no dossier yet")
        # Before all else that is shown: changed in between, the form is refused, and never taken
        # for what nobody was shown.
        now = await _shown(session, project)
        dossier = await queries.dossier(session, found.programme_id, project_id)
        if dossier is None:
            raise DossierUnknown(f"idea {project_id} has no dossier yet")
        attached = await attached_names(session, project_id)
        held = await held_to(session, found, project)
        framed = await frame(request, pages, session, held)
    language = pages.language(request)
    named = [*CARRIER_TYPES.items(), *((name, STAGES[name]) for name in ("complete", "incomplete"))]
    types = {str(name): pages.translate(language, words) for name, words in named}
    # Whatever else is wrong with a form, its sender is told, too, that it shows something older.
    changed = changed or now.stale(data)
    return pages.show(
        request,
        "desk-dossier.html",
        status=CONFLICT if changed else UNPROCESSABLE if errors else 200,
        person=officer,
        dossier=dossier,
        project=project,
        themes=themes(held.rules),
        committee=committee(found.rules),
        lacking=missing_documents(held.rules, type_of(project), project.documents, attached),
        attached=attached,
        decides=officer.may(Role.COMMITTEE, found.programme_id, dossier["territory"]),
        instructs=officer.may(Role.INSTRUCTOR, found.programme_id, dossier["territory"]),
        act=act,
        hidden=now.hidden,
        was_changed=changed,
        changed=now.changed(data or {}, in_order(held.rules)) if changed else (),
        labels=labels(held.rules, language) | _families(held.rules, language) | types,
        others=[(name, pages.translate(language, words)) for name, words in OTHERS.items()],
        values=data or {},
        errors=errors or {},
        **framed,
    )

"""The page of an idea."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from shared.people import Person, Role, everybody
from shared.process import RouteDatabase
from shared.web.kit import RoutePages
from submission import verdicts
from submission.carriers import queries as carriers
from submission.counters import queries as counters
from submission.programmes import queries as programmes
from submission.projects import queries
from submission.projects.finding import edition, known_idea
from submission.projects.naming import themes
from submission.projects.stages import next_of
from submission.projects.supporting import queries as supporting
from submission.projects.tables import Idea, ProjectEvent
from submission.showing import frame

router = APIRouter(include_in_schema=False)
# What somebody has just done, so that the page can say that it is recorded.
SAID = ("deposited", "asked", "dossier", "withdrawn")
DECIDED = "option-decided"
# Where an idea is at a desk, which has not guided it yet.
WAITING = ("requested", "accepted", "awaiting", "scheduled")


@router.get("/projects/{project_id}")
async def show_idea(
    request: Request,
    project_id: UUID,
    pages: RoutePages,
    person: Annotated[Person, everybody],
    database: RouteDatabase,
) -> Response:
    """Where an idea stands, what comes next, and every event of its life, each to be proven."""
    async with database.begin() as session:
        idea = await known_idea(session, project_id)
        found = await edition(session, idea.programme_id)
        project = await queries.project(session, project_id)
        carrier = await carriers.carrier(session, project_id)
        life = await queries.life(session, project_id)
        handoffs = await counters.handoffs_of(session, project_id)
        kin = await queries.named(session, _kin(idea, life))
        merged = await queries.merged_into(session, project_id)
        supports = await supporting.supports(session, project_id, person.id)
        written = [idea.title, idea.summary, idea.carrier]
        if project is not None:
            written += [project.title, project.summary or "", project.carrier or ""]
        words = await queries.words(session, written + _said(life))
        decisions = [event for event in life if event.kind == DECIDED or _of_vote(event)]
        named = await programmes.options_named(
            session, [other for event in decisions for other in verdicts.others(event.about)]
        )
        held = await programmes.round_state_of(session, project_id) if decisions else None
        voted = {
            event.event_id: await programmes.round_state(session, UUID(of["round_id"]))
            for event in decisions
            if (of := _of_vote(event))
        }
        framed = await frame(request, pages, session, found)
    dossier = project is not None and project.summary is not None
    return pages.show(
        request,
        "idea.html",
        person=person,
        idea=idea,
        project=project,
        title=words.get(project.title if project is not None else idea.title),
        summary=words.get(
            (project.summary if project is not None and dossier else idea.summary) or ""
        ),
        carrier=words.get(
            (project.carrier if project is not None and dossier else idea.carrier) or ""
        ),
        own=carrier is not None and carrier.resident == person.id,
        erased=carrier is None or carrier.erased_at is not None,
        guides=person.may(Role.ADVISER, idea.programme_id, idea.territory),
        labels=person.may(Role.COMMITTEE, idea.programme_id, idea.territory),
        instructs=person.may(Role.INSTRUCTOR, idea.programme_id, idea.territory),
        kin={str(each["project_id"]): each["title"] for each in kin},
        merged=merged,
        supports=supports,
        themes=themes(found.rules),
        said=next((name for name in SAID if request.query_params.get(name)), ""),
        administers=person.may(Role.ADMINISTRATOR, idea.programme_id),
        life=life,
        decided={
            event.event_id: verdicts.said(
                verdicts.verdict(_of_vote(event) or event.about),
                verdicts.setting(voted.get(event.event_id, held), named, found.rules),
                pages.language(request),
            )
            for event in decisions
        },
        annulled={
            event.event_id: state
            for event in decisions
            if (state := voted.get(event.event_id, held)) is not None and state.annulled_at
        },
        words=words,
        waiting=next((h for h in handoffs if h["state"] in WAITING), None),
        attended=idea.guided or any(h["came"] for h in handoffs),
        next=next_of(idea.stage, framed["phases"]),
        **framed,
    )


def _kin(idea: Idea, life: Sequence[ProjectEvent]) -> list[UUID]:
    """The other projects that an idea's page names: what it went into, and what it came from."""
    told = [event.about.get(name) for event in life for name in ("merged", "parts")]
    named = [each for names in told if names for each in names]
    direct = [each for each in (idea.into_project, idea.split_from) if each is not None]
    return [*direct, *(UUID(each) for each in named)]


def _of_vote(event: ProjectEvent) -> Mapping[str, Any]:
    """What a committee's vote decided, where it is the ground of an event."""
    found: Mapping[str, Any] = event.about.get("decided") or {}
    return found


def _said(life: Sequence[ProjectEvent]) -> list[str]:
    """The commitments in what is kept about events."""
    found: list[Any] = [
        event.about.get(name) for event in life for name in ("place", "reason", "name")
    ]
    return [each for each in found if isinstance(each, str)]

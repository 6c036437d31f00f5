"""Withdrawing, suspending, resuming, merging and splitting projects, and telling their carriers.

Locks: the programme in share, so that no round takes what is moved meanwhile; ideas by their ids;
their dossiers by the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time
from shared.events.projects import (
    IdeaDeposited,
    ProjectResumed,
    ProjectsMerged,
    ProjectSplit,
    ProjectSuspended,
    ProjectWithdrawn,
)
from shared.outbox import announce
from submission.carriers import queries as carriers
from submission.carriers.joining import copy_parts
from submission.carriers.limits import ConsentMissing
from submission.carriers.tables import Carrier
from submission.carriers.telling import Telling
from submission.counters import queries as counters
from submission.counters.cases import DEADLINE, PLACES, due
from submission.counters.returning import end_handoffs
from submission.deadlines.queries import clear_deadline, set_deadline
from submission.labelling.bodies import queries as bodies
from submission.projects import queries
from submission.projects.finding import Edition, edition
from submission.projects.recording import announce_supporters, keep_event, record
from submission.projects.standing import (
    PartsRefused,
    check_merge,
    check_movable,
    check_resume,
    check_suspend,
    check_withdraw,
)
from submission.projects.supporting import queries as supporting
from submission.projects.tables import Idea
from submission.refusals import ProjectUnknown
from submission.tables import Project
from submission.wording import SOURCE, keep_words, publish_words


@dataclass(frozen=True, slots=True)
class Held:
    """Projects of an edition, locked."""

    ideas: Mapping[UUID, Idea]
    dossiers: Mapping[UUID, Project]
    now: datetime


async def hold(session: AsyncSession, found: Edition, project_ids: Sequence[UUID]) -> Held:
    """Lock projects of a programme, so that none of them enters a round. Raises
    `ProjectUnknown`."""
    await queries.programme_for_share(session, found.programme_id)
    ideas = {each.project_id: each for each in await queries.ideas_for_update(session, project_ids)}
    for project_id in project_ids:
        if project_id not in ideas or ideas[project_id].programme_id != found.programme_id:
            raise ProjectUnknown(f"programme {found.programme_id} has no project {project_id}")
    dossiers = await queries.dossiers_for_update(session, project_ids)
    now = await database_time(session)
    return Held(ideas, {each.project_id: each for each in dossiers}, now)


async def withdraw(
    session: AsyncSession,
    found: Edition,
    project_id: UUID,
    reason: str,
    officer: UUID | None,
    telling: Telling,
) -> None:
    """A project goes no further: its carrier says so, or else the officer."""
    held = await hold(session, found, [project_id])
    idea = held.ideas[project_id]
    check_withdraw(idea, held.dossiers.get(project_id))
    said = await publish_words(session, reason)
    if officer is None:
        await queries.keep_project_texts(session, project_id, [said])
    await withdraw_held(session, found, idea, said, officer, held.now)
    await telling.tell(session, project_id, "project-withdrawn", reason=reason)


async def withdraw_held(
    session: AsyncSession,
    found: Edition,
    idea: Idea,
    reason: str,
    officer: UUID | None,
    now: datetime,
    by: Literal["carrier", "officer", "erasure"] | None = None,
) -> None:
    """Withdraw a locked project that no round takes meanwhile; `reason` is a commitment. Nobody is
    told."""
    event = ProjectWithdrawn(
        project_id=idea.project_id, programme_id=idea.programme_id, reason=reason, officer=officer
    )
    idea.standing = "withdrawn"
    by = by or ("carrier" if officer is None else "officer")
    await record(session, idea, found.log, event, now, reason=reason, by=by)
    await end_handoffs(session, idea.project_id, "withdrawn", reason, now)


async def suspend(
    session: AsyncSession,
    found: Edition,
    project_id: UUID,
    reason: str,
    officer: UUID,
    telling: Telling,
) -> None:
    """A project waits: nobody files, reviews or votes on it until it is resumed."""
    held = await hold(session, found, [project_id])
    idea = held.ideas[project_id]
    check_suspend(idea, held.dossiers.get(project_id))
    event = ProjectSuspended(
        project_id=project_id,
        programme_id=idea.programme_id,
        reason=await publish_words(session, reason),
        officer=officer,
    )
    idea.standing = "suspended"
    await record(session, idea, found.log, event, held.now, reason=event.reason)
    if (waiting := await counters.open_handoff(session, project_id)) is not None:
        await clear_deadline(session, DEADLINE, waiting.handoff_id)
    await telling.tell(session, project_id, "project-suspended", reason=reason)


async def resume(
    session: AsyncSession,
    found: Edition,
    project_id: UUID,
    reason: str,
    officer: UUID,
    telling: Telling,
) -> None:
    """A project that was suspended goes on where it stood; its desk has the time that was left."""
    held = await hold(session, found, [project_id])
    idea = held.ideas[project_id]
    check_resume(idea)
    event = ProjectResumed(
        project_id=project_id,
        programme_id=idea.programme_id,
        reason=await publish_words(session, reason),
        officer=officer,
    )
    idea.standing = "active"
    since = await queries.suspended_at(session, project_id)
    await record(session, idea, found.log, event, held.now, reason=event.reason)
    waiting = await counters.open_handoff(session, project_id)
    if waiting is not None and waiting.due_at is not None:
        await due(session, waiting, waiting.due_at + (held.now - since))
    if waiting is not None and waiting.state == "awaiting" and waiting.gathering_id is not None:
        # It was passed over meanwhile: a place may be free.
        await set_deadline(session, PLACES, waiting.gathering_id, held.now)
    await telling.tell(session, project_id, "project-resumed", reason=reason)


async def mergeable(
    session: AsyncSession, found: Edition, into: UUID, merged: Sequence[UUID]
) -> Held:
    """Projects that can be merged into one, all locked. Raises what `check_merge` does."""
    held = await hold(session, found, sorted({into, *merged}))
    decided = await bodies.decisions_of(session, *held.ideas)
    others = [held.ideas[each] for each in merged]
    check_merge(held.ideas[into], others, [*held.dossiers.values()], decided)
    return held


async def merge_projects(
    telling: Telling,
    session: AsyncSession,
    parameters: Mapping[str, Any],
    officers: tuple[UUID, UUID],
) -> None:
    """Merge projects into one, as was asked for: supporters join it, each once; the merged ones
    keep their pages and their lives, which say where they went on."""
    found = await edition(session, UUID(parameters["programme_id"]))
    target = UUID(parameters["into"])
    merged = tuple(UUID(each) for each in parameters["merged"])
    held = await mergeable(session, found, target, merged)
    into, reason = held.ideas[target], parameters["reason"]
    event = ProjectsMerged(
        project_id=target,
        programme_id=found.programme_id,
        merged=merged,
        reason=reason,
        officer=officers[0],
    )
    about = {"reason": reason, "into": str(target), "merged": [str(each) for each in merged]}
    event_id = announce(session, event, source=SOURCE, log=found.log)
    await keep_event(session, into, event_id, event.type, held.now, **about)
    known = into.supporters
    for project_id in merged:
        idea = held.ideas[project_id]
        into.supporters += idea.supporters - await supporting.join(session, target, project_id)
        idea.standing, idea.into_project = "merged", target
        await keep_event(session, idea, event_id, event.type, held.now, **about)
        await end_handoffs(session, project_id, "cancelled", reason, held.now)
    if into.supporters != known:
        announce_supporters(session, into, found.log)
    await _tell_merged(session, telling, target, merged, reason)


async def _tell_merged(
    session: AsyncSession, telling: Telling, target: UUID, merged: Sequence[UUID], reason: str
) -> None:
    words = (await queries.words(session, [reason])).get(reason, "—")
    [named] = await queries.named(session, [target])
    for project_id in merged:
        await telling.tell(
            session,
            project_id,
            "project-merged",
            into=named["title"] or telling.page(target),
            reason=words,
        )


async def split(
    session: AsyncSession,
    found: Edition,
    project_id: UUID,
    titles: Sequence[str],
    reason: str,
    officer: UUID,
    telling: Telling,
) -> Sequence[UUID]:
    """Split a project into ideas of the same carrier, with all its supporters each; their ids.

    What was guided at a counter stays guided; a dossier is filed for each part anew.
    """
    held = await hold(session, found, [project_id])
    idea = held.ideas[project_id]
    decided = await bodies.decisions_of(session, project_id)
    check_movable(idea, held.dossiers.get(project_id), decided)
    consent = await carriers.consent(session, project_id)
    if consent is not None and consent.given_at is None:
        # It is asked of the whole: nobody would be asked of its parts.
        raise ConsentMissing("the carrier's legal representative has not agreed yet")
    carrier = await carriers.carrier(session, project_id)
    summary = (await queries.words(session, [idea.summary])).get(idea.summary)
    if carrier is None or carrier.resident is None or summary is None:
        raise PartsRefused("who carries it and what it is about was erased")
    guided = idea.guided or await counters.guided(session, project_id)
    event = ProjectSplit(
        project_id=project_id,
        programme_id=idea.programme_id,
        into=tuple(uuid4() for _ in titles),
        reason=await publish_words(session, reason),
        officer=officer,
    )
    for part, title in zip(event.into, titles, strict=True):
        await _deposit_part(session, found, idea, carrier, part, title, summary, guided, held.now)
    idea.standing = "split"
    into = [str(each) for each in event.into]
    await record(session, idea, found.log, event, held.now, reason=event.reason, parts=into)
    await end_handoffs(session, project_id, "cancelled", event.reason, held.now)
    await telling.tell(session, project_id, "project-split", reason=reason)
    return event.into


async def _deposit_part(
    session: AsyncSession,
    found: Edition,
    whole: Idea,
    carrier: Carrier,
    project_id: UUID,
    title: str,
    summary: str,
    guided: bool,
    now: datetime,
) -> None:
    assert carrier.name is not None
    event = IdeaDeposited(
        project_id=project_id,
        programme_id=whole.programme_id,
        territory=whole.territory,
        title=await publish_words(session, title),
        summary=await publish_words(session, summary),
        carrier=await keep_words(session, carrier.name),
        theme=whole.theme,
        category=whole.category,
    )
    idea = Idea(
        **event.model_dump(exclude={"source"}),
        stage="idea",
        deposited_at=now,
        split_from=whole.project_id,
        guided=guided,
        supporters=whole.supporters,
    )
    copied = carrier.model_dump() | {"project_id": project_id}
    await queries.keep(session, idea, Carrier(**copied))
    texts = (event.title, event.summary, event.carrier)
    await queries.keep_project_texts(session, project_id, texts)
    await record(
        session, idea, found.log, event, now, territory=whole.territory, of=str(whole.project_id)
    )
    if guided:
        idea.stage = "guided"
    await copy_parts(session, found, whole.project_id, idea, now)
    await supporting.copy(session, whole.project_id, project_id)
    if idea.supporters:
        announce_supporters(session, idea, found.log)

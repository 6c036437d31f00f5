"""Announcing an event of a project, and keeping what its page needs to tell and to prove it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.event import Event
from shared.events.projects import IdeaSupported
from shared.outbox import announce
from submission.projects import queries
from submission.projects.stages import stage_after
from submission.projects.tables import Idea, ProjectEvent
from submission.wording import SOURCE


async def record(
    session: AsyncSession,
    idea: Idea,
    log: str,
    event: Event,
    now: datetime,
    *,
    good: bool = True,
    event_id: UUID | None = None,
    **about: Any,
) -> None:
    """Announce what happened to a locked idea's project. `about` holds no words."""
    event_id = announce(session, event, source=SOURCE, log=log, event_id=event_id)
    await keep_event(session, idea, event_id, event.type, now, good=good, **about)


async def record_all(
    session: AsyncSession,
    log: str,
    happened: Sequence[tuple[Idea, Event]],
    now: datetime,
    about: Callable[[Idea], Mapping[str, Any]],
) -> None:
    """The same of many projects at once, in as many statements as of one."""
    for idea, event in happened:
        event_id = announce(session, event, source=SOURCE, log=log)
        session.add(_kept(idea, event_id, event.type, now, about(idea)))
    await session.flush()


async def keep_event(
    session: AsyncSession,
    idea: Idea,
    event_id: UUID,
    event_type: str,
    at: datetime,
    *,
    good: bool = True,
    **about: Any,
) -> None:
    """Keep an event of a locked idea's project, ours or another publisher's, and its new stage."""
    await queries.keep(session, _kept(idea, event_id, event_type, at, about, good=good))


def _kept(
    idea: Idea,
    event_id: UUID,
    event_type: str,
    at: datetime,
    about: Mapping[str, Any],
    *,
    good: bool = True,
) -> ProjectEvent:
    """What is kept of an event, and its idea at its new stage."""
    kind = event_type.split(".")[1]
    idea.stage = stage_after(idea.stage, kind, good=good)
    return ProjectEvent(
        event_id=event_id, project_id=idea.project_id, kind=kind, at=at, about={**about}
    )


def announce_supporters(session: AsyncSession, idea: Idea, log: str) -> None:
    """Announce how many support a locked idea. No event of its life: there may be thousands."""
    event = IdeaSupported(
        project_id=idea.project_id, programme_id=idea.programme_id, supporters=idea.supporters
    )
    announce(session, event, source=SOURCE, log=log)

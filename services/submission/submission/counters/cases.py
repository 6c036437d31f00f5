"""A handoff with what it is about: loaded and locked, dated, said. Which steps there are is in
`handoffs`; the acts are in `asking`, `placing` and `returning`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events import Event
from shared.events.scheme import Desk
from submission.counters import queries
from submission.counters.desks import desk_of
from submission.counters.handoffs import HandoffUnknown
from submission.counters.tables import Handoff
from submission.deadlines.queries import clear_deadline, set_deadline
from submission.gatherings import queries as gatherings
from submission.gatherings.tables import Gathering, Registration
from submission.projects.finding import Edition, edition, idea_for_update
from submission.projects.recording import record
from submission.projects.tables import Idea

# Kinds of deadlines: a desk's answer, a session's reminder, a session's cancellation as each of its
# handoffs hears of it; places that are free, and a session's end.
DEADLINE, REMINDER, CANCELLED = "handoff", "handoff-reminder", "handoff-cancelled"
PLACES, HELD = "gathering-places", "gathering-held"


@dataclass(frozen=True, slots=True)
class Case:
    """A handoff with what it is about, all locked."""

    found: Edition
    idea: Idea
    handoff: Handoff
    gatherings: Mapping[UUID, Gathering]

    @property
    def gathering(self) -> Gathering | None:
        """The session that it is for, if it is for one."""
        if self.handoff.gathering_id is None:
            return None
        return self.gatherings[self.handoff.gathering_id]

    @property
    def desk(self) -> Desk:
        """Where it is."""
        return desk_of(self.found.rules, self.handoff.desk)

    @property
    def territory(self) -> str:
        """Where it is for: of the session, else of the idea."""
        return self.gathering.territory if self.gathering else self.idea.territory


async def locked(session: AsyncSession, handoff_id: UUID, *others: UUID) -> Case:
    """A handoff, locked with its idea and session, and other sessions beside; the idea first.

    Raises `HandoffUnknown`.
    """
    known = await queries.handoff(session, handoff_id)
    if known is None:
        raise HandoffUnknown(f"there is no handoff {handoff_id}")
    idea = await idea_for_update(session, known.project_id)
    return await case_of(session, idea, handoff_id, *others)


async def case_of(session: AsyncSession, idea: Idea, handoff_id: UUID, *others: UUID) -> Case:
    """As `locked`, behind the idea's lock: a handoff changes behind it alone."""
    handoff = await queries.handoff(session, handoff_id)
    if handoff is None:
        raise HandoffUnknown(f"there is no handoff {handoff_id}")
    wanted = {each for each in (handoff.gathering_id, *others) if each is not None}
    found = await gatherings.gatherings_for_update(session, wanted)
    return Case(await edition(session, idea.programme_id), idea, handoff, found)


async def due(session: AsyncSession, handoff: Handoff, due_at: datetime | None) -> None:
    """What is due next of a handoff, and when; nothing at its end."""
    handoff.due_at = due_at
    if due_at is None:
        await clear_deadline(session, DEADLINE, handoff.handoff_id)
    else:
        await set_deadline(session, DEADLINE, handoff.handoff_id, due_at)


async def leave(
    session: AsyncSession, case: Case, live: Registration | None, now: datetime
) -> None:
    """Free the place that a handoff has or waits for; who waits longest for it moves up next."""
    if live is None:
        return
    gathering = case.gatherings[live.gathering_id]
    was, goes_on = live.state, gathering.state == "announced" and now < gathering.ends_at
    if goes_on or gathering.state == "cancelled":
        live.state = "freed"
    else:  # it is over: whether somebody came, nobody has said, or she waited in vain
        live.state = "unmarked" if was == "placed" else "waited"
    await session.flush()
    if was == "placed" and goes_on:
        await set_deadline(session, PLACES, gathering.gathering_id, now)


async def say(
    session: AsyncSession,
    case: Case,
    event: Event,
    now: datetime,
    *,
    good: bool = True,
    **more: Any,
) -> None:
    """Announce a step, and keep what the idea's page says of it."""
    known: dict[str, Any] = {} if case.gathering is None else about(case.gathering)
    if case.handoff.desk is not None:
        known["desk"] = case.handoff.desk
    if case.handoff.due_at is not None:
        known["due_at"] = case.handoff.due_at.isoformat()
    await record(session, case.idea, case.found.log, event, now, good=good, **known, **more)


def about(gathering: Gathering) -> dict[str, Any]:
    """What an idea's page says of a session."""
    return {
        "gathering": str(gathering.gathering_id),
        "place": gathering.place,
        "territory": gathering.territory,
        "begins_at": gathering.begins_at.isoformat(),
    }


def named(handoff: Handoff) -> dict[str, Any]:
    """What every event of a handoff says."""
    return {
        "handoff_id": handoff.handoff_id,
        "project_id": handoff.project_id,
        "programme_id": handoff.programme_id,
        "gathering_id": handoff.gathering_id,
        "desk": handoff.desk,
    }

"""Places at sessions: given, waited for, moved up to, and who came: recorded with their events."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.charter import CharterRules
from shared.events.handoffs import HandoffAttended, HandoffMissed, HandoffScheduled, PlaceAwaited
from submission.carriers.telling import Said, Telling
from submission.counters.asking import accept, check_not_missing
from submission.counters.cases import REMINDER, Case, due, leave, named, say
from submission.counters.desks import TO_GIVE_BACK, TO_MARK, check_desk_of, remind_at
from submission.counters.handoffs import (
    Act,
    CounterFull,
    CounterUnknown,
    HandoffDecided,
    check_begun,
    check_coming,
    may,
    step,
)
from submission.counters.tables import Handoff
from submission.deadlines.queries import clear_deadline, set_deadline
from submission.gatherings import queries as gatherings
from submission.gatherings.places import has_room
from submission.gatherings.tables import Gathering, Registration
from submission.projects import queries as projects
from submission.wording import publish_words

ERASED: Final[Mapping[str, str]] = {
    "fr": "un lieu qui a été effacé",
    "en": "a place that was erased",
}


async def schedule(
    session: AsyncSession,
    case: Case,
    gathering_id: UUID,
    officer: UUID,
    now: datetime,
    telling: Telling,
) -> None:
    """A place at a session of the desk, or one in its waiting list where all are given; what was
    only asked for is accepted by it.

    Raises `CounterUnknown`, `CounterElsewhere`, `CounterOver`, `CounterFull`, `HandoffDecided`,
    `MissedTooOften`.
    """
    handoff, gathering = case.handoff, case.gatherings.get(gathering_id)
    if gathering is None or gathering.programme_id != handoff.programme_id:
        raise CounterUnknown(f"the programme has no counter {gathering_id}")
    check_desk_of(case.found.rules, handoff.desk, gathering)
    step(handoff.state, "schedule")
    check_coming(gathering, now)
    await check_not_missing(session, case.found, case.idea)
    live = await gatherings.live_registration(session, handoff.handoff_id)
    if live is not None and live.gathering_id == gathering_id:
        raise HandoffDecided(f"the handoff is {handoff.state} at this counter already")
    suspended = await gatherings.passed_over(session, gathering_id)
    room = has_room(gathering, await gatherings.counts(session, gathering_id), suspended)
    if not room and not may(handoff.state, "wait"):
        raise CounterFull(f"all {gathering.capacity} places are given, or waited for")
    if handoff.state == "requested":
        handoff.gathering_id = gathering_id
        await accept(session, case, officer, now)
    await leave(session, case, live, now)
    handoff.gathering_id = gathering_id
    state = "placed" if room else "waiting"
    registration = Registration(
        registration_id=uuid4(),
        gathering_id=gathering_id,
        handoff_id=handoff.handoff_id,
        state=state,
        at=now,
    )
    await projects.keep(session, registration)
    if room:
        await _placed(session, case, gathering, officer, now, telling)
    else:
        await _awaiting(session, case, gathering, officer, now, telling)


async def move_up(
    session: AsyncSession, case: Case, registration: Registration, now: datetime, telling: Telling
) -> None:
    """Who waits longest for a place has the one that is free."""
    gathering = case.gathering
    assert gathering is not None
    registration.state = "placed"
    await _placed(session, case, gathering, None, now, telling)


async def attend(session: AsyncSession, case: Case, officer: UUID, now: datetime) -> None:
    """The carrier was there. Raises `HandoffDecided`, `CounterNotBegun`."""
    await _mark(session, case, "attend", now)
    handoff = case.handoff
    event = HandoffAttended(**named(handoff), officer=officer, due_at=handoff.due_at)
    await say(session, case, event, now)


async def miss(
    session: AsyncSession, case: Case, reason: str, officer: UUID, now: datetime
) -> None:
    """The carrier did not come. Raises `HandoffDecided`, `CounterNotBegun`."""
    await _mark(session, case, "miss", now)
    handoff = case.handoff
    handoff.reason = await publish_words(session, reason)
    event = HandoffMissed(
        **named(handoff), reason=handoff.reason, officer=officer, due_at=handoff.due_at
    )
    await say(session, case, event, now, reason=handoff.reason)


async def place_of(session: AsyncSession, gathering: Gathering) -> Said:
    """Where a session is, in words."""
    words = await projects.words(session, [gathering.place])
    return words.get(gathering.place) or ERASED


async def tell_place(
    session: AsyncSession, project_id: UUID, gathering: Gathering, telling: Telling
) -> None:
    """Tell a carrier where and when she has her place."""
    await telling.tell(
        session,
        project_id,
        "counter-appointment",
        place=await place_of(session, gathering),
        begins_at=gathering.begins_at.isoformat(),
        ends_at=gathering.ends_at.isoformat(),
    )


async def tell_waiting(
    session: AsyncSession, project_id: UUID, gathering: Gathering, telling: Telling
) -> None:
    """Tell a carrier for which session she waits, and when it is."""
    await telling.tell(
        session,
        project_id,
        "place-awaited",
        place=await place_of(session, gathering),
        begins_at=gathering.begins_at.isoformat(),
    )


async def date_place(
    session: AsyncSession,
    handoff: Handoff,
    rules: CharterRules,
    gathering: Gathering,
    now: datetime,
) -> None:
    """What is due of a place at a session: its reminder before, and who came after it."""
    await due(session, handoff, max(gathering.ends_at, now) + TO_MARK)
    remind = remind_at(rules, gathering.begins_at)
    if remind > now:
        await set_deadline(session, REMINDER, handoff.handoff_id, remind)
    else:
        await clear_deadline(session, REMINDER, handoff.handoff_id)


async def date_waiting(
    session: AsyncSession, handoff: Handoff, gathering: Gathering, now: datetime
) -> None:
    """A place may become free for as long as the session is not over."""
    await due(session, handoff, max(gathering.ends_at, now))


async def _placed(
    session: AsyncSession,
    case: Case,
    gathering: Gathering,
    officer: UUID | None,
    now: datetime,
    telling: Telling,
) -> None:
    handoff = case.handoff
    handoff.state = step(handoff.state, "schedule")
    await date_place(session, handoff, case.found.rules, gathering, now)
    event = HandoffScheduled(**named(handoff), officer=officer, due_at=handoff.due_at)
    await say(session, case, event, now)
    await tell_place(session, case.idea.project_id, gathering, telling)


async def _awaiting(
    session: AsyncSession,
    case: Case,
    gathering: Gathering,
    officer: UUID,
    now: datetime,
    telling: Telling,
) -> None:
    handoff = case.handoff
    handoff.state = step(handoff.state, "wait")
    await date_waiting(session, handoff, gathering, now)
    ahead = (await gatherings.counts(session, gathering.gathering_id)).waiting - 1
    event = PlaceAwaited(**named(handoff), ahead=ahead, officer=officer)
    await say(session, case, event, now, ahead=ahead)
    await tell_waiting(session, case.idea.project_id, gathering, telling)


async def _mark(session: AsyncSession, case: Case, act: Act, now: datetime) -> None:
    """Say whether somebody with a place came."""
    handoff, gathering = case.handoff, case.gathering
    state = step(handoff.state, act)
    assert gathering is not None
    check_begun(gathering, now, rehearsal=case.found.programme.rehearsal)
    live = await gatherings.live_registration(session, handoff.handoff_id)
    assert live is not None
    live.state = state
    handoff.state = state
    await clear_deadline(session, REMINDER, handoff.handoff_id)
    await due(session, handoff, now + TO_GIVE_BACK)

"""An idea asks a desk, the desk takes it on, or hands it on to another: recorded with its event."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.handoffs import HandoffAccepted, HandoffRedirected, HandoffRequested
from submission.carriers.telling import Telling
from submission.counters import queries
from submission.counters.cases import Case, case_of, due, leave, named, say
from submission.counters.desks import answer_by, next_desk
from submission.counters.handoffs import check_asking, check_coming, check_missed, step
from submission.counters.returning import give_back
from submission.counters.tables import Handoff
from submission.gatherings import queries as gatherings
from submission.gatherings.tables import Gathering
from submission.projects import queries as projects
from submission.projects.finding import Edition
from submission.projects.standing import check_active
from submission.projects.tables import Idea
from submission.wording import publish_words


async def request(
    session: AsyncSession,
    found: Edition,
    idea: Idea,
    now: datetime,
    desk: str | None,
    gathering: Gathering | None,
) -> Case:
    """A locked idea asks a desk, or a session of it. One that was answered before is handed back
    first. Raises `ProjectNotActive`, `HandoffWaiting`, `CounterOver`,
    `MissedTooOften`."""
    check_active(idea)
    waiting = await queries.open_handoff(session, idea.project_id)
    check_asking(waiting)
    if gathering is not None:
        check_coming(gathering, now)
        await check_not_missing(session, found, idea)
    if waiting is not None:
        before = await case_of(session, idea, waiting.handoff_id)
        await give_back(session, before, "give_back", now)
    return await _request(session, found, idea, now, desk, gathering)


async def accept(session: AsyncSession, case: Case, officer: UUID, now: datetime) -> None:
    """The desk takes an idea on, and has to find it a session. Raises `HandoffDecided`."""
    handoff = case.handoff
    handoff.state = step(handoff.state, "accept")
    await due(session, handoff, answer_by(case.desk, now, case.gathering))
    event = HandoffAccepted(**named(handoff), officer=officer, due_at=handoff.due_at)
    await say(session, case, event, now)


async def redirect(
    session: AsyncSession,
    case: Case,
    to: str,
    reason: str,
    officer: UUID,
    now: datetime,
    telling: Telling,
) -> UUID:
    """The idea is at another desk now, which answers to a handoff of its own; its id.

    Raises `DeskUnknown`, `HandoffDecided`.
    """
    handoff, desk = case.handoff, next_desk(case.found.rules, case.handoff.desk, to)
    state = step(handoff.state, "redirect")
    live = await gatherings.live_registration(session, handoff.handoff_id)
    written = await publish_words(session, reason)
    handoff.state, handoff.reason = state, written
    await due(session, handoff, None)
    await leave(session, case, live, now)
    next_id = uuid4()
    event = HandoffRedirected(
        **named(handoff), to_desk=desk.name, next_id=next_id, reason=written, officer=officer
    )
    await say(session, case, event, now, to_desk=desk.name, reason=written)
    await session.flush()
    following = await _request(
        session, case.found, case.idea, now, desk.name, after=handoff, handoff_id=next_id
    )
    until = following.handoff.due_at
    assert until is not None
    await telling.tell(
        session,
        case.idea.project_id,
        "handoff-redirected",
        desk=desk,
        until=until.isoformat(),
    )
    return next_id


async def check_not_missing(session: AsyncSession, found: Edition, idea: Idea) -> None:
    """Raises `MissedTooOften`."""
    counters = found.rules.counters
    if counters is not None and counters.most_missed is not None:
        missed = await queries.times_missed(session, found.programme_id, idea.project_id)
        check_missed(missed, counters.most_missed)


async def _request(
    session: AsyncSession,
    found: Edition,
    idea: Idea,
    now: datetime,
    desk: str | None,
    gathering: Gathering | None = None,
    after: Handoff | None = None,
    handoff_id: UUID | None = None,
) -> Case:
    handoff = Handoff(
        handoff_id=handoff_id or uuid4(),
        project_id=idea.project_id,
        programme_id=idea.programme_id,
        gathering_id=None if gathering is None else gathering.gathering_id,
        desk=desk,
        state="requested",
        requested_at=now,
        after=None if after is None else after.handoff_id,
    )
    await projects.keep(session, handoff)
    case = Case(
        found, idea, handoff, {} if gathering is None else {gathering.gathering_id: gathering}
    )
    await due(session, handoff, answer_by(case.desk, now, gathering))
    event = HandoffRequested(**named(handoff), due_at=handoff.due_at, after=handoff.after)
    await say(session, case, event, now)
    return case

"""An idea is back with its carrier: by its desk, by a deadline, with its session, at its end."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.handoffs import Cause, HandoffAccepted, HandoffReturned
from submission.carriers.telling import Said, Telling
from submission.counters import queries
from submission.counters.cases import REMINDER, Case, case_of, due, leave, named, say
from submission.counters.desks import answer_by
from submission.counters.handoffs import Act, cause_of, step
from submission.deadlines.queries import clear_deadline
from submission.gatherings import queries as gatherings
from submission.projects import queries as projects
from submission.projects.finding import idea_for_update
from submission.wording import publish_words

TOLD: Final[Mapping[Cause, Mapping[str, str]]] = {
    "done": {
        "fr": "Votre idée a été accompagnée : la suite est sur sa page.",
        "en": "Your idea was guided: its page says what comes next.",
    },
    "declined": {
        "fr": "Le comptoir n’a pas pu prendre votre idée.",
        "en": "The desk could not take your idea on.",
    },
    "unanswered": {
        "fr": "Personne ne vous a répondu dans le délai prévu. Ce n’est pas de votre fait : vous"
        " pouvez faire une nouvelle demande.",
        "en": "Nobody has answered you in time. It is no fault of yours: you can ask again.",
    },
    "missed": {
        "fr": "Vous n’êtes pas venu au comptoir. Vous pouvez faire une nouvelle demande.",
        "en": "You did not come to the counter. You can ask again.",
    },
    "withdrawn": {"fr": "La demande a été retirée.", "en": "The request was withdrawn."},
    "cancelled": {
        "fr": "La séance que vous aviez demandée n’aura pas lieu. Vous pouvez en demander une"
        " autre.",
        "en": "The session that you asked for does not take place. You can ask for another one.",
    },
}


async def give_back(
    session: AsyncSession,
    case: Case,
    act: Act,
    now: datetime,
    *,
    reason: str | None = None,
    officer: UUID | None = None,
    telling: Telling | None = None,
) -> None:
    """The idea is back with its carrier, who is told why where somebody else did it. `reason` is
    in words. Raises `HandoffDecided`."""
    written = None if reason is None else await publish_words(session, reason)
    cause = await _end(session, case, act, cause_of(case.handoff.state, act), written, officer, now)
    if telling is not None:
        why: Said = TOLD[cause] if reason is None else reason
        await telling.tell(session, case.idea.project_id, "handoff-returned", reason=why)


async def end_handoffs(
    session: AsyncSession, project_id: UUID, cause: Cause, reason: str | None, now: datetime
) -> None:
    """A locked idea goes no further (withdrawn, merged, erased): it is at no desk any more.

    `reason` is a commitment. Nobody is told: whoever ends an idea tells what became of it.
    """
    idea = await idea_for_update(session, project_id)
    waiting = await queries.open_handoff(session, project_id)
    if waiting is None:
        return
    case = await case_of(session, idea, waiting.handoff_id)
    guided = waiting.state == "attended"
    act: Act = "give_back" if guided else "withdraw"
    await _end(session, case, act, "done" if guided else cause, reason, None, now)


async def cancel(session: AsyncSession, case: Case, now: datetime, telling: Telling) -> None:
    """The session that a handoff was for does not take place: who had a place gets another from the
    desk, who asked or waited for one asks again."""
    handoff, gathering = case.handoff, case.gathering
    assert gathering is not None and gathering.ended_by is not None
    words = await projects.words(session, [gathering.reason])
    why: Said = words.get(gathering.reason or "") or TOLD["cancelled"]
    if handoff.state != "scheduled":
        cause = cause_of(handoff.state, "cancel")
        await _end(session, case, "cancel", cause, gathering.reason, None, now)
        await telling.tell(session, case.idea.project_id, "handoff-returned", reason=why)
        return
    live = await gatherings.live_registration(session, handoff.handoff_id)
    await leave(session, case, live, now)
    await clear_deadline(session, REMINDER, handoff.handoff_id)
    handoff.state = step(handoff.state, "cancel")
    handoff.gathering_id = None
    await due(session, handoff, answer_by(case.desk, now))
    event = HandoffAccepted(**named(handoff), officer=gathering.ended_by, due_at=handoff.due_at)
    await say(session, case, event, now)
    await telling.tell(session, case.idea.project_id, "counter-cancelled", reason=why)


async def _end(
    session: AsyncSession,
    case: Case,
    act: Act,
    cause: Cause,
    reason: str | None,
    officer: UUID | None,
    now: datetime,
) -> Cause:
    """Hand an idea back to its carrier; `reason` is a commitment."""
    handoff = case.handoff
    live = await gatherings.live_registration(session, handoff.handoff_id)
    handoff.state = step(handoff.state, act)
    handoff.cause = cause
    handoff.reason = reason or handoff.reason
    await due(session, handoff, None)
    await clear_deadline(session, REMINDER, handoff.handoff_id)
    await leave(session, case, live, now)
    event = HandoffReturned(**named(handoff), cause=cause, reason=reason, officer=officer)
    await say(session, case, event, now, good=cause == "done", cause=cause, reason=reason)
    return cause

"""What a deadline of counters does when it has come; each locks as the acts do, and then looks."""

from collections.abc import Mapping
from typing import Final

from submission.counters import queries
from submission.counters.cases import (
    CANCELLED,
    DEADLINE,
    HELD,
    PLACES,
    REMINDER,
    locked,
)
from submission.counters.handoffs import may
from submission.counters.placing import move_up, place_of
from submission.counters.returning import cancel, give_back
from submission.deadlines.queries import set_deadline
from submission.gatherings import queries as gatherings
from submission.gatherings.holding import hold
from submission.gatherings.places import move_up as moving_up
from submission.projects.finding import edition, idea_for_update
from submission.rooms import Due, Timer

AT_ONCE = 50


async def hand_back_late(due: Due) -> None:
    """A desk has not answered, has not said who came, or was done with an idea: it goes back."""
    case = await locked(due.session, due.subject)
    if (now := await due.take()) is None or not may(case.handoff.state, "deadline"):
        return
    if case.idea.standing == "suspended":  # its desk's time stands still until it is resumed
        return
    await give_back(due.session, case, "deadline", now, telling=due.telling)


async def remind(due: Due) -> None:
    """A session is soon: whoever has a place is reminded of it."""
    case = await locked(due.session, due.subject)
    if await due.take() is None or case.handoff.state != "scheduled" or case.gathering is None:
        return
    await due.telling.tell(
        due.session,
        case.idea.project_id,
        "counter-reminder",
        place=await place_of(due.session, case.gathering),
        begins_at=case.gathering.begins_at.isoformat(),
    )


async def leave_cancelled(due: Due) -> None:
    """A session was cancelled: each handoff that was for it goes its own way."""
    case = await locked(due.session, due.subject)
    if (now := await due.take()) is None or case.gathering is None:
        return
    if case.gathering.state == "cancelled" and may(case.handoff.state, "cancel"):
        await cancel(due.session, case, now, due.telling)


async def give_free_places(due: Due) -> None:
    """Places are free: who waits longest moves up, unless her idea is suspended. The ideas are
    locked before the session, so that whoever stands first by then, and was not seen before, is
    looked at again."""
    session, gathering_id = due.session, due.subject
    seen = await gatherings.waiting_registrations(session, gathering_id, AT_ONCE)
    for project_id in await queries.projects_of(session, [each.handoff_id for each in seen]):
        await idea_for_update(session, project_id)
    handoffs = [await queries.handoff(session, each.handoff_id) for each in seen]
    wanted = {gathering_id, *(h.gathering_id for h in handoffs if h and h.gathering_id)}
    found = await gatherings.gatherings_for_update(session, wanted)
    cases = {each.handoff_id: await locked(session, each.handoff_id) for each in seen}
    if (now := await due.take()) is None or (gathering := found.get(gathering_id)) is None:
        return
    if gathering.state != "announced" or now >= gathering.ends_at:
        return
    waiting = await gatherings.waiting_registrations(session, gathering_id, AT_ONCE)
    for each in moving_up(gathering, await gatherings.counts(session, gathering_id), waiting):
        if (case := cases.get(each.handoff_id)) is None:
            await set_deadline(session, PLACES, gathering_id, now)
            return
        await move_up(session, case, each, now, due.telling)


async def end_session(due: Due) -> None:
    """A session is over: its list is closed as it stands, unless its host has done so, and who was
    left on it goes back."""
    found = await gatherings.gatherings_for_update(due.session, {due.subject})
    if (now := await due.take()) is None or (gathering := found.get(due.subject)) is None:
        return
    if gathering.state == "cancelled":
        return
    if gathering.state == "announced":
        log = (await edition(due.session, gathering.programme_id)).log
        await hold(due.session, gathering, log)
    for handoff_id in await queries.open_at(due.session, gathering.gathering_id):
        await set_deadline(due.session, DEADLINE, handoff_id, now)


TIMERS: Final[Mapping[str, Timer]] = {
    DEADLINE: hand_back_late,
    REMINDER: remind,
    CANCELLED: leave_cancelled,
    PLACES: give_free_places,
    HELD: end_session,
}

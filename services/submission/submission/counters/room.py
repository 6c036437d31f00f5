"""What counters add to the process."""

from submission.counters import routes
from submission.counters.desk import routes as desk
from submission.counters.desk.acts import routes as acts
from submission.counters.desks import CounterElsewhere, DeskUnknown
from submission.counters.handoffs import (
    CounterFull,
    CounterNotBegun,
    CounterOver,
    CounterUnknown,
    HandoffDecided,
    HandoffUnknown,
    HandoffWaiting,
    MissedTooOften,
)
from submission.counters.timers import TIMERS
from submission.rooms import Room

ROOM = Room(
    routers=(routes.router, desk.router, acts.router),
    statuses={
        CounterUnknown: 404,
        CounterElsewhere: 409,
        CounterFull: 409,
        CounterOver: 409,
        CounterNotBegun: 409,
        HandoffUnknown: 404,
        HandoffWaiting: 409,
        HandoffDecided: 409,
        MissedTooOften: 409,
        DeskUnknown: 422,
    },
    timers=TIMERS,
)

"""What counters add to the process."""

from submission.counters import routes
from submission.counters.announcing import routes as announcing
from submission.counters.desk import routes as desk
from submission.counters.gatherings import CapacityRefused, WindowRefused
from submission.counters.handoffs import (
    CounterFull,
    CounterNotBegun,
    CounterOver,
    CounterUnknown,
    HandoffDecided,
    HandoffUnknown,
    HandoffWaiting,
)
from submission.rooms import Room

ROOM = Room(
    routers=(routes.router, desk.router, announcing.router),
    statuses={
        CounterUnknown: 404,
        CounterFull: 409,
        CounterOver: 409,
        CounterNotBegun: 409,
        HandoffUnknown: 404,
        HandoffWaiting: 409,
        HandoffDecided: 409,
        WindowRefused: 422,
        CapacityRefused: 422,
    },
)

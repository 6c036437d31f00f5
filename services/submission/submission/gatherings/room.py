"""What gatherings add to the process."""

from submission.gatherings import routes
from submission.gatherings.amending import routes as amending
from submission.gatherings.announcing import routes as announcing
from submission.gatherings.gatherings import (
    CapacityRefused,
    GatheringNotOver,
    GatheringOver,
    WindowRefused,
    WorkshopUnknown,
)
from submission.gatherings.places import CapacityBelowPlaced
from submission.rooms import Room

ROOM = Room(
    routers=(routes.router, announcing.router, amending.router),
    statuses={
        WindowRefused: 422,
        CapacityRefused: 422,
        WorkshopUnknown: 422,
        CapacityBelowPlaced: 409,
        GatheringOver: 409,
        GatheringNotOver: 409,
    },
)

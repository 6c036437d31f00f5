"""What programmes add to the process."""

from shared.charters import CharterRefused
from submission.freezing import (
    NoProjects,
    OptionsAlreadyFrozen,
    OptionsChanged,
    ProjectFrozen,
    TooManyOptions,
)
from submission.programmes import history, routes
from submission.programmes.amending import AmendedInPast, AmendedMeanwhile, AmendmentPending
from submission.programmes.desk import routes as desk
from submission.programmes.desk.amending import routes as amending
from submission.programmes.desk.editions import routes as editions
from submission.programmes.phases import LabellingNotOver, PhaseFixed, PhaseNotOpen, PhaseUnknown
from submission.rooms import Room

ROOM = Room(
    # An edition's form stands before the page of a programme, whose address is like `new`.
    routers=(routes.router, history.router, editions.router, amending.router, desk.router),
    statuses={
        CharterRefused: 422,
        AmendedInPast: 422,
        AmendmentPending: 409,
        AmendedMeanwhile: 409,
        history.VersionUnknown: 404,
        PhaseNotOpen: 409,
        PhaseFixed: 409,
        PhaseUnknown: 404,
        LabellingNotOver: 409,
        ProjectFrozen: 409,
        OptionsAlreadyFrozen: 409,
        OptionsChanged: 409,
        NoProjects: 409,
        TooManyOptions: 409,
    },
)

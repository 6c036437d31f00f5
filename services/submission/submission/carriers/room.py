"""What carriers add to the process."""

from submission.carriers import routes
from submission.carriers.erasing import ContentUnknown, ErasedBefore
from submission.carriers.routes import ConfirmationMissing, GroundUnknown
from submission.rooms import Room

ROOM = Room(
    routers=(routes.router,),
    statuses={
        ConfirmationMissing: 422,
        GroundUnknown: 422,
        ContentUnknown: 404,
        ErasedBefore: 409,
    },
)

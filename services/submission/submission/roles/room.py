"""What roles add to the process."""

from submission.roles import routes
from submission.roles.roles import GrantRefused, OfficerUnknown, RoleOfWholeProgramme
from submission.rooms import Room

ROOM = Room(
    routers=(routes.router,),
    statuses={OfficerUnknown: 404, GrantRefused: 422, RoleOfWholeProgramme: 422},
)

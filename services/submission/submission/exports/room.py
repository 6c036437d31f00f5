"""What exports add to the process: the files of a programme's projects."""

from submission.exports import routes
from submission.rooms import Room

ROOM = Room(routers=(routes.router,))

"""What searching adds to the process: the list of a programme's projects."""

from submission.rooms import Room
from submission.searching import routes

ROOM = Room(routers=(routes.router,))

"""What the map adds to the process: its page."""

from submission.map import routes
from submission.rooms import Room

ROOM = Room(routers=(routes.router,))

"""What vouching adds to the process: the way to the residents' identity provider, and back."""

from submission.rooms import Room
from submission.vouching import routes

ROOM = Room(routers=(routes.router,))

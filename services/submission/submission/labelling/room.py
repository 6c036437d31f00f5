"""What labelling adds to the process."""

from submission.labelling import routes
from submission.labelling.labels import (
    BodyDecides,
    DossierIncomplete,
    FamilyUnknown,
    NoCommittee,
)
from submission.rooms import Room

ROOM = Room(
    routers=(routes.router,),
    statuses={DossierIncomplete: 409, FamilyUnknown: 422, BodyDecides: 409, NoCommittee: 409},
)

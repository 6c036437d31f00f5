"""What labelling adds to the process."""

from submission.labelling import routes
from submission.labelling.bodies import routes as bodies
from submission.labelling.bodies.choosing import BodyInRound, BodyUnknown, FundInRound
from submission.labelling.labels import (
    BodyDecides,
    DossierIncomplete,
    FamilyUnknown,
    NoCommittee,
)
from submission.rooms import Room

ROOM = Room(
    routers=(routes.router, bodies.router),
    statuses={
        DossierIncomplete: 409,
        FamilyUnknown: 422,
        BodyDecides: 409,
        NoCommittee: 409,
        BodyUnknown: 404,
        BodyInRound: 409,
        FundInRound: 409,
    },
)

"""What imports add to the process."""

from submission.imports import routes
from submission.imports.ballots import ElectionRefused
from submission.imports.ideas import NameUnknown
from submission.imports.kinds import ImportNotHere, ImportUnknown
from submission.imports.reading import (
    ColumnsMissing,
    ImportUnreadable,
    ReferenceRefused,
    RowRefused,
    TooManyRows,
)
from submission.rooms import Room

ROOM = Room(
    routers=(routes.router,),
    statuses={
        ImportUnreadable: 422,
        ColumnsMissing: 422,
        TooManyRows: 422,
        RowRefused: 422,
        ReferenceRefused: 422,
        NameUnknown: 422,
        ElectionRefused: 422,
        ImportUnknown: 404,
        ImportNotHere: 409,
    },
)

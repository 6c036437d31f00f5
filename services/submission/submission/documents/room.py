"""What documents add to the process."""

from submission.documents import routes
from submission.documents.desk import routes as desk
from submission.documents.handing import FilesNowhere
from submission.documents.kinds import (
    FileInfected,
    FileKindRefused,
    FileLocked,
    FileMissing,
    FileTooLarge,
    FileTooLargeInside,
    FileUnreadable,
    ImageTooLarge,
    TooManyPages,
)
from submission.documents.limits import DocumentsFull, FileNotFound
from submission.documents.stores.stores import DocumentLost
from submission.rooms import Room

ROOM = Room(
    routers=(routes.router, desk.router),
    statuses={
        FileMissing: 422,
        FileTooLarge: 413,
        FileKindRefused: 422,
        FileInfected: 422,
        FileUnreadable: 422,
        FileLocked: 422,
        FileTooLargeInside: 422,
        ImageTooLarge: 422,
        TooManyPages: 422,
        DocumentsFull: 409,
        FileNotFound: 404,
        FilesNowhere: 503,
        DocumentLost: 503,
    },
)

"""A file that comes with a form.

The guard of a route has read the form by then: as a stream, into a file without a name, and no
further than the route's `max_body_size`; whether it was sent from here comes before it is looked
at.
"""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from shared.people.forms import FormData, read_form
from submission.documents.kinds import LARGEST, FileMissing, FileTooLarge
from submission.repeats import Asked, asked_by_form

# The file, and the fields beside it.
LARGEST_FORM: Final = LARGEST + 64 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """A file as it came: its bytes, what its sender called it, and the form it came with."""

    content: bytes
    called: str
    asked: Asked

    def check(self) -> None:
        """Raises `FileMissing`, `FileTooLarge`."""
        if not self.content:
            raise FileMissing("no file came with the form, or an empty one")
        if len(self.content) > LARGEST:
            raise FileTooLarge(f"a file has at most {LARGEST} bytes")


async def received(request: Request, data: FormData) -> Received:
    """The file of a form; with another file, the same form is another one."""
    form = await read_form(request)
    content, called = b"", ""
    try:
        sent = form.get("file")
        if isinstance(sent, UploadFile):
            content, called = await sent.read(LARGEST + 1), sent.filename or ""
    finally:
        await form.close()
    digest = hashlib.sha256(content).hexdigest()
    asked = await asked_by_form(request, {**data, "file": digest, "called": called})
    return Received(content, called, asked)


RouteReceived = Annotated[Received, Depends(received)]

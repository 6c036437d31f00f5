"""Files of projects.

Each is written whole to the disk while its transaction lasts, and sent from there: whoever reads
slowly keeps no connection and no old state of the database."""

import tempfile
from collections.abc import Iterator
from typing import IO
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from submission.exports import queries
from submission.exports.rows import Format, Told
from submission.searching.looked import Looked

IN_MEMORY = 1 << 20
BLOCK = 1 << 16


async def written(
    session: AsyncSession, programme_id: UUID, looked: Looked, form: Format, told: Told
) -> IO[bytes]:
    """The file, at its end; whoever sends it closes it."""
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # it is closed when it is sent
    try:
        first = True
        file.write(form.head(told).encode())
        async for some in queries.projects(session, programme_id, looked):
            file.write(form.some(told, [dict(each) for each in some], first=first).encode())
            first = False
        file.write(form.foot().encode())
    except BaseException:
        file.close()
        raise
    return file


def sent(file: IO[bytes]) -> Iterator[bytes]:
    """A file in blocks; it is gone afterwards."""
    with file:
        file.seek(0)
        while block := file.read(BLOCK):
            yield block

"""Erasing what a carrier wrote and who she is; what was decided stays, with its commitments."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.events.submission import ContentErased
from shared.outbox import announce
from shared.people import queries as people
from submission.carriers import queries
from submission.projects import queries as projects
from submission.projects.tables import Idea
from submission.wording import SOURCE, erase_words, keep_words

AT_ONCE = 500


async def erase(
    session: AsyncSession, idea: Idea, by: UUID, now: datetime, reason: str | None = None
) -> None:
    """Erase a locked idea's words and its carrier, and sign her out everywhere.

    An officer has a `reason`, which stays with the officers; a carrier needs none.
    Whoever carries nothing more is forgotten as a resident too. Erased before, nothing happens.
    """
    carrier = await queries.carrier(session, idea.project_id)
    if carrier is None or carrier.resident is None:
        return
    resident = carrier.resident
    erased = await erase_words(session, await projects.project_texts(session, idea.project_id))
    why = None if reason is None else await keep_words(session, reason)
    for start in range(0, len(erased), AT_ONCE):
        event = ContentErased(content_ids=erased[start : start + AT_ONCE], by=by, reason=why)
        announce(session, event, source=SOURCE)
    await queries.forget_carrier(session, idea.project_id, now)
    connection = await raw(session)
    if await queries.carries_nothing(session, resident):
        await people.erase_resident(connection, resident)
    else:
        await people.end_sessions_of(connection, resident)

"""Doing what is due: each deadline once, in a transaction of its own, by the first replica to it.

A deadline is a row until what it asks for is committed together with its mark: a process that is
killed at any point leaves it due, or done whole. What an act locks, a timer locks in the same
order, and only behind these locks it takes its deadline: what waited for an act sees what it did.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database, connection_lost
from submission.carriers.telling import Telling
from submission.deadlines import queries
from submission.rooms import Timer

log = logging.getLogger("comptoir.deadlines")
AT_ONCE = 50
_FIRST = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))


@dataclass(frozen=True, slots=True)
class Firing:
    """One deadline whose time has come, in the transaction that sees to it."""

    session: AsyncSession
    subject: UUID
    telling: Telling
    deadline_id: UUID

    async def take(self) -> datetime | None:
        """The time, where it is still due; None where an act was faster: then nothing is done.

        Whoever is asked locks what it changes before it takes the deadline.
        """
        return await queries.take_deadline(self.session, self.deadline_id)


async def fire_due(database: Database, timers: Mapping[str, Timer], telling: Telling) -> None:
    """See to all that is due. What fails holds nothing else up, and is tried again next time."""
    if (until := await queries.due_until(database)) is None:
        return
    after, failed = _FIRST, None
    while True:
        async with database.begin() as session:
            due = await queries.due_deadlines(session, until, after, AT_ONCE)
        for row in due:
            after = row["due_at"], row["deadline_id"]
            try:
                await _fire(
                    database, row["deadline_id"], row["subject"], timers[row["kind"]], telling
                )
            except Exception as error:
                if connection_lost(error):
                    raise
                log.error("the deadline %s of %s failed", row["kind"], row["subject"])
                failed = error
        if len(due) < AT_ONCE:
            break
    if failed is not None:
        raise failed


async def _fire(
    database: Database, deadline_id: UUID, subject: UUID, timer: Timer, telling: Telling
) -> None:
    async with database.begin() as session:
        if await queries.claim_deadline(session, deadline_id):
            await timer(Firing(session, subject, telling, deadline_id))

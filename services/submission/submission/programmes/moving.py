"""Phases open and close when they are due, by the database's clock; one replica sees to it."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database, database_time
from shared.events.submission import PhaseClosed, PhaseOpened
from shared.outbox import announce
from submission.programmes import queries
from submission.programmes.phases import Change, due_changes
from submission.tables import Programme

SOURCE = "submission"


async def move_phases(database: Database) -> None:
    """Announce every opening and closing that is due. Each programme is a transaction of its own:
    an act that holds a phase of one makes no other wait."""
    for programme_id in await queries.programmes_with_due_phases(database):
        async with database.begin() as session:
            if not await queries.may_move_phases(session):
                return
            phases = await queries.phases_for_update(session, programme_id)
            programme = await session.get_one(Programme, programme_id)
            # The clock is read behind the locks: what waited for them may have moved a window.
            now = await database_time(session)
            for change in due_changes(phases, now):
                _move(session, programme, change, now)


def _move(session: AsyncSession, programme: Programme, change: Change, now: datetime) -> None:
    change.phase.state = change.to
    event = PhaseOpened if change.to == "open" else PhaseClosed
    happened = event(programme_id=programme.programme_id, phase=change.phase.name, at=now)
    announce(session, happened, source=SOURCE, log=programme.log)

"""Every SQL statement about programmes, their phases and their results."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from submission.programmes.tables import Phase
from submission.tables import Programme

# Whoever opens and closes phases holds this one: a number that no other lock of ours has.
_PHASES_LOCK = 7133702


async def programme(session: AsyncSession, programme_id: UUID) -> Programme | None:
    """A programme. Its rules never change, so that it need not be locked to be read."""
    return await session.get(Programme, programme_id)


async def programmes(session: AsyncSession) -> Sequence[Programme]:
    """All programmes."""
    return (await session.exec(select(Programme).order_by(col(Programme.log)))).all()


async def phases(session: AsyncSession, programme_id: UUID) -> Sequence[Phase]:
    """The phases of a programme, as they stand, in the order in which they open."""
    statement = (
        select(Phase)
        .where(Phase.programme_id == programme_id)
        .order_by(col(Phase.opens_at), col(Phase.name))
    )
    return (await session.exec(statement)).all()


async def phase_for_share(session: AsyncSession, programme_id: UUID, name: str) -> Phase | None:
    """A phase that neither opens, closes nor moves until the transaction ends.

    What is announced meanwhile stands behind its opening and before its closing: take this lock
    first, then those of the programme and its projects, and read the clock after it.
    """
    statement = (
        select(Phase)
        .where(Phase.programme_id == programme_id, Phase.name == name)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def phases_for_update(session: AsyncSession, programme_id: UUID) -> Sequence[Phase]:
    """The phases of a programme, locked one after the other by name: no act is under way."""
    statement = (
        select(Phase)
        .where(Phase.programme_id == programme_id)
        .order_by(col(Phase.name))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).all()


async def programmes_with_due_phases(session: AsyncSession) -> Sequence[UUID]:
    """The programmes of which a phase has to open or close, by the database's clock."""
    rows = await (await raw(session)).fetch(
        "select programme_id from phase"
        " where (state = 'coming' and opens_at <= clock_timestamp())"
        " or (state <> 'closed' and closes_at <= clock_timestamp())"
        " group by programme_id order by min(least(opens_at, closes_at))"
    )
    return [row["programme_id"] for row in rows]


async def may_move_phases(session: AsyncSession) -> bool:
    """Whether this transaction is the one replica that moves phases now."""
    found = await (await raw(session)).fetchval(
        "select pg_try_advisory_xact_lock($1)", _PHASES_LOCK
    )
    return bool(found)

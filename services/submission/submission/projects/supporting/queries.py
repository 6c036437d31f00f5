"""Every SQL statement about who supports what."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw


async def supports(session: AsyncSession, project_id: UUID, resident: UUID) -> bool:
    """Whether a resident supports an idea."""
    found = await (await raw(session)).fetchval(
        "select exists (select from support where project_id = $1 and resident = $2)",
        project_id,
        resident,
    )
    return bool(found)


async def keep(session: AsyncSession, project_id: UUID, resident: UUID, now: datetime) -> bool:
    """A resident supports a locked idea; false where she does already."""
    done = await (await raw(session)).execute(
        "insert into support (project_id, resident, at) values ($1, $2, $3) on conflict do nothing",
        project_id,
        resident,
        now,
    )
    return bool(done == "INSERT 0 1")


async def drop(session: AsyncSession, project_id: UUID, resident: UUID) -> bool:
    """A resident supports a locked idea no more; false where she does not."""
    done = await (await raw(session)).execute(
        "delete from support where project_id = $1 and resident = $2", project_id, resident
    )
    return bool(done == "DELETE 1")


async def join(session: AsyncSession, into: UUID, merged: UUID) -> int:
    """Whoever supports what was merged supports what it was merged into, each once, and not who
    carries that; how many of them are not counted anew. Both ideas are locked."""
    connection = await raw(session)
    known: int = await connection.fetchval(
        "select count(*) from support b where b.project_id = $2"
        " and (exists (select from support a where a.project_id = $1 and a.resident = b.resident)"
        " or exists (select from carrier c where c.project_id = $1 and c.resident = b.resident))",
        into,
        merged,
    )
    await copy(session, merged, into)
    return known


async def copy(session: AsyncSession, of: UUID, to: UUID) -> None:
    """Whoever supports an idea supports another one, too, unless she carries it; both are
    locked."""
    await (await raw(session)).execute(
        "insert into support (project_id, resident, at)"
        " select $2, resident, at from support s where project_id = $1 and not exists (select"
        " from carrier c where c.project_id = $2 and c.resident = s.resident)"
        " on conflict do nothing",
        of,
        to,
    )


async def forget(session: AsyncSession, resident: UUID) -> None:
    """Whom a resident supported is not known any more; she stays counted."""
    await (await raw(session)).execute("delete from support where resident = $1", resident)

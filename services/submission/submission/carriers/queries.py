"""Every SQL statement about carriers."""

from datetime import datetime
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from submission.carriers.tables import Carrier


async def carrier(session: AsyncSession, project_id: UUID) -> Carrier | None:
    """Who carries an idea, as it stands."""
    statement = (
        select(Carrier)
        .where(Carrier.project_id == project_id)
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def forget_carrier(session: AsyncSession, project_id: UUID, now: datetime) -> None:
    """Forget name, address and person; what they carried stays."""
    await (await raw(session)).execute(
        "update carrier set resident = null, name = null, address = null, erased_at = $2"
        " where project_id = $1 and erased_at is null",
        project_id,
        now,
    )

"""Every SQL statement about who has which role."""

from collections.abc import Sequence

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw


async def officers(session: AsyncSession) -> Sequence[asyncpg.Record]:
    """Everybody who has signed in as an officer or has a role, once for each role.

    Whoever was granted one before signing in has no name yet.
    """
    return await (await raw(session)).fetch(
        "select officer_id, o.name, o.address, g.role, g.programme_id, g.territory"
        " from officer o full join role_grant g using (officer_id)"
        " order by o.name nulls last, officer_id, g.role, g.programme_id nulls first,"
        " g.territory nulls first"
    )

"""Every SQL statement about gatherings and places at them."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import asyncpg
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from submission.gatherings.places import Counts
from submission.gatherings.tables import Gathering, Registration

LIVE = ("placed", "waiting")


async def gatherings_for_update(
    session: AsyncSession, gathering_ids: Collection[UUID]
) -> Mapping[UUID, Gathering]:
    """Gatherings, locked in the order of their ids: their places are given one after the other."""
    statement = (
        select(Gathering)
        .where(col(Gathering.gathering_id).in_(gathering_ids))
        .order_by(col(Gathering.gathering_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {each.gathering_id: each for each in (await session.exec(statement)).all()}


async def gathering(session: AsyncSession, gathering_id: UUID) -> Gathering | None:
    """A gathering."""
    return await session.get(Gathering, gathering_id)


async def counts(session: AsyncSession, gathering_id: UUID) -> Counts:
    """How many registrations of a gathering are in each state."""
    await session.flush()
    rows = await (await raw(session)).fetch(
        "select state, count(*) from registration where gathering_id = $1 and state <> 'freed'"
        " group by state",
        gathering_id,
    )
    return Counts(**{row["state"]: row["count"] for row in rows})


async def live_registration(session: AsyncSession, handoff_id: UUID) -> Registration | None:
    """The place that a handoff has, or waits for."""
    statement = (
        select(Registration)
        .where(Registration.handoff_id == handoff_id, col(Registration.state).in_(LIVE))
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


_SUSPENDED = (
    " from handoff h join idea i using (project_id)"
    " where h.handoff_id = registration.handoff_id and i.standing = 'suspended'"
)


async def passed_over(session: AsyncSession, gathering_id: UUID) -> int:
    """How many wait for a place whose idea is suspended."""
    await session.flush()
    found: int = await (await raw(session)).fetchval(
        "select count(*) from registration where gathering_id = $1 and state = 'waiting'"
        f" and exists (select {_SUSPENDED})",
        gathering_id,
    )
    return found


async def waiting_registrations(
    session: AsyncSession, gathering_id: UUID, most: int
) -> Sequence[Registration]:
    """Who waits for a place, who has waited longest first; not whose idea is suspended, which keeps
    its turn and is passed over meanwhile."""
    statement = (
        select(Registration)
        .where(
            Registration.gathering_id == gathering_id,
            Registration.state == "waiting",
            text(f"not exists (select {_SUSPENDED})"),
        )
        .order_by(col(Registration.at), col(Registration.registration_id))
        .limit(most)
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).all()


_GATHERINGS = """
select g.gathering_id, g.programme_id, g.territory, g.begins_at, g.ends_at, g.capacity, g.desk,
       g.workshops, g.online, g.state, t.value as place, n.value as title, o.value as host,
       r.value as reason,
       (select count(*) from registration where gathering_id = g.gathering_id
           and state in ('placed', 'attended', 'missed', 'unmarked')) as taken,
       (select count(*) from registration where gathering_id = g.gathering_id
           and state = 'waiting') as in_line,
       (select count(*) from handoff where gathering_id = g.gathering_id
           and state = 'requested') as waiting
from gathering g
join text t on t.content_id = g.place
left join text n on n.content_id = g.title
left join text o on o.content_id = g.host
left join text r on r.content_id = g.reason
"""


async def listed(
    session: AsyncSession, programme_id: UUID, territory: str = "", *, coming: bool = False
) -> Sequence[asyncpg.Record]:
    """The gatherings of a programme with their places, first to last; `coming` ones are those that
    one can come to still."""
    return await (await raw(session)).fetch(
        f"{_GATHERINGS} where g.programme_id = $1 and ($2 = '' or g.territory = $2)"
        " and (not $3 or (g.ends_at > clock_timestamp() and g.state = 'announced'))"
        " order by g.begins_at, g.gathering_id",
        programme_id,
        territory,
        coming,
    )


async def shown(session: AsyncSession, gathering_id: UUID) -> asyncpg.Record | None:
    """A gathering with its words and places."""
    return await (await raw(session)).fetchrow(
        f"{_GATHERINGS} where g.gathering_id = $1", gathering_id
    )

"""Every SQL statement about counters and handoffs."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from submission.counters.tables import Gathering, Handoff

TAKEN = ("accepted", "attended", "missed")
WAITING = ("requested", "accepted")


@dataclass(frozen=True)
class Looked:
    """What an adviser's list is looked through for; "" looks for anything."""

    territory: str = ""
    state: str = ""


async def gathering_for_update(session: AsyncSession, gathering_id: UUID) -> Gathering | None:
    """A counter, locked: its places are given one after the other."""
    statement = (
        select(Gathering)
        .where(Gathering.gathering_id == gathering_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def gathering(session: AsyncSession, gathering_id: UUID) -> Gathering | None:
    """A counter."""
    return await session.get(Gathering, gathering_id)


async def handoff(session: AsyncSession, handoff_id: UUID) -> Handoff | None:
    """A handoff, as it stands."""
    return await session.get(Handoff, handoff_id, populate_existing=True)


async def places_taken(session: AsyncSession, gathering_id: UUID) -> int:
    """How many places of a counter are given; whoever waits for an answer has none yet."""
    found: int = await (await raw(session)).fetchval(
        "select count(*) from handoff where gathering_id = $1 and state = any($2)",
        gathering_id,
        TAKEN,
    )
    return found


async def waiting_handoff(session: AsyncSession, project_id: UUID) -> Handoff | None:
    """The counter that an idea has asked, or has a place at."""
    statement = select(Handoff).where(
        Handoff.project_id == project_id, col(Handoff.state).in_(WAITING)
    )
    return (await session.exec(statement)).one_or_none()


async def counters_attended(session: AsyncSession, project_id: UUID) -> int:
    """At how many counters an idea was guided."""
    found: int = await (await raw(session)).fetchval(
        "select count(*) from handoff where project_id = $1 and state = 'attended'", project_id
    )
    return found


_GATHERINGS = """
select g.gathering_id, g.programme_id, g.territory, g.begins_at, g.ends_at, g.capacity,
       t.value as place,
       count(h.*) filter (where h.state in ('accepted', 'attended', 'missed')) as taken,
       count(h.*) filter (where h.state = 'requested') as waiting
from gathering g
join text t on t.content_id = g.place
left join handoff h on h.gathering_id = g.gathering_id
"""


async def counters(
    session: AsyncSession, programme_id: UUID, territory: str = "", *, coming: bool = False
) -> Sequence[asyncpg.Record]:
    """The counters of a programme with their places, first to last."""
    return await (await raw(session)).fetch(
        f"{_GATHERINGS} where g.programme_id = $1 and ($2 = '' or g.territory = $2)"
        " and (not $3 or g.ends_at > clock_timestamp())"
        " group by g.gathering_id, t.value order by g.begins_at, g.gathering_id",
        programme_id,
        territory,
        coming,
    )


async def counter(session: AsyncSession, gathering_id: UUID) -> asyncpg.Record | None:
    """A counter with its place and places."""
    return await (await raw(session)).fetchrow(
        f"{_GATHERINGS} where g.gathering_id = $1 group by g.gathering_id, t.value", gathering_id
    )


_HANDOFFS = """
select h.handoff_id, h.project_id, h.gathering_id, h.state, h.requested_at,
       g.territory, g.begins_at, g.ends_at, p.value as place, r.value as reason,
       t.value as title, s.value as summary, c.value as carrier, i.territory as of_territory
from handoff h
join gathering g using (gathering_id)
join text p on p.content_id = g.place
join idea i on i.project_id = h.project_id
join text t on t.content_id = i.title
join text s on s.content_id = i.summary
join text c on c.content_id = i.carrier
left join text r on r.content_id = h.reason
"""


async def handoffs_of(session: AsyncSession, project_id: UUID) -> Sequence[asyncpg.Record]:
    """The counters that an idea asked, first to last."""
    return await (await raw(session)).fetch(
        f"{_HANDOFFS} where h.project_id = $1 order by h.requested_at, h.handoff_id", project_id
    )


async def people_at(session: AsyncSession, gathering_id: UUID) -> Sequence[asyncpg.Record]:
    """Who asked a counter or has a place at it, those who wait for an answer first."""
    return await (await raw(session)).fetch(
        f"{_HANDOFFS} where h.gathering_id = $1"
        " order by array_position(array['requested', 'accepted', 'attended', 'missed',"
        " 'declined'], h.state), h.requested_at, h.handoff_id",
        gathering_id,
    )


async def due_handoffs(
    session: AsyncSession,
    programme_id: UUID,
    looked: Looked,
    territories: Sequence[str] | None,
    most: int,
) -> Sequence[asyncpg.Record]:
    """What an adviser has to do, by what is due first: answer before a counter begins, and mark
    who came once it has begun. `territories` are hers; None stands for all."""
    return await (await raw(session)).fetch(
        f"{_HANDOFFS} where h.programme_id = $1 and ($2 = '' or g.territory = $2)"
        " and (h.state = 'requested' or h.state = 'accepted')"
        " and ($3 = '' or h.state = $3) and ($4::text[] is null or g.territory = any($4))"
        " order by g.begins_at, h.state = 'accepted', h.requested_at, h.handoff_id limit $5",
        programme_id,
        looked.territory,
        looked.state,
        territories,
        most,
    )

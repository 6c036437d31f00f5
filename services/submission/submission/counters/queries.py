"""Every SQL statement about handoffs."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from submission.counters.handoffs import ENDS
from submission.counters.tables import Handoff


@dataclass(frozen=True)
class Looked:
    """What an officer's list is looked through for; "" looks for anything."""

    territory: str = ""
    state: str = ""
    desk: str = ""


@dataclass(frozen=True)
class Works:
    """Where an officer works: as which role, in which territories (None stands for all)."""

    adviser: Sequence[str] | None
    instructor: Sequence[str] | None


async def handoff(session: AsyncSession, handoff_id: UUID) -> Handoff | None:
    """A handoff, as it stands."""
    return await session.get(Handoff, handoff_id, populate_existing=True)


async def open_handoff(session: AsyncSession, project_id: UUID) -> Handoff | None:
    """The one handoff of an idea that is not at its end."""
    statement = (
        select(Handoff)
        .where(Handoff.project_id == project_id, col(Handoff.state).not_in(ENDS))
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def counters_attended(session: AsyncSession, project_id: UUID) -> int:
    """From how many desks somebody came to a session with an idea: what a desk hands back without
    one, after a telephone call perhaps, is none."""
    found: int = await (await raw(session)).fetchval(
        "select count(distinct handoff_id) from handoff join registration r using (handoff_id)"
        " where project_id = $1 and r.state = 'attended'",
        project_id,
    )
    return found


async def guided(session: AsyncSession, project_id: UUID) -> bool:
    """Whether somebody came to a session with an idea."""
    return await counters_attended(session, project_id) > 0


async def times_missed(session: AsyncSession, programme_id: UUID, project_id: UUID) -> int:
    """From how many sessions of an edition an idea's carrier stayed away, with whichever idea."""
    found: int = await (await raw(session)).fetchval(
        "select count(*) from registration r join handoff h using (handoff_id)"
        " join carrier c on c.project_id = h.project_id"
        " join carrier mine on mine.project_id = $2"
        " where r.state = 'missed' and h.programme_id = $1"
        " and (c.project_id = $2 or c.resident = mine.resident)",
        programme_id,
        project_id,
    )
    return found


async def asked_of(session: AsyncSession, gathering_id: UUID, state: str) -> Sequence[Handoff]:
    """The handoffs of a session in a state."""
    statement = (
        select(Handoff)
        .where(Handoff.gathering_id == gathering_id, Handoff.state == state)
        .order_by(col(Handoff.handoff_id))
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).all()


async def projects_of(session: AsyncSession, handoff_ids: Sequence[UUID]) -> Sequence[UUID]:
    """The ideas of handoffs, in the order in which ideas are locked."""
    rows = await (await raw(session)).fetch(
        "select distinct project_id from handoff where handoff_id = any($1) order by project_id",
        list(handoff_ids),
    )
    return [row["project_id"] for row in rows]


async def open_at(session: AsyncSession, gathering_id: UUID) -> Sequence[UUID]:
    """The handoffs that a session holds: they are not at their end."""
    rows = await (await raw(session)).fetch(
        "select handoff_id from handoff where gathering_id = $1"
        " and state in ('requested', 'awaiting', 'scheduled') order by handoff_id",
        gathering_id,
    )
    return [row["handoff_id"] for row in rows]


_HANDOFFS = """
select h.handoff_id, h.project_id, h.programme_id, h.gathering_id, h.desk, h.state, h.cause,
       h.after, h.due_at, h.requested_at, coalesce(g.territory, i.territory) as territory,
       g.begins_at, g.ends_at, g.state as session_state, p.value as place, r.value as reason,
       coalesce(d.value, t.value) as title, s.value as summary, c.value as carrier,
       i.territory as of_territory,
       case when l.state = 'waiting' then (
           select count(*) from registration w where w.gathering_id = l.gathering_id
           and w.state = 'waiting' and (w.at, w.registration_id) < (l.at, l.registration_id))
       end as ahead,
       exists (select from registration a where a.handoff_id = h.handoff_id
           and a.state = 'attended') as came
from handoff h
left join gathering g using (gathering_id)
left join text p on p.content_id = g.place
left join registration l on l.handoff_id = h.handoff_id and l.state in ('placed', 'waiting')
join idea i on i.project_id = h.project_id
join text t on t.content_id = i.title
join text s on s.content_id = i.summary
join text c on c.content_id = i.carrier
left join project j on j.project_id = h.project_id
left join text d on d.content_id = j.title
left join text r on r.content_id = h.reason
"""


async def handoffs_of(session: AsyncSession, project_id: UUID) -> Sequence[asyncpg.Record]:
    """The desks that an idea was at, first to last."""
    return await (await raw(session)).fetch(
        f"{_HANDOFFS} where h.project_id = $1 order by h.requested_at, h.after is not null,"
        " h.handoff_id",
        project_id,
    )


def standing(handoffs: Sequence[asyncpg.Record]) -> asyncpg.Record | None:
    """Of an idea's handoffs the one that is not at its end, else the last one."""
    waiting = [each for each in handoffs if each["state"] not in ENDS] or handoffs
    return waiting[-1] if waiting else None


async def shown(session: AsyncSession, handoff_id: UUID) -> asyncpg.Record | None:
    """A handoff with all that its desk reads of it."""
    return await (await raw(session)).fetchrow(f"{_HANDOFFS} where h.handoff_id = $1", handoff_id)


async def people_at(session: AsyncSession, gathering_id: UUID) -> Sequence[asyncpg.Record]:
    """Who asked a session, has a place at it or waits for one, those who need an answer first."""
    return await (await raw(session)).fetch(
        f"{_HANDOFFS} where h.gathering_id = $1"
        " order by array_position(array['requested', 'scheduled', 'awaiting', 'attended',"
        " 'missed', 'returned', 'redirected'], h.state), l.at, h.requested_at, h.handoff_id",
        gathering_id,
    )


async def due_handoffs(
    session: AsyncSession,
    programme_id: UUID,
    looked: Looked,
    works: Works,
    desks: Sequence[tuple[str, str, Sequence[str] | None]],
    most: int,
) -> Sequence[asyncpg.Record]:
    """What the desks of an officer have to do, what is due first at the head.

    `desks` are those of the charter: name, role and territories; what is at none of them is at the
    counters' one, of advisers.
    """
    return await (await raw(session)).fetch(
        f"""
        with desk as (
            select name, role, string_to_array(territories, ',') as territories
            from unnest($6::text[], $7::text[], $8::text[]) as known (name, role, territories))
        {_HANDOFFS}
        left join desk k on k.name = h.desk
        where h.programme_id = $1
          and h.state in ('requested', 'accepted', 'awaiting', 'scheduled', 'attended', 'missed')
          and ($2 = '' or coalesce(g.territory, i.territory) = $2)
          and ($3 = '' or h.state = $3) and ($9 = '' or coalesce(h.desk, 'counters') = $9)
          and case when coalesce(k.role, 'adviser') = 'adviser'
              then $4::text[] is null
                or coalesce(k.territories, array[coalesce(g.territory, i.territory)]) && $4
              else $5::text[] is null
                or coalesce(k.territories, array[coalesce(g.territory, i.territory)]) && $5 end
        order by h.state in ('attended', 'missed'), coalesce(
            case when h.state = 'scheduled' then g.begins_at end, h.due_at, g.begins_at),
            h.state = 'scheduled', h.requested_at, h.handoff_id
        limit $10
        """,
        programme_id,
        looked.territory,
        looked.state,
        works.adviser,
        works.instructor,
        [name for name, _, _ in desks],
        [role for _, role, _ in desks],
        [",".join(of) if of else None for _, _, of in desks],
        looked.desk,
        most,
    )

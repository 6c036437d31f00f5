"""The SQL of registrations that are held."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg

from voting.roll.held.counts import OfAge

_DECIDE = """
update held set state = $2, reason = $3, messages = null, code = $4, band = null
where held_id = $1 and state = 'waiting'
"""
_COUNTS = """
select r.round_id, r.log, r.counted,
    (select coalesce(jsonb_object_agg(tier, n), '{}') from (
        select tier, count(*) as n from person p
        where p.round_id = r.round_id and p.held is null group by tier) t)::text as registered,
    (select coalesce(jsonb_object_agg(ground, n), '{}') from (
        select ground, count(*) as n from held h cross join unnest(h.grounds) ground
        where h.round_id = r.round_id group by ground) g)::text as held,
    (select count(*) from held h where h.round_id = r.round_id and state = 'waiting') as waiting,
    (select count(*) from held h where h.round_id = r.round_id and state = 'admitted') as admitted,
    (select count(*) from held h where h.round_id = r.round_id and state = 'declined') as declined,
    (select count(*) from held h where h.round_id = r.round_id and state = 'admitted' and contested)
        as contested
from round r
where not r.destroyed and (r.round_id = $1 or $1 is null)
    and (not r.closed or $1 is not null)
    and exists (select from person p where p.round_id = r.round_id)
"""


# Of codes whose owner's age was known. Used is one that has its token, or that was marked at the
# counter of papers.
_BY_AGE = """
select c.band as since, count(*) as registered, count(*) filter (where
    exists (select from token t where t.round_id = c.round_id and t.code = c.code)
    or exists (select from paper_mark m where m.round_id = c.round_id and m.person = c.code)
    ) as used
from code c where c.round_id = $1 and c.band is not null group by c.band
"""


class Case(NamedTuple):
    """A registration that is or was held. What it shares with others is a letter, of this list."""

    held_id: UUID
    tier: str
    grounds: Sequence[str]
    contested: bool
    address: bytes | None
    telephone: bytes | None

    @property
    def number(self) -> str:
        """What the person says at a counter."""
        return self.held_id.hex[:8]


async def waiting_cases(
    connection: asyncpg.Connection, round_id: UUID, most: int
) -> Sequence[Case]:
    """What waits in a round, who came first at the head."""
    rows = await connection.fetch(
        "select held_id, tier, grounds, contested, address, telephone from held"
        " where round_id = $1 and state = 'waiting' order by place limit $2",
        round_id,
        most,
    )
    return [Case(**row) for row in rows]


async def waiting_number(connection: asyncpg.Connection, round_id: UUID) -> int:
    """How many wait in a round."""
    found: int = await connection.fetchval(
        "select count(*) from held where round_id = $1 and state = 'waiting'", round_id
    )
    return found


async def case_of(
    connection: asyncpg.Connection, round_id: UUID, reference: bytes
) -> asyncpg.Record | None:
    """A case by the reference that its person was sent: where it stands, and the reason."""
    return await connection.fetchrow(
        "select held_id, state, reason from held where round_id = $1 and reference = $2",
        round_id,
        reference,
    )


async def cases_for_update(
    connection: asyncpg.Connection, round_id: UUID, held_ids: Sequence[UUID]
) -> Sequence[asyncpg.Record]:
    """Cases that wait, locked in one order; fewer than asked for where some are decided."""
    return await connection.fetch(
        "select *, messages::text as sealed from held"
        " where round_id = $1 and held_id = any($2::uuid[]) and state = 'waiting'"
        " order by held_id for update",
        round_id,
        list(held_ids),
    )


async def decide(connection: asyncpg.Connection, held_id: UUID, state: str, reason: str) -> None:
    """Keep what two officers decided. What was sealed for it is told now, and kept no longer."""
    await connection.execute(_DECIDE, held_id, state, reason, bytes(32))


async def release(connection: asyncpg.Connection, held_id: UUID) -> None:
    """Whoever was held is on the roll as everybody is."""
    await connection.execute("update person set held = null where held = $1", held_id)


async def take_off(connection: asyncpg.Connection, case: asyncpg.Record) -> None:
    """Whoever was held is not on the roll: the identity and the telephone are free again."""
    await connection.execute("delete from person where held = $1", case["held_id"])
    if case["telephone"] is not None:
        await connection.execute(
            "update channel set voters = voters - 1"
            " where round_id = $1 and telephone = $2 and voters > 0",
            case["round_id"],
            case["telephone"],
        )


async def registrations(
    connection: asyncpg.Connection, round_id: UUID | None = None
) -> Sequence[asyncpg.Record]:
    """The counts of registrations of a round, or of those that are not closed, where there are
    any."""
    return await connection.fetch(_COUNTS, round_id)


async def codes_by_age(connection: asyncpg.Connection, round_id: UUID) -> Sequence[OfAge]:
    """How many codes a round has, and of how many the right was used, by their owners' ages."""
    return [OfAge(**row) for row in await connection.fetch(_BY_AGE, round_id)]


async def forget_ages(connection: asyncpg.Connection, round_id: UUID) -> None:
    """Of what age the owner of a code is, is known no more."""
    await connection.execute(
        "update code set band = null where round_id = $1 and band is not null", round_id
    )


async def note_counted(connection: asyncpg.Connection, round_id: UUID, counted: str) -> None:
    """Keep which counts are announced."""
    await connection.execute("update round set counted = $2 where round_id = $1", round_id, counted)

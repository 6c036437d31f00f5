"""The SQL of people whom a provider vouches for."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

_KEEP = """
insert into identified (session, round_id, identity, subject, in_need, placed, case_id, messages,
                        expires_at, band)
values ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp() + make_interval(mins => $9), $10)
"""
_STANDING = """
select case
    when p.identity is not null then 'on_roll'
    else h.state end as state, h.held_id, h.reason
from identified i
left join person p on p.round_id = i.round_id and p.identity = i.identity
    and p.subject = i.subject and p.held is null
left join held h on h.round_id = i.round_id and h.subject = i.subject
where i.session = $1 and i.round_id = $2
order by h.place desc limit 1
"""


async def keep(
    connection: asyncpg.Connection,
    round_id: UUID,
    session: bytes,
    *,
    identity: bytes,
    subject: bytes,
    in_need: bool,
    placed: bool,
    case_id: UUID,
    messages: Mapping[str, Any],
    band: int,
    minutes: int,
) -> None:
    """Keep for so long who came back from the provider: hashes, sealed messages, a band of ages."""
    await connection.execute(
        _KEEP,
        session,
        round_id,
        identity,
        subject,
        in_need,
        placed,
        case_id,
        json.dumps(dict(messages)),
        minutes,
        band,
    )


async def identified_for_update(
    connection: asyncpg.Connection, round_id: UUID, session: bytes
) -> asyncpg.Record | None:
    """Who came back in this browser, while it lasts."""
    return await connection.fetchrow(
        "select *, messages::text as sealed from identified"
        " where session = $1 and round_id = $2 and expires_at > clock_timestamp() for update",
        session,
        round_id,
    )


async def standing(
    connection: asyncpg.Connection, round_id: UUID, session: bytes
) -> asyncpg.Record | None:
    """Where she stands: `on_roll`, or her case `waiting`, `admitted` or `declined`, or nowhere."""
    return await connection.fetchrow(_STANDING, session, round_id)


async def forget_old(connection: asyncpg.Connection) -> None:
    """Forget who came back and went on no further."""
    await connection.execute("delete from identified where expires_at <= clock_timestamp()")

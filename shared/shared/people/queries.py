"""Every SQL statement about people."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from shared.people.roles import Grant, Role

# The person of a session that has not expired: an officer with all roles, or, where residents sign
# in as well, one of them; who was erased has no address. The roles are JSON.
_SESSION = """
select s.person_id, s.kind, o.name, {address} as address,
       case when s.kind = 'officer' then
           (select coalesce(jsonb_agg(jsonb_build_array(g.role, g.programme_id, g.territory)), '[]')
            from role_grant g where g.officer_id = s.person_id)
       end as grants
from person_session s left join officer o on o.officer_id = s.person_id {residents}
where s.token_hash = $1 and s.expires_at > clock_timestamp()
"""
SESSION = _SESSION.format(address="o.address", residents="")
SESSION_OF_ANYBODY = _SESSION.format(
    address="coalesce(o.address, r.address)",
    residents="left join resident r on r.resident_id = s.person_id",
)


# For how long the browser that used a link may press its button once more.
PRESSED_TWICE = "interval '5 minutes'"


async def begin_session(
    connection: asyncpg.Connection, token_hash: bytes, person_id: UUID, kind: str, hours: float
) -> None:
    """Sign somebody in; what has expired is forgotten at the same time."""
    await connection.execute("delete from person_session where expires_at < clock_timestamp()")
    await connection.execute(
        "insert into person_session (token_hash, person_id, kind, expires_at)"
        " values ($1, $2, $3, clock_timestamp() + make_interval(secs => $4))",
        token_hash,
        person_id,
        kind,
        hours * 3600,
    )


async def end_session(connection: asyncpg.Connection, token_hash: bytes) -> None:
    """Sign somebody out."""
    await connection.execute("delete from person_session where token_hash = $1", token_hash)


async def end_sessions_of(connection: asyncpg.Connection, person_id: UUID) -> None:
    """Sign somebody out everywhere."""
    await connection.execute("delete from person_session where person_id = $1", person_id)


async def keep_officer(
    connection: asyncpg.Connection, officer_id: UUID, name: str, address: str | None
) -> None:
    """An officer's name, as the identity provider says it now."""
    if address is not None:  # it may have been a colleague's
        await connection.execute(
            "update officer set address = null where address = $2 and officer_id <> $1",
            officer_id,
            address,
        )
    await connection.execute(
        "insert into officer (officer_id, name, address) values ($1, $2, $3)"
        " on conflict (officer_id) do update set name = excluded.name, address = excluded.address",
        officer_id,
        name,
        address,
    )


async def grants_of(connection: asyncpg.Connection, officer_id: UUID) -> tuple[Grant, ...]:
    """The roles that an officer has now."""
    rows = await connection.fetch(
        "select role, programme_id, territory from role_grant where officer_id = $1", officer_id
    )
    return tuple(Grant(Role(row[0]), row[1], row[2]) for row in rows)


async def officers(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """Everybody who has signed in here as an officer, with their roles."""
    return await connection.fetch(
        "select o.officer_id, o.name, o.address, g.role, g.programme_id, g.territory"
        " from officer o left join role_grant g using (officer_id)"
        " order by o.name, o.officer_id, g.role, g.programme_id, g.territory"
    )


async def names_of(connection: asyncpg.Connection) -> dict[UUID, str]:
    """The names of all officers that are known here."""
    rows = await connection.fetch("select officer_id, name from officer")
    return {row["officer_id"]: row["name"] for row in rows}


async def grant(connection: asyncpg.Connection, officer_id: UUID, given: Grant) -> bool:
    """Give a role; false where it was there."""
    return bool(
        await connection.fetchval(
            "insert into role_grant (officer_id, role, programme_id, territory)"
            " values ($1, $2, $3, $4) on conflict do nothing returning true",
            officer_id,
            given.role,
            given.programme_id,
            given.territory,
        )
    )


async def revoke(connection: asyncpg.Connection, officer_id: UUID, taken: Grant) -> bool:
    """Take a role away; false where it was not there."""
    return bool(
        await connection.fetchval(
            "delete from role_grant where officer_id = $1 and role = $2"
            " and programme_id is not distinct from $3 and territory is not distinct from $4"
            " returning true",
            officer_id,
            taken.role,
            taken.programme_id,
            taken.territory,
        )
    )


def read_grants(written: str) -> tuple[Grant, ...]:
    """The roles in a session's row, which are JSON there."""
    return tuple(
        Grant(Role(role), None if programme is None else UUID(programme), territory)
        for role, programme, territory in json.loads(written)
    )


async def begin_signing_in(
    connection: asyncpg.Connection, state_hash: bytes, verifier: str, nonce: str, next_page: str
) -> None:
    """Somebody goes to the identity provider; ten minutes to come back."""
    await connection.execute("delete from signing_in where expires_at < clock_timestamp()")
    await connection.execute(
        "insert into signing_in (state_hash, verifier, nonce, next, expires_at)"
        " values ($1, $2, $3, $4, clock_timestamp() + interval '10 minutes')",
        state_hash,
        verifier,
        nonce,
        next_page,
    )


async def come_back(connection: asyncpg.Connection, state_hash: bytes) -> asyncpg.Record | None:
    """What was kept when somebody went to the provider: once, and in time."""
    return await connection.fetchrow(
        "delete from signing_in where state_hash = $1 and expires_at > clock_timestamp()"
        " returning verifier, nonce, next",
        state_hash,
    )


async def links_of_the_hour(connection: asyncpg.Connection, address: str) -> int:
    """How many links were mailed to an address within the last hour; older ones are forgotten."""
    await connection.execute(
        "delete from mailed_link where sent_at < clock_timestamp() - interval '1 day'"
    )
    await connection.execute("select pg_advisory_xact_lock(hashtextextended($1, 1))", address)
    found: int = await connection.fetchval(
        "select count(*) from mailed_link"
        " where address = $1 and used_at is null"
        " and sent_at > clock_timestamp() - interval '1 hour'",
        address,
    )
    return found


async def keep_link(
    connection: asyncpg.Connection, token_hash: bytes, address: str, language: str, next_page: str
) -> None:
    """A link that is being mailed."""
    await connection.execute(
        "insert into mailed_link (token_hash, address, language, next, expires_at)"
        " values ($1, $2, $3, $4, clock_timestamp() + interval '1 day')",
        token_hash,
        address,
        language,
        next_page,
    )


async def follow_link(
    connection: asyncpg.Connection, token_hash: bytes, browser: bytes
) -> asyncpg.Record | None:
    """The address and next page of a link: once, and in time; and again for the browser that used
    it, which was pressed twice. What was used longer ago is forgotten."""
    await connection.execute(
        f"delete from mailed_link where used_at < clock_timestamp() - {PRESSED_TWICE}"
    )
    return await connection.fetchrow(
        "update mailed_link set used_at = coalesce(used_at, clock_timestamp()), used_by = $2"
        " where token_hash = $1 and expires_at > clock_timestamp()"
        " and (used_by is null or used_by = $2) returning address, language, next",
        token_hash,
        browser,
    )


async def forget_links_of(connection: asyncpg.Connection, browser: bytes) -> None:
    """The links that a browser has used sign nobody in again."""
    await connection.execute("delete from mailed_link where used_by = $1", browser)


async def keep_resident(
    connection: asyncpg.Connection, resident_id: UUID, address: str, language: str
) -> UUID:
    """The id of whoever has this address, now or from now on."""
    found: UUID = await connection.fetchval(
        "insert into resident (resident_id, address, language) values ($1, $2, $3)"
        " on conflict (address) do update set language = excluded.language returning resident_id",
        resident_id,
        address,
        language,
    )
    return found


async def hold_resident(connection: asyncpg.Connection, resident_id: UUID) -> bool:
    """Lock a resident, who is forgotten once; false where she is."""
    found = await connection.fetchval(
        "select address from resident where resident_id = $1 for update", resident_id
    )
    return found is not None


async def erase_resident(connection: asyncpg.Connection, resident_id: UUID) -> None:
    """Forget an address, the links mailed to it and the sessions."""
    await connection.execute(
        "delete from mailed_link where address ="
        " (select address from resident where resident_id = $1)",
        resident_id,
    )
    await connection.execute(
        "update resident set address = null where resident_id = $1", resident_id
    )
    await end_sessions_of(connection, resident_id)


async def keep_act(
    connection: asyncpg.Connection,
    act_id: UUID,
    act: str,
    about: str,
    programme_id: UUID | None,
    parameters: Mapping[str, Any],
    digest: str,
    reason: str,
    salt: bytes,
    asked_by: UUID,
) -> asyncpg.Record | None:
    """Keep an act that waits for its second officer; None where one waits already."""
    return await connection.fetchrow(
        "insert into act (act_id, act, about, programme_id, parameters, digest, reason, salt,"
        " asked_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        " on conflict (act, about) where state = 'waiting' do nothing returning act_id",
        act_id,
        act,
        about,
        programme_id,
        json.dumps(dict(parameters)),
        digest,
        reason,
        salt,
        asked_by,
    )


async def waiting_act(
    connection: asyncpg.Connection, act: str, about: str
) -> asyncpg.Record | None:
    """The act that waits about a subject."""
    return await connection.fetchrow(
        "select * from act where act = $1 and about = $2 and state = 'waiting' for update",
        act,
        about,
    )


async def act_for_update(connection: asyncpg.Connection, act_id: UUID) -> asyncpg.Record | None:
    """An act, locked: it is answered once."""
    return await connection.fetchrow("select * from act where act_id = $1 for update", act_id)


async def act(connection: asyncpg.Connection, act_id: UUID) -> asyncpg.Record | None:
    """An act, as it stands."""
    return await connection.fetchrow("select * from act where act_id = $1", act_id)


ACTS = """
with mine as (
    select * from act a where exists (
        select from unnest($1::text[], $2::uuid[]) as may (act, programme_id)
        where may.act = a.act
          and (may.programme_id is null or may.programme_id = a.programme_id)
    )
)
(select * from mine where state = 'waiting' order by asked_at, act_id)
union all
(select * from mine where state <> 'waiting' order by answered_at desc, act_id limit $3)
"""


async def acts(
    connection: asyncpg.Connection, may: Sequence[tuple[str, UUID | None]], answered: int
) -> list[asyncpg.Record]:
    """All acts that wait, oldest first, and behind them so many of those answered last.

    `may` names those to look for: an act in a programme, or with None in all of them.
    """
    names, programmes = [act for act, _ in may], [programme_id for _, programme_id in may]
    return await connection.fetch(ACTS, names, programmes, answered)


async def done_acts(
    connection: asyncpg.Connection, act: str, asked_by: UUID, about: str
) -> list[asyncpg.Record]:
    """What somebody asked for and another officer confirmed, about what begins so; the last one
    first."""
    return await connection.fetch(
        "select * from act where act = $1 and asked_by = $2 and state = 'done'"
        " and starts_with(about, $3) order by answered_at desc, act_id",
        *(act, asked_by, about),
    )


async def answer_act(
    connection: asyncpg.Connection,
    act_id: UUID,
    state: str,
    answered_by: UUID,
    answer: str | None = None,
    salt: bytes | None = None,
) -> None:
    """An act was done; or declined, with the reason that its event is a commitment to."""
    await connection.execute(
        "update act set state = $2, answered_by = $3, answered_at = clock_timestamp(),"
        " answer = $4, answer_salt = $5 where act_id = $1",
        act_id,
        state,
        answered_by,
        answer,
        salt,
    )

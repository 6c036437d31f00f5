"""The SQL of declared identities."""

from uuid import UUID

import asyncpg

_STATE = """
select case when r.closed or r.closes_at <= clock_timestamp() then 'voting_closed'
            when t.tier is null then 'tier_unknown' else 'registered' end
from round r left join tier t on t.round_id = r.round_id and t.tier = $2
where r.round_id = $1
"""
_DECLARE = """
insert into declared (round_id, identity, form) values ($1, $2, $3)
on conflict do nothing returning true
"""
_REACH = """
insert into channel as c (round_id, address, voters) values ($1, $2, 1)
on conflict (round_id, address) do update set voters = c.voters + 1 where c.voters < 2
returning true
"""


async def register(
    connection: asyncpg.Connection,
    round_id: UUID,
    tier: str,
    *,
    identity: bytes,
    form: bytes,
    address: bytes,
) -> str:
    """Put somebody on the roll, or say why not; whoever is refused rolls back.

    A closing waits for the transaction, and what waits for a closing finds the round closed. Of
    two with one identity the second waits for the first, and is told `again` where it is the same
    form sent twice.
    """
    await connection.execute("select share_round($1)", round_id)
    verdict: str | None = await connection.fetchval(_STATE, round_id, tier)
    if verdict != "registered":
        return verdict or "round_unknown"
    if not await connection.fetchval(_DECLARE, round_id, identity, form):
        same = await connection.fetchval(
            "select form = $3 from declared where round_id = $1 and identity = $2",
            round_id,
            identity,
            form,
        )
        return "again" if same else "already_on_roll"
    if not await connection.fetchval(_REACH, round_id, address):
        return "channel_saturated"
    return "registered"


async def keep_code(
    connection: asyncpg.Connection,
    round_id: UUID,
    tier: str,
    code: bytes,
    notice_id: UUID,
    notice: bytes,
) -> None:
    """Keep the code that somebody was given, and the sealed message for when it is used."""
    await connection.execute(
        "insert into code (round_id, tier, code, notice_id, notice) values ($1, $2, $3, $4, $5)",
        round_id,
        tier,
        code,
        notice_id,
        notice,
    )

"""The SQL that destroys what was kept of people, and says that tier keys are destroyed."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

_DAYS = "coalesce((p.rules -> 'screening' ->> 'appeal_days')::int, $1)"
_DUE = f"""
select r.round_id from round r left join programme p using (programme_id)
where r.closed and not r.destroyed
    and r.closed_at + make_interval(days => {_DAYS}) <= clock_timestamp()
order by r.round_id
"""
# What is of people, or was said by them; counts are in the ledger.
_TABLES = (
    "registration",
    "identified",
    "paper_mark",
    "reissue",
    "admission",
    "person",
    "held",
    "channel",
    "seen",
    "screening",
    "lesson",
)


async def rounds_due(connection: asyncpg.Connection, days: int) -> Sequence[UUID]:
    """The rounds whose appeal period is over; so many days where the charter says nothing."""
    return [row["round_id"] for row in await connection.fetch(_DUE, days)]


async def lock_due(connection: asyncpg.Connection, round_id: UUID) -> str | None:
    """The log of a round that was not destroyed yet, locked; None where another replica did."""
    log: str | None = await connection.fetchval(
        "select log from round where round_id = $1 and not destroyed for update", round_id
    )
    return log


async def destroy(connection: asyncpg.Connection, round_id: UUID) -> tuple[int, int]:
    """Delete all that is of people: how many were on the roll, and how many had been held."""
    gone = {}
    for table in _TABLES:
        done = await connection.execute(f"delete from {table} where round_id = $1", round_id)
        gone[table] = int(done.rpartition(" ")[2])
    await connection.execute("update round set destroyed = true where round_id = $1", round_id)
    return gone["person"], gone["held"]


async def note_closed(connection: asyncpg.Connection, round_id: UUID) -> None:
    """The appeal period of a round begins."""
    await connection.execute(
        "update round set closed_at = clock_timestamp() where round_id = $1 and closed_at is null",
        round_id,
    )


async def rounds_with_tier_keys(connection: asyncpg.Connection) -> Sequence[UUID]:
    """The rounds that are closed, and whose tier keys are there still."""
    rows = await connection.fetch(
        "select round_id from round where closed and not tier_keys_destroyed order by round_id"
    )
    return [row["round_id"] for row in rows]


async def lock_tier_keys(
    connection: asyncpg.Connection, round_id: UUID
) -> tuple[str, tuple[str, ...]] | None:
    """The log and the tiers of such a round, locked; None where another replica was first."""
    log = await connection.fetchval(
        "select log from round where round_id = $1 and not tier_keys_destroyed for update", round_id
    )
    if log is None:
        return None
    tiers = await connection.fetch(
        "select tier from tier where round_id = $1 order by tier", round_id
    )
    return log, tuple(row["tier"] for row in tiers)


async def note_tier_keys_destroyed(connection: asyncpg.Connection, round_id: UUID) -> None:
    """The signer has none of a round's tier keys any more."""
    await connection.execute(
        "update round set tier_keys_destroyed = true where round_id = $1", round_id
    )

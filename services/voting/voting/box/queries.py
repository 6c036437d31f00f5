"""Every SQL statement of the box. Its functions, such as `cast_ballot`, are in the migrations."""

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from shared.events.voting import OptionListed, RoundOpened

# Ballots of one tier in one transaction: a verdict each, in the order in which they were sent. They
# are recorded in the order of their keys' locks: two such transactions never wait for each other.
CAST = """
select array_agg(verdict order by place) as verdicts from (
    select place, cast_ballot($1, $2, key, revision, digest, body) as verdict
    from (
        select * from unnest($3::bytea[], $4::integer[], $5::bytea[], $6::bytea[])
            with ordinality as sent (key, revision, digest, body, place)
        order by hashbytea(key), revision
    ) in_order
) answered
"""
ROUND = """
select tiers::text, format::text, options, padded,
    coalesce(first_closes_at, closes_at) as closes_at,
    (select json_agg(seen order by number) from option
     where option.round_id = r.round_id)::text as seen
from round r where round_id = $1
"""
# Nobody has voted where neither knows the key.
HIGHEST = """
select coalesce(max(revision), 0) as revision from (
    select revision from waiting where round_id = $1 and key = $2
    union all
    select revision from published where round_id = $1 and key = $2
) known
"""
NOW = "select clock_timestamp()"
# Always in the same order: two replicas that flush at once wait, and never for each other.
DUE = """
select coalesce(array_agg(round_id order by round_id, tier), '{}') as rounds,
    coalesce(array_agg(tier order by round_id, tier), '{}') as tiers
from tier where flush_is_due(round_id, tier, $1)
"""
FLUSH = "select flush_box($1, $2, $3)"
# Tiers with epochs of which the write-ahead log may still have something.
IN_LOG = """
select coalesce(array_agg(round_id order by round_id, tier), '{}') as rounds,
    coalesce(array_agg(tier order by round_id, tier), '{}') as tiers,
    coalesce(array_agg(epoch order by round_id, tier), '{}') as epochs
from tier where log_ended < epoch
"""
END_SEGMENT = "select pg_switch_wal()"
CHECKPOINT = "checkpoint"
LOG_ENDED = """
update tier set log_ended = $3 where round_id = $1 and tier = $2 and log_ended < $3
"""


async def keep_round(connection: asyncpg.Connection, opened: RoundOpened, log: str) -> None:
    """Keep a round as it was opened, with a place for its ballots."""
    await connection.execute(
        "insert into round"
        " (round_id, log, opens_at, closes_at, options, format, tiers, padded, flush)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        opened.round_id,
        log,
        opened.opens_at,
        opened.closes_at,
        opened.options,
        opened.format.model_dump_json(exclude_none=True),
        json.dumps(opened.tiers),
        opened.padded,
        opened.flush.model_dump_json(),
    )
    await connection.execute("select open_box($1)", opened.round_id)


async def extend_round(connection: asyncpg.Connection, round_id: UUID, closes_at: datetime) -> None:
    """Give a round a later end, if it is not closed; an end is only ever moved on."""
    await connection.execute(
        "update round set closes_at = $2, first_closes_at = coalesce(first_closes_at, closes_at)"
        " where round_id = $1 and not closed and closes_at < $2",
        round_id,
        closes_at,
    )


async def keep_options(connection: asyncpg.Connection, options: Sequence[OptionListed]) -> None:
    """Keep what rules see of options, each once."""
    await connection.executemany(
        "insert into option (round_id, number, seen) values ($1, $2, $3) on conflict do nothing",
        [(o.round_id, o.number, o.for_rule().model_dump_json(exclude_none=True)) for o in options],
    )


async def close_round(connection: asyncpg.Connection, round_id: UUID, now: datetime) -> str | None:
    """Flush what waits in every tier, and let no ballot in any more; the round's log, or nothing
    where it was closed before.

    The locks are held until the transaction ends, so that a cast is in the flush or refused.
    """
    log: str | None = await connection.fetchval("select close_box($1, $2)", round_id, now)
    return log


async def keep_published(
    connection: asyncpg.Connection, ballots: Sequence[tuple[UUID, bytes, int, bytes]]
) -> None:
    """Keep that these were published: round, key, revision, digest."""
    await connection.executemany(
        "insert into published (round_id, key, revision, digest) values ($1, $2, $3, $4)"
        " on conflict do nothing",
        ballots,
    )
    # Whatever waits under the same revision could never be published beside it.
    await connection.executemany(
        "delete from waiting where round_id = $1 and key = $2 and revision = $3",
        [ballot[:3] for ballot in ballots],
    )


async def keep_closed(connection: asyncpg.Connection, round_id: UUID) -> None:
    """Keep that a round's box was closed: what waits in it can never be published."""
    await connection.execute("update round set closed = true where round_id = $1", round_id)
    await connection.execute("delete from waiting where round_id = $1", round_id)


async def published_counts(connection: asyncpg.Connection, round_id: UUID) -> tuple[int, int]:
    """How many ballots were published, every revision counted, and under how many keys."""
    row = await connection.fetchrow(
        "select count(*), count(distinct key) from published where round_id = $1", round_id
    )
    assert row is not None
    return row[0], row[1]

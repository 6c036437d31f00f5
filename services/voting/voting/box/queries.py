"""Every SQL statement of the box. `cast_ballot` and `flush_box` are in the migrations."""

import json
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from shared.events.voting import OptionListed, RoundOpened

CAST = "select cast_ballot($1, $2, $3, $4, $5, $6)"
ROUND = """
select tiers::text, format::text, options, closes_at,
    (select json_agg(seen order by number) from option
     where option.round_id = r.round_id)::text as seen
from round r where round_id = $1
"""
# Always in the same order: two replicas that flush at once wait, and never for each other.
FLUSH = """
select coalesce(sum(flush_box(round_id, tier)), 0)
from (select distinct round_id, tier from waiting order by round_id, tier) tiers
"""


async def keep_round(connection: asyncpg.Connection, opened: RoundOpened, log: str) -> None:
    """Keep a round as it was opened."""
    await connection.execute(
        "insert into round (round_id, log, opens_at, closes_at, options, format, tiers)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        opened.round_id,
        log,
        opened.opens_at,
        opened.closes_at,
        opened.options,
        opened.format.model_dump_json(exclude_none=True),
        json.dumps(opened.tiers),
    )


async def keep_options(connection: asyncpg.Connection, options: Sequence[OptionListed]) -> None:
    """Keep what rules see of options, each once."""
    await connection.executemany(
        "insert into option (round_id, number, seen) values ($1, $2, $3) on conflict do nothing",
        [(o.round_id, o.number, o.for_rule().model_dump_json(exclude_none=True)) for o in options],
    )


async def close_round(connection: asyncpg.Connection, round_id: UUID) -> str | None:
    """Flush what waits in every tier, and let no ballot in any more; the round's log, or nothing
    where it was closed before.

    The locks are held until the transaction ends, so that a cast is in the flush or refused.
    """
    tiers: Sequence[asyncpg.Record] = await connection.fetch(
        "select jsonb_object_keys(tiers) as tier from round where round_id = $1 order by 1",
        round_id,
    )
    for row in tiers:
        await connection.fetchval("select flush_box($1, $2)", round_id, row["tier"])
    log: str | None = await connection.fetchval(
        "update round set closed = true where round_id = $1 and not closed returning log", round_id
    )
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
    """Keep that a round's box was closed."""
    await connection.execute("update round set closed = true where round_id = $1", round_id)


async def published_counts(connection: asyncpg.Connection, round_id: UUID) -> tuple[int, int]:
    """How many ballots were published, every revision counted, and under how many keys."""
    row = await connection.fetchrow(
        "select count(*), count(distinct key) from published where round_id = $1", round_id
    )
    assert row is not None
    return row[0], row[1]

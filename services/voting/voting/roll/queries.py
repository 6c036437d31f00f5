"""Every SQL statement of the roll. `issue_token`, `code_tier`, `import_codes` and
`note_wrong_code` are in the migrations."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Self
from uuid import UUID

import asyncpg

from shared.events.voting import RoundOpened, RoundPrepared
from voting.roll.codes import Hashed

ISSUE = "select verdict, tier from issue_token($1, $2, $3, $4, $5, $6)"
CODE_TIER = "select verdict, tier from code_tier($1, $2, $3)"
IMPORT = "select verdict, imported from import_codes($1, $2, $3, $4)"
WRONG_CODE = "select note_wrong_code($1, $2)"
TIER_KEYS = """
select array_agg(tier) as tiers, array_agg(public_key) as keys from tier where round_id = $1
"""

_STATE = """
select case
    when closed or closes_at <= clock_timestamp() then 'closed'
    when opens_at <= clock_timestamp() then 'open'
    else 'prepared'
end from round where round_id = $1
"""
_COUNTS = """
select r.round_id, r.log, array_agg(t.tier order by t.tier) as tiers,
    array_agg(t.issued order by t.tier) as issued,
    array_agg(t.reissued order by t.tier) as reissued,
    array_agg(t.codes order by t.tier) as codes
from round r cross join lateral (
    select tier.tier, tier.announced, count(token.code) as issued,
        (select count(*) from reissue s where s.round_id = r.round_id and s.tier = tier.tier
            and s.given_to is not null) as reissued,
        (select count(*) from code c where c.round_id = r.round_id and c.tier = tier.tier) as codes
    from tier
    left join token using (round_id, tier)
    where tier.round_id = r.round_id
    group by tier.tier, tier.announced
) t
"""


class Counted(NamedTuple):
    """Of a round, by tier: its tokens and its codes; and second codes, where any was given."""

    round_id: UUID
    log: str
    issued: dict[str, int]
    codes: dict[str, int]
    reissued: dict[str, int] | None

    @classmethod
    def of(cls, row: asyncpg.Record) -> Self:
        """From a row of counts."""
        issued = dict(zip(row["tiers"], row["issued"], strict=True))
        given = zip(row["tiers"], row["reissued"], strict=True)
        reissued = {tier: number for tier, number in given if number}
        codes = dict(zip(row["tiers"], row["codes"], strict=True))
        return cls(row["round_id"], row["log"], issued, codes, reissued or None)


class TierCounts(NamedTuple):
    """Of a tier: codes posted or given, and tokens issued for them."""

    tier: str
    codes: int
    issued: int


async def round_state(connection: asyncpg.Connection, round_id: UUID) -> str | None:
    """Whether a round is prepared, open or closed by the database's clock."""
    found: str | None = await connection.fetchval(_STATE, round_id)
    return found


async def tier_keys(connection: asyncpg.Connection, round_id: UUID) -> dict[str, bytes]:
    """The public keys of a round's tiers (SPKI, DER)."""
    rows = await connection.fetch(
        "select tier, public_key from tier where round_id = $1 order by tier", round_id
    )
    return {row["tier"]: row["public_key"] for row in rows}


async def keep_round(
    connection: asyncpg.Connection, prepared: RoundPrepared, log: str, tiers: Mapping[str, bytes]
) -> bool:
    """Keep a prepared round with the public keys of its tiers; false where it is known."""
    round_id = prepared.round_id
    fresh = await connection.fetchval(
        "insert into round (round_id, log, programme_id) values ($1, $2, $3)"
        " on conflict do nothing returning true",
        round_id,
        log,
        prepared.programme_id,
    )
    if not fresh:
        return False
    await connection.executemany(
        "insert into tier (round_id, tier, public_key) values ($1, $2, $3)",
        [(round_id, tier, key) for tier, key in tiers.items()],
    )
    return True


async def was_announced(
    connection: asyncpg.Connection,
    kind: str,
    round_id: UUID,
    said: Mapping[str, bool] | None = None,
) -> bool:
    """Whether an event about a round that says this is in the outbox already, as it is where a
    restored database took it back from the ledger."""
    found: bool = await connection.fetchval(
        "select exists (select from outbox where type = $1 and key = $2"
        " and convert_from(body, 'UTF8')::jsonb @> $3::jsonb)",
        *(kind, str(round_id), json.dumps(dict(said or {}))),
    )
    return found


async def open_round(connection: asyncpg.Connection, opened: RoundOpened, event: UUID) -> None:
    """Set the window of a round, the form of its ballots, and which event says so, once."""
    await connection.execute(
        "update round set opens_at = $2, closes_at = $3, rehearsal = $4, format = $5,"
        " secrecy = $6, opened_event = $7, batch = $8 where round_id = $1 and opens_at is null",
        opened.round_id,
        opened.opens_at,
        opened.closes_at,
        opened.rehearsal,
        opened.format.model_dump_json(exclude_none=True),
        opened.secrecy,
        event,
        opened.flush.k,
    )


async def close_round(connection: asyncpg.Connection, round_id: UUID) -> Counted | None:
    """Close a round and count its tokens; None where it was closed, or is not known here.

    What is being issued holds the round's lock in share: it is in the count, or it is refused.
    Messages about a use that will not come any more are forgotten.
    """
    await connection.execute("select lock_round($1)", round_id)
    closed = await connection.fetchval(
        "update round set closed = true where round_id = $1 and not closed returning true", round_id
    )
    if not closed:
        return None
    await connection.execute(
        "update code set notice_id = null, notice = null"
        " where round_id = $1 and notice_id is not null",
        round_id,
    )
    row = await connection.fetchrow(
        f"{_COUNTS} where r.round_id = $1 group by r.round_id, r.log", round_id
    )
    return None if row is None else Counted.of(row)


async def import_codes(
    connection: asyncpg.Connection, round_id: UUID, tier: str, codes: Sequence[Hashed]
) -> tuple[str, int]:
    """Keep these codes, as keyed hashes: the verdict, and how many were new."""
    row = await connection.fetchrow(IMPORT, round_id, tier, *parted(codes))
    assert row is not None
    return row["verdict"], row["imported"] or 0


def parted(codes: Sequence[Hashed]) -> tuple[list[bytes], list[bytes]]:
    """Hashes of codes, and beside them those of their letters, as the statement takes them."""
    return [each.code for each in codes], [each.letter for each in codes]


async def begin_interval(connection: asyncpg.Connection, seconds: int) -> bool:
    """Whether an interval of the database's clock has ended and nobody else has seen that."""
    begun = await connection.fetchval(
        "update counting set intervals = now.intervals"
        " from (select floor(extract(epoch from clock_timestamp()) / $1)::bigint as intervals)"
        " as now where counting.intervals < now.intervals returning true",
        seconds,
    )
    return bool(begun)


async def release_notices(connection: asyncpg.Connection, now: datetime) -> None:
    """Move the messages that are due to the outbox, not in the order in which rights were used."""
    await connection.execute(
        """
        with due as (
            delete from waiting_notice where due_at <= $1 returning notice_id, notice
        )
        insert into outbox (event_id, topic, key, type, source, subject, time, body)
        select d.notice_id, 'private.contacts', d.notice_id::text, 'private.message-sealed.v1',
               'voting.roll', d.notice_id::text, date_trunc('minute', $1::timestamptz), d.notice
        from due d order by d.notice_id
        """,
        now,
    )


async def changed_counts(connection: asyncpg.Connection) -> Sequence[Counted]:
    """The counts of open rounds where they are not those last announced.

    These rounds are locked: one that is closed meanwhile has its final counts announced after.
    """
    await connection.execute(
        "select from round where opens_at is not null and not closed order by round_id for update"
    )
    rows = await connection.fetch(
        f"{_COUNTS} where r.opens_at is not null and not r.closed group by r.round_id, r.log"
        " having bool_or(t.issued <> t.announced) order by r.round_id"
    )
    return [Counted.of(row) for row in rows]


async def note_counts(connection: asyncpg.Connection, counted: Counted) -> None:
    """Keep which counts are announced."""
    await connection.executemany(
        "update tier set announced = $3 where round_id = $1 and tier = $2",
        [(counted.round_id, tier, issued) for tier, issued in counted.issued.items()],
    )


async def counts(connection: asyncpg.Connection, round_id: UUID) -> Sequence[TierCounts]:
    """How many codes each tier of a round has, and how many of them were used."""
    rows = await connection.fetch(
        "select r.tier,"
        " (select count(*) from code c where c.round_id = $1 and c.tier = r.tier) as codes,"
        " (select count(*) from token t where t.round_id = $1 and t.tier = r.tier) as issued"
        " from tier r where r.round_id = $1 order by r.tier",
        round_id,
    )
    return [TierCounts(row["tier"], row["codes"], row["issued"]) for row in rows]

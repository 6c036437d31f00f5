"""The SQL of the pages: the words behind commitments, and where entries stand."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from ledger.queries import Connection
from shared.events.event import PLATFORM_LOG
from shared.events.ledger import LogBegun
from shared.events.submission import CharterPublished


class Row(NamedTuple):
    """An entry and its place."""

    at: int
    leaf_hash: bytes
    bytes: bytes


async def keep_words(connection: Connection, content_id: str, value: str) -> None:
    """Keep the words behind a commitment. Those that were erased do not come back."""
    await connection.execute(
        "insert into words (content_id, value) values ($1, $2) on conflict do nothing",
        content_id,
        value,
    )


async def erase_words(connection: Connection, content_id: str) -> None:
    """Forget words, and remember that there were some."""
    await connection.execute(
        "insert into words (content_id, value) values ($1, null)"
        " on conflict (content_id) do update set value = null",
        content_id,
    )


async def words(connection: Connection, content_ids: Collection[str]) -> dict[str, str | None]:
    """The words behind these commitments, as far as they arrived; None for erased ones."""
    rows = await connection.fetch(
        "select content_id, value from words where content_id = any($1)", list(content_ids)
    )
    return {row["content_id"]: row["value"] for row in rows}


async def entries_before(connection: Connection, log: str, before: int, count: int) -> list[Row]:
    """The last `count` entries of a log before this index, newest first."""
    rows = await connection.fetch(
        "select index, leaf_hash, bytes from entry where log = $1 and index < $2 and index >= $3"
        " order by index desc",
        log,
        before,
        before - count,
    )
    return [Row(*row) for row in rows]


class Grown(NamedTuple):
    """How many entries a log had published at a time, and by how many checkpoints."""

    at: datetime
    size: int
    checkpoints: int


async def growth(connection: Connection, log: str, slices: int) -> list[Grown]:
    """How a published log grew, at the ends of equal slices of its life; nothing of one that has
    a single checkpoint."""
    rows = await connection.fetch(
        "with c as (select size, published_at from published_checkpoint where log = $1),"
        " life as (select min(published_at) as first, max(published_at) as final from c),"
        " slice as (select least($2::integer, ceil(extract(epoch from published_at - first) * $2"
        " / extract(epoch from final - first)))::integer as n,"
        " max(size) as size, count(*) as checkpoints"
        " from c cross join life where first < final group by 1)"
        " select first + (final - first) * n / $2 as at, max(size) over (order by n) as size,"
        " (sum(checkpoints) over (order by n))::bigint as checkpoints"
        " from life cross join generate_series(0, $2::integer) n left join slice using (n)"
        " where first < final order by n",
        log,
        slices,
    )
    return [Grown(*row) for row in rows]


async def keys(connection: Connection) -> dict[tuple[str, str], list[bytes]]:
    """Every key that signed or signs a published log, the first one first, by log and origin."""
    rows = await connection.fetch(
        "select log, origin, public_key from (select log, origin, public_key, opened_at as since"
        " from log union all select r.log, l.origin, r.public_key, r.rotated_at"
        " from rotated_key r join log l using (log)) k where exists"
        " (select from published_checkpoint p where p.log = k.log) order by log, since"
    )
    found: dict[tuple[str, str], list[bytes]] = {}
    for row in rows:
        found.setdefault((row["log"], row["origin"]), []).append(row["public_key"])
    return found


async def rehearsals(connection: Connection, logs: Collection[str]) -> set[str]:
    """Which of these logs are of rehearsals, as their first entries say. The platform's is none."""
    rows = await connection.fetch(
        "select log, bytes from entry where log = any($1) and index = 0", list(logs)
    )
    first = {row["log"]: json.loads(row["bytes"]) for row in rows}
    return {
        log
        for log, entry in first.items()
        if entry["type"] == LogBegun.type and entry["body"]["rehearsal"]
    }


async def place_of(connection: Connection, event_id: UUID) -> tuple[str, int] | None:
    """The log of an event and its index there."""
    row = await connection.fetchrow("select log, index from entry where id = $1", event_id)
    return None if row is None else (row["log"], row["index"])


async def charters(connection: Connection) -> list[bytes]:
    """The entries of the charters of all editions."""
    rows = await connection.fetch(
        "select bytes from entry where log = $1 and src = 'submission'"
        " and position($2::bytea in bytes) > 0 order by index",
        PLATFORM_LOG,
        b'"type":"%b"' % CharterPublished.type.encode(),
    )
    return [row["bytes"] for row in rows]


# Its condition is that of the index `entry_amendment`: hardly any entry of a log amends a charter.
AMENDMENTS = (
    "select bytes from entry e where src = 'submission'"
    """ and position('"type":"submission.charter-amended.v1"'::bytea in bytes) > 0"""
    " and ($1::text is null or log = $1)"
    " and index < (select max(size) from published_checkpoint p where p.log = e.log)"
    " order by log, index"
)


async def amendments(connection: Connection, log: str | None) -> list[bytes]:
    """The entries that amended the charter of an edition, or of each one, in their order."""
    return [row["bytes"] for row in await connection.fetch(AMENDMENTS, log)]


async def charter_of(connection: Connection, log: str) -> bytes | None:
    """The entry of the charter that opened an edition's log."""
    found: bytes | None = await connection.fetchval(
        "select bytes from entry where log = $1 and src = 'submission'"
        " and position($2::bytea in bytes) > 0 and position($3::bytea in bytes) > 0"
        " order by index limit 1",
        PLATFORM_LOG,
        b'"type":"%b"' % CharterPublished.type.encode(),
        b'"log":"%b"' % log.encode(),
    )
    return found

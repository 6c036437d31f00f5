"""The SQL of the desk."""

import json
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from ledger.desk.work import Unvouched, Waiting
from ledger.queries import Connection
from ledger.sequence import LEDGER, Stream
from shared.events.event import PLATFORM_LOG


class Aside(NamedTuple):
    """Something in quarantine that no officer has looked at."""

    id: UUID
    digest: bytes
    log: str
    src: str
    number: int
    reason: str
    since: Any
    unfit: bool


_WAITING = (
    "select h.log, h.src, h.number as first, h.since, h.bytes, h.unread, w.held,"
    " exists (select from head where head.log = h.log) as opened,"
    " coalesce(greatest("
    " (select max(number) from entry e where e.log = h.log and e.src = h.src),"
    " (select max(upto) from filled f where f.log = h.log and f.src = h.src)), 0) as last"
    " from (select log, src, min(number) as number, count(*) as held from held group by log, src) w"
    " join held h using (log, src, number)"
)


async def waiting(connection: Connection) -> list[Waiting]:
    """Everything that waits, what has waited longest first."""
    return [_read(row) for row in await connection.fetch(f"{_WAITING} order by h.since, h.log")]


async def waiting_of(connection: Connection, stream: Stream) -> Waiting | None:
    """What waits of one publisher for one log."""
    row = await connection.fetchrow(f"{_WAITING} where h.log = $1 and h.src = $2", *stream)
    return None if row is None else _read(row)


def _read(row: asyncpg.Record) -> Waiting:
    return Waiting(
        Stream(row["log"], row["src"]),
        row["last"],
        row["first"],
        row["held"],
        row["since"],
        row["opened"],
        # What is refused need not be JSON; a type is not looked for there.
        str(json.loads(row["bytes"])["type"]) if row["unread"] is not None else "",
        sha256(row["bytes"]).hexdigest(),
        row["unread"],
    )


async def numbers(connection: Connection, log: str) -> dict[str, int]:
    """The last number of each publisher in a log, but for the ledger itself."""
    rows = await connection.fetch(
        "select src, max(number) as number from"
        " (select src, number from entry where log = $1"
        " union all select src, upto from filled where log = $1) n"
        " where src <> $2 group by src",
        log,
        LEDGER,
    )
    return {row["src"]: row["number"] for row in rows}


async def held(connection: Connection, log: str) -> int:
    """How many events wait to stand in a log."""
    return int(await connection.fetchval("select count(*) from held where log = $1", log))


async def goes_on(connection: Connection, log: str) -> bool:
    """Whether a log can be frozen: it is an edition's, and has not ended."""
    return bool(
        await connection.fetchval(
            "select exists (select from head where log = $1 and log <> $2)"
            " and not exists (select from frozen_log where log = $1)",
            log,
            PLATFORM_LOG,
        )
    )


async def logs(connection: Connection) -> list[tuple[str, int, bool]]:
    """Each edition's log, its size, and whether it has ended."""
    rows = await connection.fetch(
        "select log, size, exists (select from frozen_log f where f.log = head.log) as frozen"
        " from head where log <> $1 order by log",
        PLATFORM_LOG,
    )
    return [(row["log"], row["size"], row["frozen"]) for row in rows]


_UNVOUCHED = (
    "select src, public_key, event_id, since from unvouched_key u where not exists"
    " (select from service_key k where (k.src, k.public_key) = (u.src, u.public_key))"
)


async def unvouched(connection: Connection) -> list[Unvouched]:
    """The keys that wait for officers, the oldest first."""
    rows = await connection.fetch(f"{_UNVOUCHED} order by since, src")
    return [Unvouched(*row) for row in rows]


async def unvouched_key(connection: Connection, src: str, event_id: UUID) -> Unvouched | None:
    """The key of this announcement, if it waits."""
    row = await connection.fetchrow(f"{_UNVOUCHED} and src = $1 and event_id = $2", src, event_id)
    return None if row is None else Unvouched(*row)


async def take_key(connection: Connection, key: Unvouched) -> None:
    """A publisher's key is known from now on, though nobody vouches for it."""
    await connection.execute(
        "insert into service_key (src, public_key, event_id, event_type)"
        " select src, public_key, event_id, event_type from unvouched_key"
        " where src = $1 and public_key = $2",
        key.src,
        key.service_key,
    )


async def forget_held(connection: Connection, stream: Stream, number: int, officer: UUID) -> None:
    """Take an event away that waits no longer: it is rejected, and kept in quarantine."""
    await connection.execute(
        "with gone as (delete from held where log = $1 and src = $2 and number = $3 returning *)"
        " insert into quarantine (id, digest, log, src, number, bytes, reason, seen_by, seen_at)"
        " select id, sha256(bytes), log, src, number, bytes, 'officers rejected it: ' || unread,"
        " $4::uuid, clock_timestamp() from gone on conflict do nothing",
        *stream,
        number,
        officer,
    )


async def reason(connection: Connection, act: str, about: str) -> tuple[str, bytes]:
    """Why the act was asked for that was done last: the words and their salt."""
    row = await connection.fetchrow(
        "select reason, salt from act where act = $1 and about = $2 and state = 'done'"
        " order by answered_at desc limit 1",
        act,
        about,
    )
    assert row is not None
    return row["reason"], row["salt"]


async def unseen(connection: Connection, most: int) -> list[Aside]:
    """What contradicts, and nobody has looked at; the oldest first."""
    rows = await connection.fetch(
        "select id, digest, log, src, number, reason, since, unfit from quarantine"
        " where seen_by is null order by since, id, digest limit $1",
        most,
    )
    return [Aside(*row) for row in rows]


async def note_seen(connection: Connection, id_: UUID, digest: bytes, officer: UUID) -> None:
    """An officer has looked at it. Whoever looked first stays."""
    await connection.execute(
        "update quarantine set seen_by = $3, seen_at = clock_timestamp()"
        " where id = $1 and digest = $2 and seen_by is null",
        id_,
        digest,
        officer,
    )

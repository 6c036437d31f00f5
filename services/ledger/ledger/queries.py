"""Every SQL statement of the ledger, but for those of its signer.

All run on the driver's connection, inside the transaction of whoever calls.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from ledger.notes import Note, key_id
from ledger.sequence import Leaf, Quarantined, Stream
from ledger.tree import TileKey
from shared.events.event import PLATFORM_LOG
from shared.events.ledger import ServiceKeyAdded

type Connection = asyncpg.Connection[Any]


class Head(NamedTuple):
    """Where a log ends."""

    log: str
    size: int


class Published(NamedTuple):
    """A log as outsiders see it: up to its last published checkpoint. The key is the newest that
    signed this one: a log that is given another has it in its next note."""

    log: str
    origin: str
    public_key: bytes
    size: int
    note: str


class Backlog(NamedTuple):
    """What an operator wants to know of the sequencer.

    `gaps` are publishers of which a number is missing while later ones are here, `unread` the
    events that this version does not understand; both with the seconds since the first of them.
    Of what is in quarantine, `unseen_seconds` counts from the first that no officer has looked at;
    `unvouched_seconds` from the first key of a publisher's that waits for officers.
    """

    held: int
    held_seconds: float
    gaps: int
    gap_seconds: float
    unread: int
    unread_seconds: float
    quarantined: int
    unseen: int
    unseen_seconds: float
    unvouched_seconds: float
    appended: int
    signed: int
    published: int


# --- the sequencer -------------------------------------------------------------------------------


async def locked_epoch(connection: Connection) -> int:
    """The sequencer's epoch. Nobody else appends, and none begins, before this transaction ends."""
    return int(await connection.fetchval("select epoch from sequencer for update"))


async def next_epoch(connection: Connection) -> int:
    """Begin an epoch, as soon as the transaction under way has ended."""
    return int(await connection.fetchval("update sequencer set epoch = epoch + 1 returning epoch"))


async def known_leaves(
    connection: Connection, ids: Sequence[UUID]
) -> dict[UUID, tuple[str, bytes]]:
    """Log and bytes of those ids that are appended or held."""
    rows = await connection.fetch(
        "select id, log, bytes from entry where id = any($1)"
        " union all select id, log, bytes from held where id = any($1)",
        ids,
    )
    return {row["id"]: (row["log"], row["bytes"]) for row in rows}


async def nothing_in_the_way(connection: Connection, logs: Collection[str]) -> bool:
    """Whether nothing is held, for whatever log, and none of these logs has ended."""
    return bool(
        await connection.fetchval(
            "select not exists (select from held)"
            " and not exists (select from frozen_log where log = any($1))",
            list(logs),
        )
    )


async def put_aside(connection: Connection, ids: Sequence[UUID]) -> set[tuple[UUID, bytes]]:
    """Id and digest of what of these was rejected, or is in quarantine; of what its publisher
    said, and not of what somebody else, or it elsewhere, made of it."""
    rows = await connection.fetch(
        "select id, digest from quarantine where id = any($1) and not unfit", ids
    )
    return {(row["id"], row["digest"]) for row in rows}


async def frozen_logs(connection: Connection, logs: Collection[str]) -> set[str]:
    """Those of these logs that have ended."""
    rows = await connection.fetch("select log from frozen_log where log = any($1)", list(logs))
    return {row["log"] for row in rows}


async def open_logs(connection: Connection) -> list[str]:
    """The editions' logs that go on, by name."""
    rows = await connection.fetch(
        "select log from head where log <> $1 and not exists"
        " (select from frozen_log f where f.log = head.log) order by log",
        PLATFORM_LOG,
    )
    return [row["log"] for row in rows]


async def locked_heads(connection: Connection, logs: Collection[str]) -> dict[str, Head]:
    """The heads of those logs that exist, locked in the order of their names."""
    rows = await connection.fetch(
        "select log, size from head where log = any($1) order by log for update", sorted(logs)
    )
    return {row["log"]: Head(row["log"], row["size"]) for row in rows}


async def last_numbers(connection: Connection, streams: Collection[Stream]) -> dict[Stream, int]:
    """The highest number of each stream that is appended, or filled; 0 where there is none."""
    rows = await connection.fetch(
        "select s.log, s.src, coalesce(greatest("
        " (select max(number) from entry e where e.log = s.log and e.src = s.src),"
        " (select max(upto) from filled f where f.log = s.log and f.src = s.src)), 0) as number"
        " from unnest($1::text[], $2::text[]) as s (log, src)",
        *_columns(streams),
    )
    return {Stream(row["log"], row["src"]): row["number"] for row in rows}


async def stored_tiles(
    connection: Connection, log: str, keys: Collection[TileKey]
) -> dict[TileKey, bytes]:
    """These tiles of a log, as far as they are stored; the last ones may be partial."""
    rows = await connection.fetch(
        "select t.level, t.index, t.hashes from tile t"
        " join unnest($2::integer[], $3::bigint[]) as k (level, index) using (level, index)"
        " where t.log = $1",
        log,
        [key.level for key in keys],
        [key.index for key in keys],
    )
    return {TileKey(row["level"], row["index"]): row["hashes"] for row in rows}


async def append_entries(
    connection: Connection, head: Head, leaves: Sequence[Leaf], hashes: Sequence[bytes]
) -> None:
    """COPY leaves behind the head, with contiguous indexes."""
    await connection.copy_records_to_table(
        "entry",
        columns=("log", "index", "id", "src", "number", "leaf_hash", "bytes"),
        records=[
            (head.log, head.size + place, leaf.id, leaf.stream.src, leaf.number, hash_, leaf.bytes)
            for place, (leaf, hash_) in enumerate(zip(leaves, hashes, strict=True))
        ],
    )


async def write_tiles(connection: Connection, log: str, tiles: Mapping[TileKey, bytes]) -> None:
    """Store new tiles, and partial ones that became wider."""
    await connection.execute(
        "insert into tile (log, level, index, hashes)"
        " select $1, * from unnest($2::integer[], $3::bigint[], $4::bytea[])"
        " on conflict (log, level, index) do update set hashes = excluded.hashes",
        log,
        [key.level for key in tiles],
        [key.index for key in tiles],
        list(tiles.values()),
    )


async def move_head(connection: Connection, head: Head, size: int, root: bytes) -> bool:
    """Set a head's size and root, if its size is still the one that was locked."""
    moved: bool | None = await connection.fetchval(
        "update head set size = $3, root = $4 where log = $1 and size = $2 returning true",
        head.log,
        head.size,
        size,
        root,
    )
    return moved is True


async def hold(connection: Connection, leaves: Sequence[Leaf]) -> list[Leaf]:
    """Keep leaves until what comes before them is there; those whose number is held already."""
    rows = await connection.fetch(
        "insert into held (log, src, number, id, bytes, unread, refused)"
        " select * from unnest($1::text[], $2::text[], $3::bigint[], $4::uuid[], $5::bytea[],"
        " $6::text[], $7::text[])"
        " on conflict (log, src, number) do nothing returning id",
        *_columns(leaf.stream for leaf in leaves),
        [leaf.number for leaf in leaves],
        [leaf.id for leaf in leaves],
        [leaf.bytes for leaf in leaves],
        [leaf.unread for leaf in leaves],
        [leaf.refused for leaf in leaves],
    )
    kept = {row["id"] for row in rows}
    return [leaf for leaf in leaves if leaf.id not in kept]


async def held_numbers(
    connection: Connection, last: Mapping[Stream, int]
) -> dict[Stream, list[int]]:
    """What is held of each stream within the thousand numbers behind its last one, in order.

    Nothing for a log that does not exist, and nothing that is unread.
    """
    logs, sources = _columns(last)
    rows = await connection.fetch(
        "select s.log, s.src, h.number"
        " from unnest($1::text[], $2::text[], $3::bigint[]) as s (log, src, last)"
        " join head using (log)"
        " cross join lateral (select number from held h where h.log = s.log and h.src = s.src"
        " and h.unread is null"
        " and h.number > s.last and h.number <= s.last + 1000) h order by s.log, s.src, h.number",
        logs,
        sources,
        list(last.values()),
    )
    found: dict[Stream, list[int]] = {}
    for row in rows:
        found.setdefault(Stream(row["log"], row["src"]), []).append(row["number"])
    return found


async def release(connection: Connection, stream: Stream, first: int, final: int) -> list[Leaf]:
    """Take the held leaves of these numbers, in order."""
    rows = await connection.fetch(
        "delete from held where log = $1 and src = $2 and number between $3 and $4"
        " returning number, id, bytes, refused",
        *stream,
        first,
        final,
    )
    leaves = [
        Leaf(stream, row["number"], row["id"], row["bytes"], refused=row["refused"]) for row in rows
    ]
    return sorted(leaves, key=lambda leaf: leaf.number)


async def held_streams(connection: Connection, logs: Collection[str]) -> list[Stream]:
    """The streams of which anything is held for these logs."""
    rows = await connection.fetch("select distinct log, src from held where log = any($1)", logs)
    return [Stream(row["log"], row["src"]) for row in rows]


async def following_streams(connection: Connection) -> list[Stream]:
    """The streams of which what is held follows what their logs have."""
    rows = await connection.fetch(
        "select log, src from (select log, src, min(number) as number from held"
        " group by log, src) w join held h using (log, src, number) join head using (log)"
        " where h.unread is null and h.number = 1 + coalesce(greatest("
        " (select max(number) from entry e where e.log = h.log and e.src = h.src),"
        " (select max(upto) from filled f where f.log = h.log and f.src = h.src)), 0)"
        " order by log, src"
    )
    return [Stream(row["log"], row["src"]) for row in rows]


class Place(NamedTuple):
    """Where something is held."""

    log: str
    src: str
    number: int


FIRST = Place("", "", 0)


async def unread_leaves(connection: Connection, after: Place, most: int) -> list[Leaf]:
    """What waits for a version that reads it behind this place, at most so much, in order."""
    rows = await connection.fetch(
        "select log, src, number, id, bytes, unread from held where unread is not null"
        " and (log, src, number) > ($1, $2, $3) order by log, src, number limit $4",
        *after,
        most,
    )
    return [
        Leaf(Stream(r["log"], r["src"]), r["number"], r["id"], r["bytes"], unread=r["unread"])
        for r in rows
    ]


async def note_read(connection: Connection, ids: Sequence[UUID]) -> None:
    """These wait no longer for another version."""
    await connection.execute("update held set unread = null where id = any($1)", ids)


async def put_in_quarantine(connection: Connection, found: Sequence[Quarantined]) -> None:
    """Keep what no log takes, once, for a human to look at."""
    if not found:
        return
    await connection.executemany(
        "insert into quarantine (id, digest, log, src, number, bytes, reason, unfit)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
        [
            (leaf.id, sha256(leaf.bytes).digest(), *leaf.stream, leaf.number, leaf.bytes, *why)
            for leaf, *why in found
        ],
    )


async def service_keys(connection: Connection) -> dict[str, tuple[str, ...]]:
    """The keys that each publisher announced, in base64."""
    rows = await connection.fetch(
        "select src, array_agg(public_key order by public_key) as keys from service_key"
        " group by src"
    )
    return {row["src"]: tuple(row["keys"]) for row in rows}


# Its condition is that of the index `entry_round`: few of a log's entries are about rounds.
ROUND_ENTRIES = (
    "select index, bytes from entry where log = $1 and index < $2 and src = 'voting.count'"
    """ and position('"type":"voting.round-'::bytea in bytes) > 0 order by index"""
)


async def round_entries(connection: Connection, log: str, size: int) -> list[tuple[int, bytes]]:
    """The entries of a log below a size in which count prepared, opened, extended, closed or
    annulled a round, in order."""
    rows = await connection.fetch(ROUND_ENTRIES, log, size)
    return [(row["index"], row["bytes"]) for row in rows]


async def keep_service_key(connection: Connection, added: ServiceKeyAdded) -> bool:
    """Know a publisher's key; false where it is known."""
    found: bool | None = await connection.fetchval(
        "insert into service_key (src, public_key, event_id, event_type, signature)"
        " values ($1, $2, $3, $4, $5) on conflict do nothing returning true",
        added.src,
        added.service_key,
        added.event_id,
        added.event_type,
        added.signature,
    )
    return found is True


async def keep_unvouched_key(connection: Connection, added: ServiceKeyAdded) -> None:
    """Let a publisher's key wait for two officers."""
    await connection.execute(
        "insert into unvouched_key (src, public_key, event_id, event_type)"
        " values ($1, $2, $3, $4) on conflict do nothing",
        added.src,
        added.service_key,
        added.event_id,
        added.event_type,
    )


async def spare_key(connection: Connection) -> bytes | None:
    """The public half of the oldest key that signs no log yet."""
    found: bytes | None = await connection.fetchval(
        "select public_key from log_key k where not exists"
        " (select from log l where l.public_key = k.public_key) and not exists"
        " (select from rotated_key r where r.public_key = k.public_key)"
        " order by made_at, public_key limit 1"
    )
    return found


async def open_log(
    connection: Connection, log: str, origin: str, public_key: bytes, root: bytes
) -> None:
    """Make a log without entries."""
    await connection.execute(
        "insert into log (log, origin, public_key) values ($1, $2, $3)", log, origin, public_key
    )
    await connection.execute("insert into head (log, size, root) values ($1, 0, $2)", log, root)


async def origin_and_key(connection: Connection, log: str) -> tuple[str, bytes] | None:
    """The origin of a log, and the key that signs it now."""
    row = await connection.fetchrow(f"select origin, {_KEY} from log l where log = $1", log)
    return None if row is None else (row[0], row[1])


def _columns(streams: Iterable[Stream]) -> tuple[list[str], list[str]]:
    listed = list(streams)
    return [stream.log for stream in listed], [stream.src for stream in listed]


# --- readers -------------------------------------------------------------------------------------

_KEY = (
    "coalesce((select r.public_key from rotated_key r where r.log = l.log"
    " order by r.rotated_at desc limit 1), l.public_key)"
)
_PUBLISHED = (
    "select l.log, l.origin, array(select r.public_key from rotated_key r where r.log = l.log"
    " order by r.rotated_at desc) || l.public_key as keys, c.size, c.note from log l"
    " join lateral (select size, note from published_checkpoint p where p.log = l.log"
    " order by size desc limit 1) c on true"
)


async def published_logs(connection: Connection) -> list[Published]:
    """Every log that has a published checkpoint, by name."""
    rows = await connection.fetch(f"{_PUBLISHED} order by l.log")
    return [_seen(row) for row in rows]


async def published_log(connection: Connection, log: str) -> Published | None:
    """One log, as far as it is published."""
    row = await connection.fetchrow(f"{_PUBLISHED} where l.log = $1", log)
    return None if row is None else _seen(row)


def _seen(row: asyncpg.Record) -> Published:
    log, origin, keys, size, note = row
    ids = {signature.id for signature in Note.parse(note.encode()).signatures}
    key = next((key for key in keys if key_id(origin, key) in ids), keys[0])
    return Published(log, origin, key, size, note)


class Stamp(NamedTuple):
    """A time stamp of a checkpoint: by whom, and when it says that it was there."""

    size: int
    authority: str
    at: datetime
    note: str
    reply: bytes


async def stamps(connection: Connection, log: str, size: int) -> list[Stamp]:
    """The time stamps of a log's checkpoints up to this size, in order."""
    rows = await connection.fetch(
        "select size, authority, stamped_at, note, reply from stamp"
        " where log = $1 and size <= $2 order by size",
        log,
        size,
    )
    return [Stamp(*row) for row in rows]


async def stamp(connection: Connection, log: str, size: int) -> Stamp | None:
    """The time stamp of the checkpoint of this size."""
    row = await connection.fetchrow(
        "select size, authority, stamped_at, note, reply from stamp where log = $1 and size = $2",
        log,
        size,
    )
    return None if row is None else Stamp(*row)


async def entries(connection: Connection, log: str, start: int, end: int) -> list[bytes]:
    """The entries of a log from `start` to before `end`."""
    rows = await connection.fetch(
        "select bytes from entry where log = $1 and index >= $2 and index < $3 order by index",
        log,
        start,
        end,
    )
    return [row["bytes"] for row in rows]


async def entry_index(connection: Connection, log: str, event_id: UUID) -> int | None:
    """Where an event stands in a log."""
    found: int | None = await connection.fetchval(
        "select index from entry where log = $1 and id = $2", log, event_id
    )
    return found


async def box_number(connection: Connection, log: str, size: int) -> int:
    """How many events the box has in a log of this size: its ballots and a few closings."""
    found: int | None = await connection.fetchval(
        "select number from entry where log = $1 and src = 'voting.box' and index < $2"
        " order by number desc limit 1",
        log,
        size,
    )
    return found or 0


async def box_entries(
    connection: Connection, log: str, size: int, first: UUID, last: UUID
) -> list[tuple[int, bytes]]:
    """The box's entries with ids from `first` to `last`, in order, with their indexes."""
    rows = await connection.fetch(
        "select index, bytes from entry where id between $3 and $4 and log = $1"
        " and src = 'voting.box' and index < $2 order by index",
        log,
        size,
        first,
        last,
    )
    return [(row["index"], row["bytes"]) for row in rows]


async def backlog(connection: Connection) -> Backlog:
    """What waits, and what asks for a human."""
    row = await connection.fetchrow(
        "with first as (select h.log, h.src, min(h.number) as number, min(h.since) as since"
        " from held h join head using (log) group by h.log, h.src),"
        " gap as (select since from first f where f.number > 1 + coalesce(greatest("
        " (select max(number) from entry e where e.log = f.log and e.src = f.src),"
        " (select max(upto) from filled g where g.log = f.log and g.src = f.src)), 0))"
        " select (select count(*) from held),"
        " coalesce((select extract(epoch from now() - min(since)) from held), 0)::float8,"
        " (select count(*) from gap),"
        " coalesce((select extract(epoch from now() - min(since)) from gap), 0)::float8,"
        " (select count(*) from held where unread is not null),"
        " coalesce((select extract(epoch from now() - min(since)) from held"
        " where unread is not null), 0)::float8,"
        " (select count(*) from quarantine),"
        " (select count(*) from quarantine where seen_by is null),"
        " coalesce((select extract(epoch from now() - min(since)) from quarantine"
        " where seen_by is null), 0)::float8,"
        " coalesce((select extract(epoch from now() - min(since)) from unvouched_key u"
        " where not exists (select from service_key k"
        " where (k.src, k.public_key) = (u.src, u.public_key))), 0)::float8,"
        " coalesce((select sum(size) from head), 0)::bigint,"
        " coalesce((select sum(size) from (select max(size) as size from signed_checkpoint"
        " group by log) s), 0)::bigint,"
        " coalesce((select sum(size) from (select max(size) as size from published_checkpoint"
        " group by log) p), 0)::bigint"
    )
    assert row is not None
    return Backlog(*row)

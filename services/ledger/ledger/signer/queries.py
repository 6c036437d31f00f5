"""Every SQL statement of the signer. Its role reads logs, and writes keys, checkpoints, outbox."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

import asyncpg

from ledger.signer.filled import Rotated

type Connection = asyncpg.Connection[Any]


class LogHead(NamedTuple):
    """A log, and where its sequencer says that it stands."""

    log: str
    origin: str
    public_key: bytes
    size: int
    root: bytes
    # Earlier keys that still sign beside the one above, the newest first.
    previous: tuple[bytes, ...]
    # Each key after the first, as the database has it.
    rotated: tuple[Rotated, ...]
    # All keys that it ever had, the newest first.
    known: tuple[bytes, ...]
    # Those of them before the newest that nobody else has, as far as was said.
    earlier: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A committed entry."""

    index: int
    src: str
    number: int
    bytes: bytes


async def elected(connection: Connection) -> bool:
    """Whether this replica is the one that signs, for as long as the connection lasts."""
    return bool(await connection.fetchval("select pg_try_advisory_lock(7133711)"))


async def heads(connection: Connection) -> list[LogHead]:
    """All logs, the platform's first: it says which others there are."""
    rows = await connection.fetch(
        "select l.log, l.origin, coalesce((select r.public_key from rotated_key r"
        " where r.log = l.log order by r.rotated_at desc limit 1), l.public_key), h.size, h.root,"
        " array(select r.previous from rotated_key r where r.log = l.log"
        " and r.both_until > clock_timestamp() order by r.rotated_at desc),"
        " l.public_key"
        " from log l join head h using (log) order by l.log <> 'platform', l.log"
    )
    rotations = await connection.fetch(
        "select log, public_key, previous, both_until, reason from rotated_key"
        " order by rotated_at desc"
    )
    return [_head(row, [each for each in rotations if each["log"] == row[0]]) for row in rows]


def _head(row: asyncpg.Record, rotations: list[asyncpg.Record]) -> LogHead:
    log, origin, public_key, size, root, previous, first = row
    known = (*(each["public_key"] for each in rotations), first)
    spilt = {each["previous"] for each in rotations if each["reason"] == "compromised"}
    return LogHead(
        log,
        origin,
        public_key,
        size,
        root,
        tuple(previous),
        tuple(
            Rotated(log, each["public_key"], each["previous"], int(each["both_until"].timestamp()))
            for each in rotations
        ),
        known,
        tuple(key for key in known[1:] if key not in spilt),
    )


async def rows(connection: Connection, log: str, start: int, end: int) -> list[Row]:
    """The entries from `start` to before `end`."""
    found = await connection.fetch(
        "select index, src, number, bytes from entry"
        " where log = $1 and index >= $2 and index < $3 order by index",
        log,
        start,
        end,
    )
    return [Row(*row) for row in found]


async def tiles(
    connection: Connection, log: str, keys: Collection[tuple[int, int]]
) -> dict[tuple[int, int], bytes]:
    """The content of tiles, by level and index."""
    found = await connection.fetch(
        "select level, index, hashes from tile where log = $1"
        " and (level, index) in (select * from unnest($2::integer[], $3::bigint[]))",
        log,
        [level for level, _ in keys],
        [index for _, index in keys],
    )
    return {(row["level"], row["index"]): row["hashes"] for row in found}


async def signed_checkpoints(
    connection: Connection, log: str, start: int, end: int
) -> dict[int, bytes]:
    """Sizes and roots that were signed, from `start` to `end`."""
    found = await connection.fetch(
        "select size, root from signed_checkpoint where log = $1 and size between $2 and $3",
        log,
        start,
        end,
    )
    return {row["size"]: row["root"] for row in found}


class Signed(NamedTuple):
    """The last checkpoint that was signed of a log; `published` is its note with cosignatures,
    where it is published."""

    size: int
    root: bytes
    note: str
    published: str | None


async def last_signed(connection: Connection, log: str) -> Signed | None:
    """The largest checkpoint that was signed of a log."""
    row = await connection.fetchrow(
        "select s.size, s.root, s.note, p.note as published from signed_checkpoint s"
        " left join published_checkpoint p using (log, size)"
        " where log = $1 order by size desc limit 1",
        log,
    )
    return None if row is None else Signed(*row)


async def publish(connection: Connection, log: str, size: int, note: str) -> bool:
    """Let a cosigned checkpoint be seen, or be seen with other cosignatures. Whether it is new.

    A signer that was frozen and woke after another published a larger one changes nothing.
    """
    found = await connection.fetchval(
        "insert into published_checkpoint as p (log, size, note) select $1, $2, $3"
        " where not exists"
        " (select from published_checkpoint l where l.log = $1 and l.size > $2::bigint)"
        " on conflict (log, size) do update set note = excluded.note, refreshed_at = now()"
        " returning xmax = 0",
        log,
        size,
        note,
    )
    return found is True


async def has_ended(connection: Connection, log: str, size: int) -> bool:
    """Whether the last entry that a checkpoint has says that officers ended the log: what comes to
    it later is in none."""
    found = await connection.fetchval(
        "select src = 'ledger' and bytes like $3 from entry where log = $1 and index = $2",
        *(log, size - 1, _FROZEN),
    )
    return bool(found)


async def claim(connection: Connection, log: str, size: int, root: bytes, note: str) -> bytes:
    """Take a size for a root: the compare-and-set before anybody sees the note.

    The root that holds this size now: another one means that this tree may not be signed.
    """
    await connection.execute(
        "insert into signed_checkpoint (log, size, root, note) values ($1, $2, $3, $4)"
        " on conflict (log, size) do nothing",
        log,
        size,
        root,
        note,
    )
    found: bytes = await connection.fetchval(
        "select root from signed_checkpoint where log = $1 and size = $2", log, size
    )
    return found


async def spare_keys(connection: Connection) -> int:
    """How many registered keys no log has yet."""
    return int(
        await connection.fetchval(
            "select count(*) from log_key k where not exists"
            " (select from log l where l.public_key = k.public_key) and not exists"
            " (select from rotated_key r where r.public_key = k.public_key)"
        )
    )


async def register_keys(connection: Connection, public_keys: Sequence[bytes]) -> None:
    """Offer keys to the sequencer."""
    await connection.execute(
        "insert into log_key (public_key) select unnest($1::bytea[])", list(public_keys)
    )


# --- time stamps ---------------------------------------------------------------------------------


class Unstamped(NamedTuple):
    """The last published checkpoint of a log that has none larger stamped.

    `stamped` is the size of the last one that has a stamp (0: none), `age` how old that is.
    """

    log: str
    size: int
    note: str
    stamped: int
    age: timedelta | None


class Stamp(Protocol):
    """What is kept of a reply."""

    @property
    def reply(self) -> bytes: ...

    @property
    def at(self) -> datetime: ...


# What a reader would want to have been there at a time, of any version: the leaf's own fields stand
# at its end. What only looks like a closing costs a stamp more.
_CLOSINGS = tuple(
    f'%"type":"{kind}.v%","v":%}}'.encode()
    for kind in ("voting.round-closed", "voting.box-closed", "ledger.log-frozen")
)
_FROZEN = _CLOSINGS[-1]


async def stamping(connection: Connection) -> bool:
    """Whether this replica is the one that has checkpoints stamped, while the connection lasts."""
    return bool(await connection.fetchval("select pg_try_advisory_lock(7133712)"))


async def unstamped(connection: Connection) -> list[Unstamped]:
    """Every log whose last published checkpoint has no stamp, the platform's first."""
    rows = await connection.fetch(
        "select l.log, p.size, p.note, coalesce(s.size, 0), now() - s.stamped_at from log l"
        " join lateral (select size, note from published_checkpoint p where p.log = l.log"
        " order by size desc limit 1) p on true"
        " left join lateral (select size, stamped_at from stamp s where s.log = l.log"
        " order by size desc limit 1) s on true"
        " where p.size > coalesce(s.size, 0) order by l.log <> 'platform', l.log"
    )
    return [Unstamped(*row) for row in rows]


async def has_closing(connection: Connection, log: str, start: int, end: int) -> bool:
    """Whether a round, a box or the log itself is closed in entries `start` to before `end`."""
    return bool(
        await connection.fetchval(
            "select exists (select from entry where log = $1 and index >= $2 and index < $3"
            " and src = any($4) and bytes like any($5::bytea[]))",
            log,
            start,
            end,
            ["voting.count", "voting.box", "ledger"],
            _CLOSINGS,
        )
    )


async def keep_stamp(
    connection: Connection, found: Unstamped, authority: str, stamp: Stamp
) -> None:
    """Keep a stamp; one that is there stays."""
    await connection.execute(
        "insert into stamp (log, size, authority, note, reply, stamped_at)"
        " values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        found.log,
        found.size,
        authority,
        found.note,
        stamp.reply,
        stamp.at,
    )

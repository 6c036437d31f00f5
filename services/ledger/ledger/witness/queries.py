"""Every SQL statement of the witness: SQLite's, each a transaction of its own.

A statement that has returned is on the disk: `extra` also flushes the directory after the journal
is removed, without which a power loss may take the last commit back (sqlite.org/pragma.html).
"""

import sqlite3
from pathlib import Path
from typing import NamedTuple

from ledger.notes import Checkpoint

_TABLES = """
create table if not exists cosigned (
    origin text primary key,
    size integer not null check (size >= 0),
    root blob not null check (length(root) = 32),
    note text not null,
    time integer not null
) strict;
create table if not exists announced (
    origin text not null,
    vkey text not null,
    platform text not null,
    place integer not null,
    until integer,
    primary key (origin, vkey)
) strict;
"""


class Cosigned(NamedTuple):
    """The last checkpoint cosigned of a log, with the log's signature and ours, and when."""

    checkpoint: Checkpoint
    note: str
    time: int


def opened(file: Path) -> sqlite3.Connection:
    """The file, made where there is none. Several processes may have it open."""
    connection = sqlite3.connect(file, timeout=5, isolation_level=None, check_same_thread=False)
    connection.execute("pragma synchronous = extra")
    connection.executescript(_TABLES)
    return connection


def cosigned(connection: sqlite3.Connection, origin: str) -> Cosigned | None:
    """The last checkpoint cosigned of a log."""
    row = connection.execute(
        "select size, root, note, time from cosigned where origin = ?", [origin]
    ).fetchone()
    return row and Cosigned(Checkpoint(origin, row[0], row[1]), row[2], row[3])


def origins(connection: sqlite3.Connection) -> list[str]:
    """Every log of which something was cosigned."""
    return [row[0] for row in connection.execute("select origin from cosigned order by origin")]


def keep(connection: sqlite3.Connection, last: Checkpoint | None, found: Cosigned) -> bool:
    """Replace what was cosigned last, if that is still `last`: the compare-and-swap.

    Two requests that were both found consistent with the same tree differ here, at the latest.
    """
    checkpoint = found.checkpoint
    now = (checkpoint.size, checkpoint.root, found.note, found.time)
    if last is None:
        written = connection.execute(
            "insert into cosigned values (?, ?, ?, ?, ?) on conflict do nothing",
            [checkpoint.origin, *now],
        )
    else:
        written = connection.execute(
            "update cosigned set size = ?, root = ?, note = ?, time = ?"
            " where origin = ? and size = ? and root = ?",
            [*now, last.origin, last.size, last.root],
        )
    return written.rowcount == 1


def announced(connection: sqlite3.Connection, origin: str, now: int) -> list[str]:
    """The keys that followed platform logs announced for an origin, and that sign it now."""
    rows = connection.execute(
        "select vkey from announced where origin = ? and (until is null or until > ?)"
        " order by place, vkey",
        [origin, now],
    )
    return [row[0] for row in rows]


def remember(
    connection: sqlite3.Connection, origin: str, vkey: str, platform: str, place: int
) -> None:
    """Take a key that the entry `place` of a platform's log announced."""
    connection.execute(
        "insert into announced (origin, vkey, platform, place) values (?, ?, ?, ?)"
        " on conflict do nothing",
        [origin, vkey, platform, place],
    )


def end(connection: sqlite3.Connection, origin: str, vkey: str, until: int) -> None:
    """Take a key until then, and no longer."""
    connection.execute(
        "update announced set until = ? where origin = ? and vkey = ?", [until, origin, vkey]
    )

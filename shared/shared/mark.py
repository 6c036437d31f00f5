"""A mark outside the database, by which the database that worked last is told from its backup.

A process that stands counts: every few seconds the number in its database goes up by one, and then
the number in a file that is in no backup. A database that has a lower number than the file, or
another lineage, is not the one that worked last. One that has no lower number is, and nobody else
needs to be asked: not Kafka, not the ledger.

Crash stories:
- Killed between the two: the database is ahead by one, which contradicts nothing.
- Power is lost: the number was on the disk before the file was written, and the file before it had
  its name. The file may be older than the database, never younger.
- Replicas write over each other: the file has the number of one of them, and is right.
- A backup is restored, and then another one: while the database is closed, so is the file. It has a
  number that no backup reached, and agrees with nothing, until the process stands again.
- A host comes back with a file of before: a database that was closed is far ahead of any of them.
- Killed before the file is closed: it is closed at the next look, while the database is.
- The database is replaced under a running process: the number goes up only where the file is not
  ahead, so that nothing hides it; the next look finds it.
- The file is lost: nothing is known from it, and the checkpoints decide (`covering.py`).
"""

import errno
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg

# What a publisher's migration adds behind what `covering` does.
CREATE = """
create table database_mark (
    one boolean primary key default true check (one),
    lineage uuid not null default gen_random_uuid(),
    number bigint not null default 0
);
insert into database_mark default values;
-- Why it was closed, and since when everything that the ledger has was taken back.
alter table outbox_recovered add because text, add ended_at timestamptz;
"""
RUN_TIME_GRANTS = """
grant select, update (lineage, number) on database_mark to {role};
grant update (because, ended_at) on outbox_recovered to {role};
"""
# How far a database that was closed goes ahead: further than anybody counted meanwhile.
AHEAD = 1_000_000_000


@dataclass(frozen=True)
class Known:
    """How far a database counted, or what a file says of it; `closed` while it is a backup."""

    lineage: UUID
    number: int
    closed: bool = False

    def contradicts(self, found: "Known") -> str | None:
        """Why a database that counted so far is not the one that this file was written beside."""
        if found.lineage != self.lineage:
            return "the mark beside it is another database's"
        if found.number < self.number:
            return f"the mark beside it is {self.number}, its own is {found.number}"
        return None


class Mark:
    """The file of one process, which its replicas may share."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def known(self) -> Known | None:
        """What the file says; nothing where there is none, or nothing in it.

        Raises `ValueError` for another file, `OSError` where it cannot be read.
        """
        try:
            content = self._file.read_bytes()
        except FileNotFoundError:
            return None
        if not content:
            return None
        try:
            written = json.loads(content)
            closed = written.get("closed") is True
            return Known(UUID(written["lineage"]), int(written["number"]), closed)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{self._file} is no mark: move it away") from error

    def write(self, known: Known) -> None:
        """Say that the database counted so far; it is on the disk before it has its name.

        Raises `OSError`, and leaves nothing behind.
        """
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._file.with_name(f".{self._file.name}.{secrets.token_hex(8)}")
        said = {"lineage": str(known.lineage), "number": known.number}
        words = json.dumps(said | ({"closed": True} if known.closed else {})).encode()
        try:
            _write(fresh, words, os.O_CREAT | os.O_EXCL)
            fresh.replace(self._file)
        except OSError as error:
            with suppress(OSError):
                fresh.unlink()
            # A file that is mounted by itself has no other name to take: what is torn is no mark.
            if error.errno != errno.EBUSY:
                raise
            _write(self._file, words, 0)


def _write(file: Path, words: bytes, how: int) -> None:
    descriptor = os.open(file, os.O_WRONLY | how, 0o600)
    try:
        os.write(descriptor, words)
        os.ftruncate(descriptor, len(words))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def counted(connection: asyncpg.Connection) -> Known:
    """How far this database counted."""
    row = await connection.fetchrow("select lineage, number from database_mark")
    assert row is not None
    return Known(row["lineage"], row["number"])


async def count_on(connection: asyncpg.Connection) -> Known:
    """Count one further. It is on the disk at the commit, whatever else waits for the disk."""
    await connection.execute("set local synchronous_commit = on")
    row = await connection.fetchrow(
        "update database_mark set number = number + 1 returning lineage, number"
    )
    assert row is not None
    return Known(row["lineage"], row["number"])


async def go_ahead(connection: asyncpg.Connection, written: Known | None) -> Known:
    """This database is closed, and continues where the one before it was: what its file says then,
    which no backup of either agrees with."""
    await connection.execute("set local synchronous_commit = on")
    row = await connection.fetchrow(
        "update database_mark set lineage = coalesce($1, lineage),"
        " number = greatest(number, $2) + $3 returning lineage, number",
        *((None, 0) if written is None else (written.lineage, written.number)),
        AHEAD,
    )
    assert row is not None
    return Known(row["lineage"], row["number"], closed=True)

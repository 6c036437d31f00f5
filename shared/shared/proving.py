"""What proves to a process that an entry is in the ledger, whoever hands it over.

A process hears every checkpoint from the ledger itself, over Kafka, and keeps the last one of each
log. Who hands it entries (`recovering.py`) first has it set these aside; each entry then comes with
the hashes that lead from it to the root that was set aside (RFC 6962 §2.1.1). Nothing that somebody
made up leads there, so that the desk's key alone opens nothing, grants nothing and casts nothing.

Crash stories:
- Logs grow meanwhile: what was set aside stays, until somebody begins anew.
- Two people recover one process: the one who began last is right, the other is refused, and begins
  anew.
- Kafka's disk was lost: what was heard is kept here, and the ledger says the last one again.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Annotated

import asyncpg
from pydantic import BaseModel, Field

from shared.events.event import Hash
from shared.events.ledger import CheckpointPublished
from shared.refusal import Refusal

# What a publisher's migration adds behind what `mark` and `covering` do.
CREATE = """
create table heard_checkpoint (
    log text primary key,
    size bigint not null check (size >= 0),
    root bytea not null
);
-- Set aside by whoever hands over entries, as they were then.
create table proving_checkpoint (like heard_checkpoint including all);
-- Those that were read before this was kept are read again, which changes nothing else.
delete from position where topic = 'ledger.checkpoints';
"""
RUN_TIME_GRANTS = """
grant select, insert, update on heard_checkpoint, proving_checkpoint to {role};
"""
LONGEST_PATH = 63


class NotProven(Refusal):
    """What was sent does not lead to the checkpoint that this process heard: it is believed of
    nobody."""

    code = "not_proven"


class Entry(BaseModel):
    """An entry of a log, byte for byte, where it stands, and the hashes from it to the root."""

    index: Annotated[int, Field(ge=0)]
    entry: str
    path: Annotated[list[Hash], Field(max_length=LONGEST_PATH)]


async def keep_heard(
    connection: asyncpg.Connection, published: Sequence[CheckpointPublished]
) -> None:
    """The largest checkpoint of each log is known afterwards."""
    largest: dict[str, CheckpointPublished] = {}
    for event in published:
        known = largest.get(event.log)
        if known is None or known.size < event.size:
            largest[event.log] = event
    await connection.executemany(
        "insert into heard_checkpoint as heard values ($1, $2, $3) on conflict (log) do update"
        " set size = excluded.size, root = excluded.root where excluded.size > heard.size",
        [(log, each.size, bytes.fromhex(each.root)) for log, each in sorted(largest.items())],
    )


async def set_aside(connection: asyncpg.Connection) -> Mapping[str, int]:
    """The checkpoints that were heard by now prove what is handed over from now on; the size of
    each log in them."""
    rows = await connection.fetch(
        "insert into proving_checkpoint as proving"
        " select log, size, root from heard_checkpoint order by log on conflict (log) do update"
        " set size = excluded.size, root = excluded.root returning log, size"
    )
    return {row["log"]: row["size"] for row in rows}


async def check_proven(connection: asyncpg.Connection, log: str, entries: Sequence[Entry]) -> None:
    """Raises `NotProven` unless each of these stands in the log, where it says."""
    if not entries:
        return
    known = await connection.fetchrow(
        "select size, root from proving_checkpoint where log = $1", log
    )
    if known is None:
        raise NotProven(f"no checkpoint of {log} was set aside: begin with that")
    for each in entries:
        leaf = sha256(b"\x00" + each.entry.encode()).digest()
        path = [bytes.fromhex(found) for found in each.path]
        if not includes(each.index, known["size"], leaf, path, known["root"]):
            raise NotProven(
                f"entry {each.index} does not lead to the checkpoint of {log} that was set aside,"
                f" of {known['size']} entries"
            )


def includes(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf hash stands at `index` in the tree of this size and root (RFC 9162
    §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    first, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if first & 1 or first == last:
            found = sha256(b"\x01" + sibling + found).digest()
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            found = sha256(b"\x01" + found + sibling).digest()
        first, last = first >> 1, last >> 1
    return last == 0 and found == root

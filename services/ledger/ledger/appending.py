"""Putting entries into logs, in a transaction that has the sequencer's lock.

Whoever appends, the sequencer or officers at the desk, calls `begin` first: one at a time.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import uuid4

from ledger import queries
from ledger.queries import Connection, Head
from ledger.sequence import LEDGER, Leaf, Quarantined, Stream, place, unbroken
from ledger.tree import edge_of, edge_tiles, grow, leaf_hash, root
from shared.envelope import Envelope, leaf_bytes
from shared.events.event import PLATFORM_LOG, Event
from shared.events.ledger import IngestRejected, Refused
from shared.failing import failure_point

# What one transaction takes back of what was held: an inbox gives each a minute. The sequencer's
# turns go on with what is left.
MOST_RELEASED = 20_000

# In the order in which a transaction comes by.
FAILURE_POINTS = (
    "sequencer.locked",
    "sequencer.entries",
    "sequencer.tiles",
    "sequencer.head",
    "sequencer.held",
    "sequencer.rejected",
    "sequencer.released",
    "sequencer.done",
)


async def begin(connection: Connection, logs: Collection[str]) -> dict[str, Head]:
    """Take the sequencer's lock, then the heads of the logs concerned in the order of their names;
    those that there are.

    A dead letter that is replayed, or an act of officers, waits for the batch under way, and the
    other way round: else an event could be held for a log that the other has just opened.
    """
    await queries.locked_epoch(connection)
    heads = await queries.locked_heads(connection, {*logs, PLATFORM_LOG})
    failure_point("sequencer.locked")
    return heads


async def append(connection: Connection, leaves: Sequence[Leaf], now: datetime) -> list[Leaf]:
    """Put leaves where they belong; those that are now in a log, in their order there.

    Nothing vanishes: what has no place in a log is said there, and kept for the operator.
    """
    heads = await queries.locked_heads(connection, {leaf.stream.log for leaf in leaves})
    frozen = await queries.frozen_logs(connection, heads)
    last = await queries.last_numbers(connection, {leaf.stream for leaf in leaves})
    placed = place(leaves, last, heads, frozen)
    for log, head in heads.items():
        await _extend(connection, head, [a for a in placed.appended if a.stream.log == log], now)
    if placed.held:
        placed.taken += await queries.hold(connection, placed.held)
        failure_point("sequencer.held")
    for leaf in placed.taken:
        # A log that does not exist yet cannot say it itself.
        there = leaf.stream.log if leaf.stream.log in heads else PLATFORM_LOG
        await append_own(connection, there, rejection(leaf, "number_taken", there), now)
    for leaf in placed.late:
        await append_own(connection, PLATFORM_LOG, rejection(leaf, "log_frozen", PLATFORM_LOG), now)
    rejected = [
        *(
            Quarantined(leaf, "it breaks what every entry is")
            for leaf in placed.appended
            if leaf.refused
        ),
        *(Quarantined(leaf, "its number is taken by another event") for leaf in placed.taken),
        *(Quarantined(leaf, "its log has ended") for leaf in placed.late),
    ]
    await queries.put_in_quarantine(connection, rejected)
    if rejected:
        failure_point("sequencer.rejected")
    return placed.appended


async def append_own(connection: Connection, log: str, event: Event, now: datetime) -> int:
    """Append an entry of the ledger itself, numbered here, on no topic; its index."""
    heads = await queries.locked_heads(connection, [log])
    last = await queries.last_numbers(connection, [stream := Stream(log, LEDGER)])
    leaf = _own(log, event, last[stream] + 1, now)
    await _extend(connection, heads[log], [leaf], now)
    return heads[log].size


async def released(
    connection: Connection, streams: Collection[Stream], most: int = MOST_RELEASED
) -> list[Leaf]:
    """Take from the held leaves those that follow now, at most so many."""
    last = await queries.last_numbers(connection, streams)
    leaves = list[Leaf]()
    for stream, numbers in (await queries.held_numbers(connection, last)).items():
        final = min(unbroken(last[stream], numbers), last[stream] + most - len(leaves))
        if final > last[stream]:
            leaves += await queries.release(connection, stream, last[stream] + 1, final)
    if leaves:
        failure_point("sequencer.released")
    return leaves


def rejection(leaf: Leaf, reason: Refused, there: str) -> IngestRejected:
    """What is said in the log `there` of an event that no log takes, without a word of what it says
    itself."""
    return IngestRejected(
        src=leaf.stream.src,
        number=leaf.number,
        digest=sha256(leaf.bytes).hexdigest(),
        reason=reason,
        log=leaf.stream.log if leaf.stream.log != there else None,
    )


def _own(log: str, event: Event, number: int, now: datetime) -> Leaf:
    envelope = Envelope(
        # An id that somebody could foresee could be taken by an event of theirs.
        id=uuid4(),
        type=event.type,
        source=LEDGER,
        subject=event.subject,
        time=now,
        log=log,
        number=number,
    )
    return Leaf(Stream(log, LEDGER), number, envelope.id, leaf_bytes(envelope, event.body()))


async def _extend(
    connection: Connection, head: Head, leaves: Sequence[Leaf], now: datetime
) -> None:
    """Grow one log: entries, tiles and head. What is refused leaves a rejection in its place."""
    if not leaves:
        return
    if any(leaf.refused for leaf in leaves):
        leaves = await _with_rejections(connection, head.log, leaves, now)
    tiles = await queries.stored_tiles(connection, head.log, edge_tiles(head.size))
    hashes = [leaf_hash(leaf.bytes) for leaf in leaves]
    edge, written = grow(edge_of(head.size, tiles), hashes)
    await queries.append_entries(connection, head, leaves, hashes)
    failure_point("sequencer.entries")
    await queries.write_tiles(connection, head.log, written)
    failure_point("sequencer.tiles")
    if not await queries.move_head(connection, head, edge.size, root(edge)):
        raise RuntimeError(f"the head of {head.log} moved from {head.size} under its lock")
    failure_point("sequencer.head")


async def _with_rejections(
    connection: Connection, log: str, leaves: Sequence[Leaf], now: datetime
) -> list[Leaf]:
    number = (await queries.last_numbers(connection, [stream := Stream(log, LEDGER)]))[stream]
    found = list[Leaf]()
    for leaf in leaves:
        if leaf.refused is not None:
            number += 1
            leaf = _own(log, rejection(leaf, leaf.refused, log), number, now)
        found.append(leaf)
    return found

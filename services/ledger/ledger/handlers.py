"""Kafka in: the sequencer. One transaction takes a batch of events into their logs.

Crash story: whatever dies, the batch is whole in PostgreSQL or absent, positions included; it
arrives again, and what is known is dropped. Two sequencers at once cannot be: the second waits for
the lock of the first's transaction, and the compare-and-set of the position ends one of them.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlmodel.ext.asyncio.session import AsyncSession

from ledger import queries
from ledger.notes import verifier_key
from ledger.queries import Connection, Head
from ledger.sequence import Leaf, Quarantined, Stream, place, unbroken, unfit, without_known
from ledger.tree import EMPTY_ROOT, edge_of, edge_tiles, grow, leaf_hash, root
from shared.database import database_time, raw
from shared.delivery import Delivered
from shared.envelope import Envelope, leaf_bytes
from shared.events.event import PLATFORM_LOG, Event
from shared.events.ledger import LogBegun, LogOpened
from shared.events.submission import CharterPublished

LEDGER = "ledger"
_CHARTER = b'"type":"%b"' % CharterPublished.type.encode()


class NoSpareKey(RuntimeError):
    """The signer has not registered a key for the next log; the batch comes again when it has."""


@dataclass(frozen=True)
class Sequencer:
    """The handler of every ledgered topic. `prefix` is what the origins of its logs begin with."""

    prefix: str

    async def append_events(
        self, session: AsyncSession, events: Sequence[Delivered[Event]]
    ) -> None:
        """Append each event to its log, byte for byte as it was published, in its publisher's
        order; hold back what is ahead of it, and put aside what contradicts the logs."""
        connection = await raw(session)
        await queries.one_batch_at_a_time(connection)
        leaves, refused = _leaves(events)
        known = await queries.known_leaves(connection, [leaf.id for leaf in leaves])
        leaves, contradictions = without_known(leaves, known)
        await queries.put_in_quarantine(connection, refused + contradictions)
        if any(leaf.stream.log == PLATFORM_LOG for leaf in leaves):
            await self._open_platform(connection)
        await self._sequence(connection, leaves, now=await database_time(session))

    async def _sequence(
        self, connection: Connection, leaves: Sequence[Leaf], *, now: datetime
    ) -> None:
        """Append, hold, and go on with what that releases, until nothing more follows."""
        while leaves:
            streams = {leaf.stream for leaf in leaves}
            appended = await _append(connection, leaves)
            for charter in _charters(appended):
                streams |= await self._open_edition(connection, charter, now)
            leaves = await _released(connection, streams)

    async def _open_platform(self, connection: Connection) -> None:
        """The platform's log is made at first need; what it opens comes with charters."""
        if not await queries.locked_heads(connection, [PLATFORM_LOG]):
            await self._open(connection, PLATFORM_LOG)

    async def _open_edition(
        self, connection: Connection, charter: CharterPublished, now: datetime
    ) -> set[Stream]:
        """Open the log of a charter's edition: an entry in the platform's log, then entry 0 of its
        own. The streams that waited for it; none where the log exists."""
        if await queries.locked_heads(connection, [charter.log]):
            return set()
        origin = self._origin(charter.log)
        vkey = verifier_key(origin, await self._open(connection, charter.log))
        opened = LogOpened(log=charter.log, origin=origin, vkey=vkey)
        begun = LogBegun(
            log=charter.log,
            origin=origin,
            programme_id=charter.programme_id,
            charter=charter.charter,
            rehearsal=charter.rehearsal,
        )
        await append_own(connection, PLATFORM_LOG, opened, now)
        await append_own(connection, charter.log, begun, now)
        return set(await queries.held_streams(connection, [charter.log]))

    async def _open(self, connection: Connection, log: str) -> bytes:
        """Make a log with a spare key of the signer's; its public half."""
        key = await queries.spare_key(connection)
        if key is None:
            raise NoSpareKey(f"no key for the log {log}: does the signer run?")
        await queries.open_log(connection, log, self._origin(log), key, EMPTY_ROOT)
        return key

    def _origin(self, log: str) -> str:
        return f"{self.prefix}/{log}"


def _leaves(events: Sequence[Delivered[Event]]) -> tuple[list[Leaf], list[Quarantined]]:
    """The leaves of events, and those that no log can take."""
    leaves, refused = list[Leaf](), list[Quarantined]()
    for delivered in events:
        leaf = _leaf(delivered.envelope, delivered.body)
        if (reason := unfit(leaf, delivered.event.topic)) is None:
            leaves.append(leaf)
        else:
            refused.append(Quarantined(leaf, reason))
    return leaves, refused


def _leaf(envelope: Envelope, body: bytes) -> Leaf:
    if envelope.log is None or envelope.number is None:
        raise RuntimeError(f"{envelope.type} {envelope.id} reached the ledger without a log")
    stream = Stream(envelope.log, envelope.source)
    return Leaf(stream, envelope.number, envelope.id, leaf_bytes(envelope, body))


async def _append(connection: Connection, leaves: Sequence[Leaf]) -> list[Leaf]:
    """Put leaves where they belong; those that are now in a log, in their order there."""
    heads = await queries.locked_heads(connection, {leaf.stream.log for leaf in leaves})
    last = await queries.last_numbers(connection, {leaf.stream for leaf in leaves})
    placed = place(leaves, last, heads)
    for head in heads.values():
        await _extend(connection, head, [a for a in placed.appended if a.stream.log == head.log])
    if placed.held:
        twice = await queries.hold(connection, placed.held)
        placed.quarantined += [Quarantined(leaf, "its number is held by another") for leaf in twice]
    if placed.quarantined:
        await queries.put_in_quarantine(connection, placed.quarantined)
    return placed.appended


async def _released(connection: Connection, streams: Collection[Stream]) -> list[Leaf]:
    """Take from the held leaves those that follow now."""
    last = await queries.last_numbers(connection, streams)
    leaves = list[Leaf]()
    for stream, numbers in (await queries.held_numbers(connection, last)).items():
        if (final := unbroken(last[stream], numbers)) > last[stream]:
            leaves += await queries.release(connection, stream, last[stream] + 1, final)
    return leaves


async def _extend(connection: Connection, head: Head, leaves: Sequence[Leaf]) -> None:
    """Grow one log: entries, tiles and head."""
    if not leaves:
        return
    tiles = await queries.stored_tiles(connection, head.log, edge_tiles(head.size))
    hashes = [leaf_hash(leaf.bytes) for leaf in leaves]
    edge, written = grow(edge_of(head.size, tiles), hashes)
    await queries.append_entries(connection, head, leaves, hashes)
    await queries.write_tiles(connection, head.log, written)
    if not await queries.move_head(connection, head, edge.size, root(edge)):
        raise RuntimeError(f"the head of {head.log} moved from {head.size} under its lock")


async def append_own(connection: Connection, log: str, event: Event, now: datetime) -> None:
    """Append an entry of the ledger itself, numbered here."""
    stream = Stream(log, LEDGER)
    last = await queries.last_numbers(connection, [stream])
    envelope = Envelope(
        id=uuid5(NAMESPACE_URL, f"{event.type}/{event.key}"),
        type=event.type,
        source=LEDGER,
        subject=event.subject,
        time=now,
        log=log,
        number=last[stream] + 1,
    )
    await _append(connection, [_leaf(envelope, event.body())])


def _charters(appended: Sequence[Leaf]) -> list[CharterPublished]:
    """The charters among leaves of the platform's log: each opens its edition's."""
    found = []
    for leaf in appended:
        if leaf.stream.log == PLATFORM_LOG and _CHARTER in leaf.bytes:
            entry: dict[str, Any] = json.loads(leaf.bytes)
            if entry["type"] == CharterPublished.type:
                found.append(CharterPublished.model_validate(entry["body"], extra="ignore"))
    return found

"""Kafka in: the sequencer. One transaction takes a batch of events into their logs.

Crash story: whatever dies, the batch is whole in PostgreSQL or absent, positions included; it
arrives again, and what is known is dropped. Two sequencers at once cannot be: whoever begins to
consume takes a new epoch, each batch checks under a lock that it is of the last one, and a process
that was frozen meanwhile finds that it is not.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from asyncpg import UniqueViolationError
from sqlmodel.ext.asyncio.session import AsyncSession

from ledger import queries
from ledger.appending import MOST_RELEASED, append, append_own, begin, released
from ledger.arriving import Misplaced, Unacceptable, Unread, still_unread
from ledger.notes import verifier_key
from ledger.queries import FIRST, Connection, Head, Place
from ledger.sequence import Leaf, Quarantined, Stream, unfit, without_known
from ledger.tiles import LONGEST_ENTRY
from ledger.tree import EMPTY_ROOT
from shared.canonical import digest
from shared.database import Database, database_time, raw
from shared.delivery import Delivered
from shared.envelope import leaf_bytes
from shared.events import ALL, BY_TYPE, Event
from shared.events.administration import ServiceKeyAnnounced
from shared.events.event import PLATFORM_LOG, Ledgered
from shared.events.ledger import LogBegun, LogOpened, Refused, ServiceKeyAdded
from shared.events.submission import CharterPublished, RoleGranted, RoleRevoked
from shared.failing import failure_point
from shared.inbox import Fenced
from shared.people import queries as people
from shared.people.roles import Grant, Role
from shared.signing import is_signed


class NoSpareKey(RuntimeError):
    """The signer has not registered a key for the next log; the batch comes again when it has."""


@dataclass
class Sequencer:
    """The handler of every ledgered topic, and the fence of its transactions.

    `prefix` is what the origins of its logs begin with. `policy` and `retention_years` stand in the
    first entry of each log.
    """

    prefix: str
    policy: str | None = None
    retention_years: int | None = None
    # What one transaction takes of what is held, and looks at of what is unread.
    room: int = MOST_RELEASED
    portion: int = 2_000
    _epoch: int | None = field(default=None, init=False)
    # How far what is unread was read again; None: whole.
    _again: Place | None = field(default=None, init=False)

    async def lead(self, session: AsyncSession) -> None:
        """Begin an epoch: no transaction of an earlier one is committed from now on. What waited
        for a version that reads it is read again: this may be that version."""
        connection = await raw(session)
        self._epoch = await queries.next_epoch(connection)
        self._again = FIRST
        await self._go_on_with_held(session)

    async def turn(self, database: Database) -> None:
        """Go on with what follows among what is held, where one transaction has left some: in
        portions, so that a million of them takes long and stops nobody."""
        more = True
        while more:
            try:
                async with database.begin() as session:
                    more = await self._go_on_with_held(session)
            except Exception:
                self._again = FIRST  # what was noted as read is not
                raise

    async def _go_on_with_held(self, session: AsyncSession) -> bool:
        """One portion. Whether there was any."""
        connection, reads = await raw(session), self._again is not None
        if not reads and not await queries.following_streams(connection):
            return False
        await begin(connection, ())
        await self._read_again(connection)
        streams = await queries.following_streams(connection)
        leaves = await released(connection, streams, self.room)
        await self.go_on(connection, leaves, now=await database_time(session), room=0)
        return reads or bool(leaves)

    async def _read_again(self, connection: Connection) -> None:
        """A portion of what is unread: what this version can read waits no longer for one."""
        if self._again is None:
            return
        waiting = await queries.unread_leaves(connection, self._again, self.portion)
        readable = [leaf.id for leaf in waiting if still_unread(leaf) is None]
        await queries.note_read(connection, readable)
        self._again = Place(*waiting[-1].stream, waiting[-1].number) if waiting else None

    async def check(self, session: AsyncSession) -> None:
        """Raises `Fenced` where another sequencer has begun since. Until the transaction ends, no
        other can."""
        if await queries.locked_epoch(await raw(session)) != self._epoch:
            raise Fenced(f"the sequencer's epoch {self._epoch} is over")

    async def append_events(self, session: AsyncSession, events: Sequence[Delivered[Any]]) -> None:
        """Append each event to its log, byte for byte as it was published, in its publisher's
        order; hold back what is ahead of it or unread, reject in public what nobody can accept,
        and put aside what contradicts the logs."""
        connection = await raw(session)
        leaves, refused = _leaves(events)
        heads = await begin(connection, {leaf.stream.log for leaf in leaves})
        await queries.put_in_quarantine(connection, refused)
        now = await database_time(session)
        ids = [leaf.id for leaf in leaves]
        aside = await queries.put_aside(connection, ids)
        follow = not aside and await _follow(connection, leaves, heads)
        if not (follow and await self._appended_at_once(connection, leaves, now)):
            known = await queries.known_leaves(connection, ids)
            leaves, contradictions = without_known(leaves, known, aside)
            await queries.put_in_quarantine(connection, contradictions)
            if any(leaf.stream.log == PLATFORM_LOG for leaf in leaves):
                await self._open_platform(connection)
            await self.go_on(connection, leaves, now=now)
        failure_point("sequencer.done")

    async def _appended_at_once(
        self, connection: Connection, leaves: Sequence[Leaf], now: datetime
    ) -> bool:
        """Append leaves that follow, without asking which ids are known; false, with nothing done,
        where the entries' own index knows one."""
        try:
            async with connection.transaction():
                await self.go_on(connection, leaves, now=now)
        except UniqueViolationError:
            return False
        return True

    async def go_on(
        self,
        connection: Connection,
        leaves: Sequence[Leaf],
        *,
        now: datetime,
        room: int | None = None,
    ) -> None:
        """Append, hold, and go on with what that releases, until nothing more follows, or it is
        enough for one transaction: `turn` goes on with the rest."""
        room = self.room if room is None else room
        while leaves:
            streams = {leaf.stream for leaf in leaves}
            for event, leaf in _of_platform(await append(connection, leaves, now)):
                match event:
                    case CharterPublished():
                        streams |= await self._open_edition(connection, event, now)
                    case RoleGranted():
                        await people.grant(connection, event.officer, _grant(event))
                    case RoleRevoked():
                        await people.revoke(connection, event.officer, _grant(event))
                    case ServiceKeyAnnounced():
                        await _add_key(connection, event, leaf, now)
            leaves = await released(connection, streams, room)
            room -= len(leaves)

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
            schemas=dict(schema_digests()),
            service_keys=await queries.service_keys(connection),
            policy=self.policy,
            retention_years=self.retention_years,
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


async def _follow(
    connection: Connection, leaves: Sequence[Leaf], heads: Mapping[str, Head]
) -> bool:
    """Whether these leaves are the next ones of their streams, with nothing in the way. Each is an
    entry then, so that the entries' own index refuses an id that is known, and none is looked up.
    """
    if any(leaf.unread or leaf.refused or leaf.stream.log not in heads for leaf in leaves):
        return False
    numbers: dict[Stream, list[int]] = {}
    for leaf in leaves:
        numbers.setdefault(leaf.stream, []).append(leaf.number)
    last = await queries.last_numbers(connection, numbers)
    for stream, several in numbers.items():
        following = last[stream] + 1
        if sorted(several) != list(range(following, following + len(several))):
            return False
    return await queries.nothing_in_the_way(connection, {stream.log for stream in numbers})


@cache
def schema_digests() -> Mapping[str, str]:
    """SHA-256 of the contract of every type that a log can hold. Kept: to find them takes half a
    second, in which nothing else is heard."""
    ledgered = [event for event in ALL if event.ledgered is not Ledgered.NO]
    return {event.type: digest(event.contract()).hex() for event in ledgered}


def _leaves(events: Sequence[Delivered[Any]]) -> tuple[list[Leaf], list[Quarantined]]:
    """The leaves of events, and those of which somebody else speaks, or in the wrong place."""
    leaves, refused = list[Leaf](), list[Quarantined]()
    for delivered in events:
        leaf, event = _leaf(delivered), delivered.event
        reason = unfit(leaf, event.topic)
        if reason is None and isinstance(event, Misplaced):
            reason = event.why
        if reason is None:
            leaves.append(leaf)
        else:
            refused.append(Quarantined(leaf, reason, unfit=True))
    return leaves, refused


def _leaf(delivered: Delivered[Any]) -> Leaf:
    envelope, event = delivered.envelope, delivered.event
    if envelope.log is None or envelope.number is None:
        raise RuntimeError(f"{envelope.type} {envelope.id} reached the ledger without a log")
    bytes_ = leaf_bytes(envelope, delivered.body)
    refused: Refused | None = event.reason if isinstance(event, Unacceptable) else None
    if len(bytes_) > LONGEST_ENTRY:  # a type can be as long as somebody likes
        refused = "too_large"
    return Leaf(
        Stream(envelope.log, envelope.source),
        envelope.number,
        envelope.id,
        bytes_,
        unread=event.why if isinstance(event, Unread) and refused is None else None,
        refused=refused,
    )


def _of_platform(appended: Sequence[Leaf]) -> list[tuple[Event, Leaf]]:
    """What the platform's log says to the ledger itself: charters, roles of officers, keys."""
    found = list[tuple[Event, Leaf]]()
    for leaf in appended:
        if leaf.stream.log == PLATFORM_LOG and leaf.refused is None:
            entry: dict[str, Any] = json.loads(leaf.bytes)
            kind = BY_TYPE[entry["type"]]
            if issubclass(kind, _HEARD):
                found.append((kind.model_validate(entry["body"], extra="ignore"), leaf))
    return found


_HEARD = (CharterPublished, RoleGranted, RoleRevoked, ServiceKeyAnnounced)


def _grant(event: RoleGranted | RoleRevoked) -> Grant:
    return Grant(Role(event.role), event.programme_id, event.territory)


async def _add_key(
    connection: Connection, event: ServiceKeyAnnounced, leaf: Leaf, now: datetime
) -> None:
    """A publisher's key is known from now on, in every log that goes on: its first one, or one that
    an earlier one vouches for. Any other waits for two officers: no auditor would take it."""
    src = leaf.stream.src
    known = (await queries.service_keys(connection)).get(src, ())
    vouched = is_signed(event, known, event_id=leaf.id, source=src, log=PLATFORM_LOG)
    added = ServiceKeyAdded(
        src=src,
        service_key=event.service_key,
        event_id=leaf.id,
        event_type=event.type,
        signature=event.signature,
    )
    if known and not vouched:
        await queries.keep_unvouched_key(connection, added)
    elif await queries.keep_service_key(connection, added):
        for log in await queries.open_logs(connection):
            await append_own(connection, log, added, now)

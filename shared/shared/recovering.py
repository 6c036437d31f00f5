"""A publisher's database that was restored from a backup takes from the ledger what is public.

`comptoir recover` reads the ledger's bundles, verifies them, and hands their entries to the process
that wrote or reads them. What a process wrote itself gets its number back (nothing is numbered
twice, and the next number is right) and is in the outbox again; `restores` makes state of it, in
the order of the log. What it reads is handed to its handlers, once: known ids are dropped. Nothing
is taken on anybody's word: each entry is proven by a checkpoint that the process heard
(`proving.py`).

Crash stories:
- Killed within a batch of entries: the transaction is whole or absent, and the same batch again
  changes nothing more.
- An event was announced before the backup and numbered after it: its row is there, without a
  number, and is given the one that the ledger has.
- Recovered and killed before anybody looked: the process stays closed, by a row of its database.
- Something was under way when the backup was made, and ended since: `abandons` ends it here too, or
  it would be gone on with.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.canonical import canonical
from shared.covering import close, covered_numbers, restored_logs
from shared.database import Database, raw
from shared.delivery import Delivered
from shared.envelope import Envelope, leaf_bytes
from shared.events import BY_TYPE
from shared.events.event import LogName
from shared.events.private import MessageSealed
from shared.failing import failure_point
from shared.inbox import Inbox, unknown
from shared.people.guards import operator
from shared.proving import Entry, NotProven, check_proven, set_aside
from shared.refusal import Refusal
from shared.subscription import Handler

MOST = 2_000
# What a restored database had under way is given up.
Abandon = Callable[[AsyncSession], Awaitable[None]]


class NotAnEntry(Refusal):
    """What was sent is no entry of a log of this platform, byte for byte."""

    code = "not_an_entry"


class Contradicted(Refusal):
    """Ledger and database say two things of one number: nobody but a human can settle that."""

    code = "contradicted"


class NotRestored(Refusal):
    """This database is not behind the ledger, and not under recovery: nothing is to be taken."""

    code = "not_restored"


class StillBehind(Refusal):
    """It cannot be opened: the ledger covers numbers that were not recovered."""

    code = "still_behind"


class TwoOfficersNeeded(Refusal):
    """Nobody opens it alone: two officers do, at count's desk."""

    code = "two_officers_needed"


class StateMissing(Refusal):
    """It published what its database does not show, and the record cannot give that back."""

    code = "state_missing"


STATUSES: dict[type[Refusal], int] = {
    NotAnEntry: 422,
    NotProven: 409,
    Contradicted: 409,
    NotRestored: 409,
    StillBehind: 409,
    StateMissing: 409,
    TwoOfficersNeeded: 409,
}


class Entries(BaseModel):
    """Entries of one log, in its order."""

    log: LogName
    entries: Annotated[list[Entry], Field(max_length=MOST)]


class Taken(BaseModel):
    """Everything of these logs was taken, up to what the process said was covered before that."""

    covered: dict[LogName, Annotated[int, Field(ge=0)]]


class Closing(BaseModel):
    """Why an officer closes a process whose database was restored."""

    because: Annotated[str, Field(min_length=1, max_length=500)]


class Reopening(BaseModel):
    """Why an officer opens a recovered process again, and who; `by_hand` where somebody brought
    its database up to what it had published."""

    because: Annotated[str, Field(min_length=1, max_length=500)]
    by_hand: bool = False


@dataclass(frozen=True)
class Recovery:
    """What one process takes from the ledger: `source` is what it publishes as, `restores` what it
    makes state of, `inboxes` what it reads. `opened_by_two`: officers open it (`reopening.py`).
    `abandons` gives up what was under way in the backup, and nobody may go on with."""

    source: str
    database: Database
    inboxes: Sequence[Inbox]
    restores: Mapping[str, Handler]
    opened_by_two: bool = False
    abandons: Abandon | None = None

    @property
    def reads(self) -> frozenset[str]:
        """The types that its handlers take, of which the inbox remembers each event."""
        subscriptions = [inbox.subscription for inbox in self.inboxes]
        return frozenset(kind for each in subscriptions if each.remembers for kind in each.handlers)

    async def state(self) -> dict[str, Any]:
        """Where the database stands, for whoever recovers it."""
        async with self.database.begin() as session:
            connection = await raw(session)
            given = await connection.fetch("select log, number from outbox_number")
            behind = await restored_logs(connection)
            covered = await covered_numbers(connection)
            closed = await connection.fetchrow(
                "select began_at, because, without_state,"
                " case when ended_at is not null then recovery end as recovery"
                " from outbox_recovered where reopened_at is null"
            )
            waiting = await connection.fetch(
                "select type, count(*) as rows from outbox where position is null group by type"
            )
            unaccepted = await connection.fetchval(
                "select count(*) from outbox where topic = $1", MessageSealed.topic
            )
        return {
            "source": self.source,
            "numbers": {row["log"]: row["number"] for row in given},
            "covered": covered,
            "behind": {log: {"known": known, "covered": c} for log, (known, c) in behind.items()},
            "closed_since": None if closed is None else closed["began_at"].isoformat(),
            "closed_because": None if closed is None else closed["because"],
            # What officers open: nothing before it was recovered to the end.
            "recovery": None
            if closed is None or closed["recovery"] is None
            else str(closed["recovery"]),
            "opened_by_two": self.opened_by_two,
            "without_state": 0 if closed is None else closed["without_state"],
            "unnumbered": {row["type"]: row["rows"] for row in waiting},
            "unaccepted_messages": unaccepted,
            "restores": sorted(self.restores),
            "reads": sorted(self.reads),
        }

    async def set_checkpoints_aside(self) -> Mapping[str, int]:
        """What is taken and read from now on is proven by the checkpoints that were heard by now;
        the size of each log in them."""
        async with self.database.begin() as session:
            return await set_aside(await raw(session))

    async def take(self, log: str, entries: Sequence[Entry]) -> int:
        """Take back what this process published, and restore state; how many were taken.

        From the first entry on the process is closed. Raises `NotProven`, `NotRestored`,
        `Contradicted`.
        """
        found = [delivered_of(log, each.entry) for each in entries]
        async with self.database.begin() as session:
            connection = await raw(session)
            await check_proven(connection, log, entries)
            await _close(connection)
            own = [each for each in found if each.envelope.source == self.source]
            taken = await _take_published(connection, own)
            wanted = [
                each
                for each in found
                if each.envelope.type in self.restores
                and (each.envelope.source != self.source or each.envelope.id in taken)
            ]
            others = [each for each in wanted if each.envelope.source != self.source]
            fresh = {each.envelope.id for each in await unknown(session, others)} | taken
            bare = sum(d.envelope.id in taken and d.envelope.type not in self.restores for d in own)
            await connection.execute(
                "update outbox_recovered set without_state = without_state + $1"
                " where reopened_at is null",
                bare,
            )
            failure_point("recovery.taken")
            wanted = [each for each in wanted if each.envelope.id in fresh]
            for kind, run in groupby(wanted, key=lambda each: each.envelope.type):
                await self.restores[kind](session, list(run))
        failure_point("recovery.committed")
        return len(taken)

    async def read(self, log: str, entries: Sequence[Entry]) -> int:
        """Hand these to the handlers that read them, each once; how many were new.

        Raises `NotProven`, and `StillBehind` where this database has to be recovered first: what
        handlers announce would get numbers that were given before.
        """
        found = [delivered_of(log, each.entry) for each in entries]
        async with self.database.begin() as session:
            connection = await raw(session)
            await _check_recovered(connection)
            await check_proven(connection, log, entries)
        count = 0
        for topic, run in groupby(found, key=lambda each: each.event.topic):
            together = list(run)
            for inbox in self.inboxes:
                if topic in inbox.subscription.topics and inbox.subscription.remembers:
                    count += await inbox.deliver(together)
        return count

    async def close(self, because: str) -> None:
        """Close the process as a restored backup, which nobody may have noticed."""
        async with self.database.begin() as session:
            await close(await raw(session), because)

    async def end(self, covered: Mapping[str, int]) -> None:
        """All was taken: what follows is numbered behind what the ledger covers.

        A number that the ledger covers without an entry was given up or rejected: it is used too,
        as far as was `covered` before the entries were fetched. What is covered since may be among
        those that nobody took: then it is still behind, and is recovered once more.
        From now on the recovery has an id that nobody knew before: whatever was decided of an
        earlier one, in this database's backup too, does not open it.
        """
        async with self.database.begin() as session:
            connection = await raw(session)
            await _close(connection)
            if self.abandons is not None:
                await self.abandons(session)
            await connection.execute(
                "insert into outbox_number as given (log, number)"
                " select log, least(number, upto) from outbox_covered"
                " join unnest($1::text[], $2::bigint[]) as told (log, upto) using (log)"
                " where least(number, upto) > 0 on conflict (log) do update"
                " set number = greatest(given.number, excluded.number)",
                list(covered),
                list(covered.values()),
            )
            await connection.execute(
                "update outbox_recovered set recovery = gen_random_uuid(), ended_at = now()"
                " where reopened_at is null"
            )

    async def reopen(self, because: str, *, by_hand: bool = False) -> None:
        """Open the process again, by one officer's word.

        Raises `TwoOfficersNeeded`, `StillBehind`, `StateMissing`, `NotRestored`.
        """
        if self.opened_by_two:
            raise TwoOfficersNeeded("two officers open it, signed in at count's desk")
        async with self.database.begin() as session:
            connection = await raw(session)
            await _check_recovered(connection)
            bare = await connection.fetchval(
                "select without_state from outbox_recovered where reopened_at is null"
            )
            if bare and not by_hand:
                raise StateMissing(
                    f"{bare} events that {self.source} had published are numbers to this database"
                    " and nothing more: bring it up to them first, and say that it was done by hand"
                )
            if not await connection.fetchval(
                "update outbox_recovered set reopened_at = now(), reopened_because = $1"
                " where reopened_at is null returning true",
                because,
            ):
                raise NotRestored("it is not closed")


def delivered_of(log: str, entry: str) -> Delivered[Any]:
    """An entry of a log as the event that it was made of. Raises `NotAnEntry`.

    A leaf has neither topic, key nor subject: they follow from the event. Its time is the minute.
    """
    try:
        leaf = json.loads(entry)
        kind = BY_TYPE[leaf["type"]]
        body = canonical(leaf["body"])
        event = kind.from_body(body)
        envelope = Envelope(
            id=UUID(leaf["id"]),
            type=leaf["type"],
            source=leaf["src"],
            subject=event.subject,
            time=datetime.strptime(leaf["t"], "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC),
            log=log,
            number=leaf["number"],
        )
        if leaf_bytes(envelope, body) != entry.encode():
            raise NotAnEntry(f"the entry of {envelope.id} is not made as entries are")
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise NotAnEntry(f"this is no entry: {type(error).__name__}") from None
    return Delivered(envelope, event, body)


async def _check_recovered(connection: asyncpg.Connection) -> None:
    """Raises `StillBehind` where the database is a restored backup that lacks what the ledger has,
    or may."""
    if await restored_logs(connection):
        raise StillBehind("the ledger covers numbers that were not recovered: recover it first")
    if await connection.fetchval(
        "select true from outbox_recovered where reopened_at is null and ended_at is null"
    ):
        raise StillBehind("it is closed as a restored backup: recover it first")


async def _close(connection: asyncpg.Connection) -> None:
    closed = await connection.fetchval(
        "select true from outbox_recovered where reopened_at is null for update"
    )
    if closed:
        return
    if not await restored_logs(connection):
        raise NotRestored("this database has every number that the ledger covers")
    await connection.execute("insert into outbox_recovered default values")


async def _take_published(
    connection: asyncpg.Connection, own: Sequence[Delivered[Any]]
) -> set[UUID]:
    """Put these into the outbox under their numbers, behind everything that has a position; those
    that were not there as such."""
    if not own:
        return set()
    position = await connection.fetchval("select position from outbox_counter for update")
    ids = [each.envelope.id for each in own]
    log, numbers = own[0].envelope.log, [each.envelope.number or 0 for each in own]
    rows = await connection.fetch(
        "select event_id, log, number from outbox where event_id = any($1)"
        " or (log = $2 and number = any($3))",
        *(ids, log, numbers),
    )
    said = {(row["log"], row["number"]): row["event_id"] for row in rows if row["number"]}
    numbered = {row["event_id"]: row["number"] for row in rows}
    fresh = []
    for each in own:
        envelope = each.envelope
        known = said.get((envelope.log, envelope.number))
        if known not in (None, envelope.id) or numbered.get(envelope.id) not in (
            None,
            envelope.number,
        ):
            raise Contradicted(
                f"number {envelope.number} of {envelope.log} is {envelope.id} in the ledger, and"
                f" not so in this database: keep both, and ask who restored what"
            )
        if known is None:
            position += 1
            fresh.append((each, position))
    await connection.executemany(
        "update outbox set position = $2, number = $3 where event_id = $1 and position is null",
        [(d.envelope.id, at, d.envelope.number) for d, at in fresh if d.envelope.id in numbered],
    )
    await connection.executemany(
        "insert into outbox (event_id, topic, key, type, source, subject, time, log, body,"
        " position, number) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        [_row(each, at) for each, at in fresh if each.envelope.id not in numbered],
    )
    await connection.execute("update outbox_counter set position = $1", position)
    await connection.execute(
        "insert into outbox_number as given values ($1, $2) on conflict (log) do update"
        " set number = greatest(given.number, excluded.number)",
        *(log, max(numbers)),
    )
    return {each.envelope.id for each, _ in fresh}


def _row(delivered: Delivered[Any], position: int) -> tuple[Any, ...]:
    envelope, event = delivered.envelope, delivered.event
    return (
        *(envelope.id, event.topic, event.key, envelope.type, envelope.source, envelope.subject),
        *(envelope.time, envelope.log, delivered.body, position, envelope.number),
    )


router = APIRouter(prefix="/desk/recovery", dependencies=[operator])


@router.get("")
async def state(request: Request) -> dict[str, Any]:
    """Where this process stands beside the ledger, and why nothing may change, if so."""
    refusal = request.app.state.process.stand.refusal
    refused = None if refusal is None else refusal.code
    return {**await _of(request).state(), "refused": refused}


@router.post("/close")
async def close_restored(request: Request, closing: Closing) -> dict[str, str]:
    """Close this process: its database was restored, whether anything noticed it or not."""
    await _of(request).close(closing.because)
    return {"status": "closed"}


@router.post("/checkpoints")
async def set_checkpoints_aside(request: Request) -> dict[str, int]:
    """Begin to hand over entries: they are proven by the checkpoints heard by now, of this size
    each."""
    return dict(await _of(request).set_checkpoints_aside())


@router.post("/published")
async def take_published(request: Request, sent: Entries) -> dict[str, int]:
    """Take entries back that this process published."""
    return {"taken": await _of(request).take(sent.log, sent.entries)}


@router.post("/read")
async def read_entries(request: Request, sent: Entries) -> dict[str, int]:
    """Hand entries to the handlers of this process, as if they arrived now."""
    return {"handled": await _of(request).read(sent.log, sent.entries)}


@router.post("/end")
async def end_recovery(request: Request, taken: Taken) -> dict[str, str]:
    """Everything was taken. The process stays closed."""
    await _of(request).end(taken.covered)
    return {"status": "recovered"}


@router.post("/reopen")
async def reopen(request: Request, reopening: Reopening) -> dict[str, str]:
    """Open a recovered process again: an officer has seen what is lost."""
    await _of(request).reopen(reopening.because, by_hand=reopening.by_hand)
    return {"status": "open"}


def _of(request: Request) -> Recovery:
    recovery = request.app.state.recovery
    assert isinstance(recovery, Recovery)
    return recovery

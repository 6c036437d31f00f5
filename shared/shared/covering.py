"""End-to-end acknowledgement: how far the ledger's checkpoints cover what a database published.

Each publisher reads `ledger.checkpoints` and keeps, per log, the highest of its own numbers that a
checkpoint covers. Three things follow from it: what is not covered stays in the outbox, what stays
uncovered for too long is sent again, and a database that knows fewer numbers than a checkpoint
covers is a restored backup, which must publish nothing.

Crash stories:
- Kafka's tail was lost and nobody noticed: coverage stands still at the hole, and what is behind it
  is sent again, from the hole on.
- A log has ended: what was numbered for it since is never covered, and not sent again.
- The ledger is away: coverage stands still too. What waits is sent again after one minute, two,
  four, up to an hour apart, and never more than `MOST` events of a log at a time.
- The database was restored from yesterday's backup: its numbers would be given a second time. Its
  relay sends nothing and its consumers handle nothing before the checkpoints were read to their
  end and state no higher number than it knows.
- Kafka's disk was lost as well: a topic that begins anew says nothing about the past. The ledger
  announces the last checkpoint of every log again, and until it did for each log that this
  database ever heard of, nothing is published.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.delivery import Delivered
from shared.events.ledger import CheckpointPublished
from shared.kafka import Kafka, TopicState
from shared.proving import keep_heard
from shared.subscription import Handler, Subscription

# What a publisher's migration adds to its outbox and inbox.
CREATE = """
create table outbox_covered (
    log text primary key,
    number bigint not null check (number >= 0),
    topic_id text not null   -- of `ledger.checkpoints`, where this was told last
);

-- A database that was recovered from the ledger: closed until an officer opens it again.
create table outbox_recovered (
    id bigint generated always as identity primary key,
    began_at timestamptz not null default now(),
    without_state bigint not null default 0,   -- events that nothing but a number came back of
    reopened_at timestamptz,
    reopened_because text,
    check ((reopened_at is null) = (reopened_because is null))
);
create unique index outbox_recovered_closed on outbox_recovered ((true)) where reopened_at is null;
"""
# Each recovery has an id of its own, by which officers say which one they open.
CREATE_RECOVERY = """
alter table outbox_recovered add recovery uuid not null default gen_random_uuid();
"""
# What comes to a log that has ended is refused in public, and never covered.
CREATE_FROZEN = "alter table outbox_covered add frozen boolean not null default false;"
RECOVERY_GRANTS = "grant update (recovery) on outbox_recovered to {role};"
RUN_TIME_GRANTS = """
grant select, insert, update on outbox_covered to {role};
grant select, insert, update (reopened_at, reopened_because, without_state)
    on outbox_recovered to {role};
"""

CHECKPOINTS = CheckpointPublished.topic
AFTER, AT_MOST_AFTER = 60.0, 3600.0
MOST = 50_000


class NotStanding(Exception):
    """This database may publish and consume nothing now; the message says why, for operators."""

    code = "not_standing"


class Unheard(NotStanding):
    """It is not known yet how far the checkpoints cover what was published here."""

    code = "checkpoints_unread"


class Unread(Unheard):
    """The broker answers, and the checkpoints are being read: it will be known soon."""


class Behind(NotStanding):
    """It was restored from a backup: a checkpoint covers numbers that it never gave, or its mark
    or an officer says so; and it was not recovered yet."""

    code = "restored"


class Closed(NotStanding):
    """It was recovered from the ledger, and no officer has opened it again."""

    code = "recovered"


def covering_subscription(source: str) -> Subscription:
    """What a publisher makes of `ledger.checkpoints`, where it has no other use for them."""
    return Subscription(
        name="checkpoints",
        topics=(CHECKPOINTS,),
        handlers={CheckpointPublished.type: keep_covered(source)},
        remembers=False,  # the highest number stays the highest
    )


def keep_covered(source: str, topic: str = CHECKPOINTS) -> Handler:
    """How far checkpoints cover what `source` published, and what the last ones are, is known
    afterwards."""

    async def keep(
        session: AsyncSession, published: Sequence[Delivered[CheckpointPublished]]
    ) -> None:
        highest: dict[str, int] = {}
        frozen: set[str] = set()
        for delivered in published:
            event = delivered.event
            if event.frozen:
                frozen.add(event.log)
            if (number := event.numbers.get(source)) is not None:
                highest[event.log] = max(number, highest.get(event.log, 0))
        connection = await raw(session)
        await keep_heard(connection, [delivered.event for delivered in published])
        for log in frozen:  # ended before anything of this publisher was covered
            highest.setdefault(log, 0)
        # The position moved in this transaction, under the id of the topic that was read.
        await connection.executemany(
            "insert into outbox_covered as known (log, number, topic_id, frozen)"
            " select $1, $2, topic_id, $4 from position where topic = $3 limit 1"
            " on conflict (log) do update set topic_id = excluded.topic_id,"
            " number = greatest(known.number, excluded.number),"
            " frozen = known.frozen or excluded.frozen",
            [(log, number, topic, log in frozen) for log, number in sorted(highest.items())],
        )

    return keep


async def covered_numbers(connection: asyncpg.Connection) -> dict[str, int]:
    """Per log, the highest number that a checkpoint covers."""
    rows = await connection.fetch("select log, number from outbox_covered")
    return {row["log"]: row["number"] for row in rows}


async def frozen_logs(connection: asyncpg.Connection) -> set[str]:
    """The logs that have ended: what no checkpoint covers of them is refused, in public."""
    rows = await connection.fetch("select log from outbox_covered where frozen")
    return {row["log"] for row in rows}


async def restored_logs(connection: asyncpg.Connection) -> dict[str, tuple[int, int]]:
    """The logs of which a checkpoint covers more than this database ever gave: both numbers."""
    rows = await connection.fetch(
        "select log, coalesce(given.number, 0) as known, covered.number"
        " from outbox_covered covered left join outbox_number given using (log)"
        " where covered.number > coalesce(given.number, 0) order by log"
    )
    return {row["log"]: (row["known"], row["number"]) for row in rows}


async def uncovered_logs(connection: asyncpg.Connection) -> dict[str, int]:
    """The logs of which something is not covered yet: how far each is."""
    rows = await connection.fetch(
        "select log, coalesce(covered.number, 0) as number"
        " from outbox_number given left join outbox_covered covered using (log)"
        " where given.number > coalesce(covered.number, 0) and covered.frozen is not true"
    )
    return {row["log"]: row["number"] for row in rows}


async def close(connection: asyncpg.Connection, because: str) -> None:
    """This database is a restored backup, whatever the checkpoints say: it is closed until it was
    recovered and opened. One that was closed when its backup was made is recovered again."""
    await connection.execute(
        "insert into outbox_recovered (because) values ($1) on conflict ((true))"
        " where reopened_at is null do update set because = excluded.because, ended_at = null",
        because,
    )


class Standing:
    """Whether a publisher's database is the one that published last."""

    def __init__(self, process: str, kafka: Kafka, topic: str = CHECKPOINTS) -> None:
        self._process = process
        self._topic = topic
        self._kafka = kafka
        # The mark beside the database is looked at first (`standstill.py`).
        self.marks_unread = False

    async def check(self, connection: asyncpg.Connection) -> None:
        """Raises `NotStanding` unless the checkpoints were read to their end and say nothing new
        about this database; `Unavailable` where the broker gives no answer."""
        if self.marks_unread:
            raise Unheard("the mark beside the database is not read yet")
        await self.unchanged(connection)
        await self.heard(connection, await self.ends())
        await self.unchanged(connection)

    async def ends(self) -> TopicState:
        """Where the checkpoints end. Raises `Unavailable`."""
        return (await self._kafka.topics([self._topic]))[self._topic]

    async def unchanged(self, connection: asyncpg.Connection) -> None:
        """Raises `Behind` or `Closed`, by what the database knows; the broker is not asked."""
        if behind := await restored_logs(connection):
            said = ", ".join(f"{log} {known} of {told}" for log, (known, told) in behind.items())
            raise Behind(
                f"this database has fewer numbers than the ledger covers ({said}): it was restored"
                f" from a backup, and publishes nothing; run `comptoir recover {self._process}`"
            )
        closed = await connection.fetchrow(
            "select began_at, because, ended_at from outbox_recovered where reopened_at is null"
        )
        if closed is None:
            return
        since = f"closed since {closed['began_at']:%Y-%m-%d %H:%M} UTC"
        if closed["ended_at"] is None:
            why = "" if closed["because"] is None else f" ({closed['because']})"
            raise Behind(
                f"{since} as a restored backup{why}, and not recovered to the end yet; run"
                f" `comptoir recover {self._process}`"
            )
        raise Closed(
            f"recovered from the ledger, and {since}; look at what is lost, then run"
            f" `comptoir recover {self._process} --reopen`"
        )

    async def heard(self, connection: asyncpg.Connection, state: TopicState) -> None:
        """Raises `Unheard` unless the checkpoints were read up to there, of every log."""
        rows = await connection.fetch(
            "select partition, next from position where topic = $1 and topic_id = $2",
            self._topic,
            state.id,
        )
        read = {row["partition"]: row["next"] for row in rows}
        if any(read.get(partition, -1) < end for partition, end in state.ends.items()):
            raise Unread("the checkpoints are not read to their end yet")
        silent = await connection.fetchval(
            "select count(*) from outbox_covered where topic_id <> $1", state.id
        )
        if silent:
            raise Unheard(
                f"Kafka's disk was lost, and the ledger has not repeated its checkpoint for"
                f" {silent} logs yet: is it running?"
            )


@dataclass
class _Waiting:
    """Since when coverage of a log stands at a number, and how long it may."""

    covered: int
    since: float
    patience: float


@dataclass
class Overdue:
    """Of which logs what was sent must be sent again. Pure: it is told the time.

    A publisher's numbers are covered in their order, so that coverage which moves lost nothing:
    only where it stood still for a minute is the next number sent again.
    """

    _waiting: dict[str, _Waiting] = field(default_factory=dict)

    def logs(self, sent: Mapping[str, int], covered: Mapping[str, int], now: float) -> list[str]:
        """The logs whose patience is over; it is twice as long the next time."""
        due = []
        for log, number in sent.items():
            reached = covered.get(log, 0)
            if number <= reached:
                self._waiting.pop(log, None)
                continue
            known = self._waiting.get(log)
            if known is None or known.covered != reached:
                self._waiting[log] = _Waiting(reached, now, AFTER)
            elif now - known.since >= known.patience:
                known.since, known.patience = now, min(2 * known.patience, AT_MOST_AFTER)
                due.append(log)
        return due

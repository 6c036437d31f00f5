"""Every SQL statement of notification."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg


@dataclass(frozen=True)
class Claimed:
    """A message that this replica may send until its lease is over."""

    message_id: UUID
    sealed: bytes
    attempts: int
    put_offs: int
    accepted_at: datetime


async def keep_messages(connection: asyncpg.Connection, messages: Mapping[UUID, bytes]) -> None:
    """Keep those that are not kept, nor were ever."""
    await connection.execute(
        "insert into message (message_id, sealed) select * from unnest($1::uuid[], $2::bytea[])"
        " on conflict do nothing",
        list(messages),
        list(messages.values()),
    )


async def claimed_messages(
    connection: asyncpg.Connection, most: int, lease: timedelta
) -> list[Claimed]:
    """The messages that have waited longest, claimed: from now on their attempt is recorded.

    Those whose lease is over without a word are among them: nobody knows whether they were sent.
    """
    rows = await connection.fetch(
        "with due as ("
        " select message_id from message"
        " where state in ('waiting', 'attempted') and due_at <= now()"
        " and (leased_until is null or leased_until <= now())"
        " order by due_at limit $1 for update skip locked)"
        " update message m set state = 'attempted', attempts = attempts + 1,"
        " leased_until = now() + $2 from due where m.message_id = due.message_id"
        " returning m.message_id, m.sealed, m.attempts, m.put_offs, m.accepted_at",
        most,
        lease,
    )
    return [Claimed(*row) for row in rows]


async def end_messages(
    connection: asyncpg.Connection, ended: Sequence[tuple[UUID, str | None]]
) -> set[UUID]:
    """Note what was delivered (no reason) or bounced, and forget its words; what ended just now.

    Whoever sent it may say so late, when its lease was over: it was sent nevertheless.
    """
    rows = await connection.fetch(
        "update message m set state = case when e.reason is null then 'delivered'"
        " else 'bounced' end, reason = e.reason, sealed = null, leased_until = null,"
        " ended_at = now() from unnest($1::uuid[], $2::text[]) e (message_id, reason)"
        " where m.message_id = e.message_id and m.state = 'attempted' returning m.message_id",
        [message_id for message_id, _ in ended],
        [reason for _, reason in ended],
    )
    return {row["message_id"] for row in rows}


async def put_off(
    connection: asyncpg.Connection, claimed: Claimed, pause: timedelta, *, deferred: bool
) -> None:
    """Let a message wait, unless somebody else attempts it by now. `deferred`: its recipient's
    server wants it so, which is nobody's fault here."""
    await connection.execute(
        "update message set due_at = now() + $3, put_offs = put_offs + 1, leased_until = null,"
        " deferred = $4 where message_id = $1 and attempts = $2 and state = 'attempted'",
        claimed.message_id,
        claimed.attempts,
        pause,
        deferred,
    )


async def give_back(
    connection: asyncpg.Connection, claimed: Sequence[Claimed], pause: timedelta
) -> None:
    """Let messages be claimed again that nobody was there to take, the first one after a pause:
    were it the cause, those behind it would never get past it."""
    await connection.execute(
        "update message m set leased_until = null,"
        " due_at = case when m.message_id = $3 then now() + $4 else due_at end"
        " from unnest($1::uuid[], $2::integer[]) c (message_id, attempts)"
        " where m.message_id = c.message_id and m.attempts = c.attempts and state = 'attempted'",
        [each.message_id for each in claimed],
        [each.attempts for each in claimed],
        claimed[0].message_id,
        pause,
    )


@dataclass(frozen=True)
class Backlog:
    """What is not sent: how many messages, since when the oldest waits, and since when none was
    ended meanwhile (in seconds)."""

    unsent: int
    oldest: float
    stalled: float


async def backlog(connection: asyncpg.Connection) -> Backlog:
    """What waits for us; what a recipient's server put off does not."""
    row = await connection.fetchrow(
        "select count(*) as unsent,"
        " coalesce(extract(epoch from now() - min(accepted_at)), 0)::float as oldest,"
        " case when count(*) = 0 then 0 else extract(epoch from now() - greatest(min(accepted_at),"
        " (select max(ended_at) from message))) end::float as stalled"
        " from message where state in ('waiting', 'attempted') and not deferred"
    )
    assert row is not None
    return Backlog(row["unsent"], row["oldest"], row["stalled"])


async def unsent(connection: asyncpg.Connection) -> list[tuple[UUID, bytes]]:
    """What waits to be sent, sealed."""
    rows = await connection.fetch(
        "select message_id, sealed from message where state in ('waiting', 'attempted')"
    )
    return [(row["message_id"], row["sealed"]) for row in rows]


async def was_announced(connection: asyncpg.Connection, kind: str, key: str) -> bool:
    """Whether such an event about this is in the outbox, as it is for at least 14 days."""
    return bool(
        await connection.fetchval(
            "select exists (select from outbox where type = $1 and key = $2)", kind, key
        )
    )

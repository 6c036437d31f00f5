"""The outbox: an event is announced in the transaction that makes it true.

The relay (`relay.py`) sends what is committed here, in the order of `position`. Positions are one
sequence a database, numbers one gapless sequence per log (a database has one publisher); both are
given to committed rows only, under the lock of the counter row, since the order of `id` is not
the order of commits.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar, NamedTuple
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import BigInteger, Column, DateTime, LargeBinary
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.canonical import MAX_BODY
from shared.envelope import Envelope
from shared.events.administration import ServiceKeyAnnounced
from shared.events.event import PLATFORM_LOG, Event, Ledgered, Signed
from shared.signing import SERVICE_KEY, ServiceKey
from shared.telemetry import current_trace

CREATE = """
create table outbox (
    id bigint generated always as identity primary key,
    event_id uuid not null,
    topic text not null,
    key text not null,
    type text not null,
    source text not null,
    subject text not null,
    time timestamptz not null,
    log text,
    traceparent text,
    body bytea,              -- null: its owner's tables are asked for it when it is sent
    position bigint,
    number bigint,
    check (case when position is null then number is null
           else (number is null) = (log is null) end)
);
create index outbox_unnumbered on outbox (id) where position is null;
create unique index outbox_position on outbox (position) where position is not null;

create table outbox_counter (
    one boolean primary key default true check (one),
    position bigint not null default 0
);
insert into outbox_counter default values;
create table outbox_number (log text primary key, number bigint not null);

-- The relay's state: every change of it is a compare-and-set on epoch and acknowledged.
create table outbox_relay (
    one boolean primary key default true check (one),
    epoch bigint not null default 0,
    acknowledged bigint not null default 0,
    topics jsonb not null default '{}'
);
insert into outbox_relay default values;

-- The relay need not ask all the time: a committed announcement wakes it.
create function wake_relay() returns trigger language plpgsql as $$
begin
    perform pg_notify('outbox', '');
    return null;
end $$;
create trigger outbox_announced after insert on outbox
    for each statement execute function wake_relay();

-- Gives the oldest committed rows their positions and numbers; how many it gave.
create function number_outbox(most integer) returns bigint language plpgsql as $$
declare
    base bigint;
    given bigint;
begin
    select position into base from outbox_counter for update;
    -- One statement: a row that is committed meanwhile is not seen at all, its log neither.
    with fresh as (
        select id, log, row_number() over (order by id) as place,
               row_number() over (partition by log order by id) as place_in_log
        from (select id, log from outbox where position is null order by id limit most) oldest
    ), numbered as (
        update outbox o
        set position = base + fresh.place,
            number = case when fresh.log is not null
                          then coalesce(n.number, 0) + fresh.place_in_log end
        from fresh left join outbox_number n on n.log = fresh.log
        where o.id = fresh.id
        returning o.log, o.number
    ), moved as (
        insert into outbox_number as n
        select log, max(number) from numbered where log is not null group by log
        on conflict (log) do update set number = excluded.number
    )
    select count(*) into given from numbered;
    update outbox_counter set position = base + given;
    return given;
end $$;
"""
# A commit that notifies waits for all others that do: each flushes alone. Who announces many times
# a second says that it wakes the relay itself, once for many (`Database.wake_relay`).
WAKE_LATER = """
create or replace function wake_relay() returns trigger language plpgsql as $$
begin
    if current_setting('comptoir.woken_later', true) is distinct from 'yes' then
        perform pg_notify('outbox', '');
    end if;
    return null;
end $$;
"""
RUN_TIME_GRANTS = """
grant select, insert, delete, update (position, number) on outbox to {role};
grant select, update on outbox_counter, outbox_relay to {role};
grant select, insert, update on outbox_number to {role};
"""


class _Shared(SQLModel, registry=registry()):
    """Apart from the tables of any service. SQLModel makes a class abstract that names one."""


class OutboxRow(_Shared, table=True):
    """An announced event."""

    __tablename__: ClassVar[Any] = "outbox"

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True))
    event_id: UUID
    topic: str
    key: str
    type: str
    source: str
    subject: str
    time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    log: str | None = None
    traceparent: str | None = None
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class TooLarge(RuntimeError):
    """A publisher made an event that no log can take: a broken invariant of its own rules."""


class Announced(NamedTuple):
    """An event as the outbox keeps it."""

    event_id: UUID
    topic: str
    key: str
    type: str
    source: str
    subject: str
    time: datetime
    log: str | None
    traceparent: str | None
    body: bytes | None


def announced(
    event: Event,
    *,
    source: str,
    log: str | None = None,
    event_id: UUID | None = None,
    topic: str | None = None,
    late: bool = False,
) -> Announced:
    """What is kept of an event that needs no signature, or has it: see `announce`."""
    ledgered = event.ledgered is not Ledgered.NO
    body = event.body() if ledgered or not late else None
    if ledgered and body is not None and len(body) > MAX_BODY:
        raise TooLarge(f"{event.type} has {len(body)} bytes, at most {MAX_BODY} are allowed")
    return Announced(
        event_id=event_id or uuid4(),
        topic=topic or event.topic,
        key=event.key,
        type=event.type,
        source=source,
        subject=event.subject,
        time=datetime.now(UTC).replace(microsecond=0),
        log=_log_of(event, log),
        traceparent=current_trace(),
        body=None if late else body,
    )


def announce(
    session: AsyncSession,
    event: Event,
    *,
    source: str,
    log: str | None = None,
    event_id: UUID | None = None,
    topic: str | None = None,
    late: bool = False,
) -> UUID:
    """Put an event in the outbox; it is sent once the session's transaction is committed.

    `log` names the edition's log where the event belongs to one. A decision or a closing is signed
    here, by the key of the process that the session belongs to. With `late`, only the key is
    kept, and the body is asked for at sending: what was erased by then leaves as a tombstone.
    """
    event_id = event_id or uuid4()
    if isinstance(event, Signed):
        log = _log_of(event, log)
        event = signed(session, event, source=source, log=log, event_id=event_id)
    row = announced(event, source=source, log=log, event_id=event_id, topic=topic, late=late)
    session.add(OutboxRow(**row._asdict()))
    return row.event_id


def signed[E: Signed](
    session: AsyncSession, event: E, *, source: str, log: str | None, event_id: UUID
) -> E:
    """The event with the signature of the process that the session belongs to.

    One that is signed stays as it is, and so does what announces a key: the key before vouches for
    that. A process without a key signs nothing, and auditors say so.
    """
    key: ServiceKey | None = session.info.get(SERVICE_KEY)
    if key is None or event.signature is not None or isinstance(event, ServiceKeyAnnounced):
        return event
    if log is None:
        raise RuntimeError(f"{event.type} is signed, and in no log")
    return key.signed(event, event_id=event_id, source=source, log=log)


def _log_of(event: Event, log: str | None) -> str | None:
    match event.ledgered:
        case Ledgered.NO:
            return None
        case Ledgered.PLATFORM:
            return PLATFORM_LOG
        case Ledgered.EDITION:
            if log is None:
                raise RuntimeError(f"{event.type} belongs to an edition's log: which one?")
            return log


async def number_all(connection: asyncpg.Connection, log: str) -> int:
    """Give numbers to everything announced so far; the last number of the log (0 where none).

    What is announced later, in this transaction too, has a higher one.
    """
    while await connection.fetchval("select number_outbox(10000)"):
        pass
    last = await connection.fetchval("select number from outbox_number where log = $1", log)
    return int(last or 0)


def envelope_of(row: asyncpg.Record) -> Envelope:
    """The envelope of a row that has its number."""
    return Envelope(
        id=row["event_id"],
        type=row["type"],
        source=row["source"],
        subject=row["subject"],
        time=row["time"],
        log=row["log"],
        number=row["number"],
        traceparent=row["traceparent"],
    )

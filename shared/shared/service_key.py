"""A service says once, in the platform's log, with which key it signs."""

from collections.abc import Sequence
from uuid import uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database, raw
from shared.delivery import Delivered
from shared.events.administration import ServiceKeyAnnounced
from shared.events.event import PLATFORM_LOG
from shared.outbox import announce
from shared.signing import ServiceKey

CREATE = """
create table service_key (
    public_key text primary key,
    announced_at timestamptz not null default now()
);
"""
RUN_TIME_GRANTS = "grant select, insert on service_key to {role};"
LOOK_EVERY = 60.0


async def announce_key(
    database: Database, key: ServiceKey, kind: type[ServiceKeyAnnounced], source: str
) -> None:
    """Announce the key, unless that was done. Replicas have the same one: the first says it."""
    async with database.begin() as session:
        connection = await raw(session)
        if not await connection.fetchval(
            "insert into service_key (public_key) values ($1) on conflict do nothing"
            " returning true",
            key.public,
        ):
            return
        event_id = uuid4()
        event = key.vouched(
            kind(service_key=key.public), event_id=event_id, source=source, log=PLATFORM_LOG
        )
        announce(session, event, source=source, event_id=event_id)


async def restore_keys(
    session: AsyncSession, announced: Sequence[Delivered[ServiceKeyAnnounced]]
) -> None:
    """These keys were announced, and are not announced again."""
    await (await raw(session)).executemany(
        "insert into service_key (public_key) values ($1) on conflict do nothing",
        [(delivered.event.service_key,) for delivered in announced],
    )

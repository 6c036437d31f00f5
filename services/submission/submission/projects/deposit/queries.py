"""The two statements of a deposit: what it needs, and all that it is."""

import json
from typing import Any
from uuid import UUID

import asyncpg

from shared.database import Database
from submission.projects.deposit.deposit import Deposit
from submission.repeats import Asked

# A draft that is written up to its last step, and what its edition asks.
READY = """
select d.draft_id, d.changed_at, d.address, d.category, d.title, d.summary, d.territory, d.theme,
       p.log, p.rules, p.version, clock_timestamp() as now
from draft d join programme p using (programme_id)
where d.secret = $1 and d.programme_id = $2
and d.title <> '' and d.summary <> '' and d.territory <> '' and p.rules is not null
"""
DEPOSIT = f"select deposit({', '.join(f'${n}' for n in range(1, 33))})"
HELD = f"select deposit_held({', '.join(f'${n}' for n in range(1, 34))}) as deposit"


async def ready(database: Database, secret: bytes, programme_id: UUID) -> asyncpg.Record | None:
    """The draft that a cookie opens, where nothing but its last step is missing."""
    return await database.straight(READY, secret, programme_id)


async def deposit_first(
    database: Database, asked: Asked, answer: Any, ready: asyncpg.Record, deposit: Deposit
) -> bool:
    """Keep a deposit, and its answer under its key, in a transaction of its own; false where it is
    not the first under this key, its draft was written anew, its phase is not open, or the charter
    is at another version than the one that was `ready`."""
    draft = ready["draft_id"], ready["changed_at"]
    kept = asked.key, asked.digest, json.dumps(answer)
    try:
        first = await database.straight(HELD, ready["version"], *kept, *draft, *_columns(deposit))
    except asyncpg.RaiseError:
        return False
    if first is None or not first["deposit"]:
        return False
    database.wake_relay()
    return True


async def deposit(connection: asyncpg.Connection, deposit: Deposit, draft_id: UUID) -> None:
    """Keep a deposit of a locked draft."""
    await connection.fetchval(DEPOSIT, None, None, None, draft_id, None, *_columns(deposit))


def _columns(deposit: Deposit) -> tuple[Any, ...]:
    event, carriage = deposit.event, deposit.carriage
    return (
        [each.content_id for each in deposit.texts],
        [each.value for each in deposit.texts],
        [bytes.fromhex(each.salt) for each in deposit.texts],
        *(event.project_id, event.programme_id, event.territory, event.theme, event.category),
        *(deposit.at, deposit.resident, deposit.contact.address, deposit.contact.language),
        *(carriage.carrier_id, carriage.type, carriage.organisation_id),
        *(deposit.event_id, json.dumps({"territory": event.territory})),
        *zip(*deposit.announced, strict=True),
    )

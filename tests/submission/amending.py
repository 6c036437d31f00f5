"""A charter that two officers amend, at once or while somebody else is at it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.charters import Charter
from shared.database import Database
from shared.events.charter import CharterRules
from submission.programmes import queries
from submission.programmes.amending import amend_charter, amendment_parameters
from submission.wording import publish_words
from tests.shared.conftest import eventually
from tests.submission.editions import OFFICERS
from tests.submission.proposing import Town


def amended(found: Charter, **changed: Any) -> Charter:
    """The same charter with something else in it."""
    return Charter(found.title, found.rehearsal, found.rules.model_copy(update=changed))


async def as_published(replica: Database, programme_id: UUID) -> tuple[Charter, str]:
    """A charter as it is in force, and its digest."""
    async with replica.begin() as session:
        return await _in_force(session, programme_id)


async def amend(
    replica: Database,
    programme_id: UUID,
    charter: Charter,
    at: datetime | None = None,
    previous: str | None = None,
) -> None:
    """What two officers asked for and confirmed."""
    async with replica.begin() as session:
        await _amend(session, programme_id, charter, at, previous)


async def amend_edition(town: Town, **changed: Any) -> None:
    """The town's edition has another version of its charter, from now on."""
    async with _replica(town) as replica:
        found, _ = await as_published(replica, town.programme_id)
        await amend(replica, town.programme_id, amended(found, **changed))


async def overtaken[T](town: Town, act: Awaitable[T], **changed: Any) -> T:
    """What an act came to that read the charter, and then waited for its amendment."""
    async with _replica(town) as replica:
        async with replica.begin() as session:
            await queries.phases_for_update(session, town.programme_id)
            waiting = asyncio.ensure_future(act)
            await eventually(
                lambda: town.connection.fetchval(
                    "select count(*) from pg_stat_activity where datname = current_database()"
                    " and wait_event_type = 'Lock' and application_name = 'submission'"
                ),
                bool,
            )
            found, _ = await _in_force(session, town.programme_id)
            await _amend(session, town.programme_id, amended(found, **changed), None, None)
        return await waiting


async def _in_force(session: AsyncSession, programme_id: UUID) -> tuple[Charter, str]:
    found = await queries.programme(session, programme_id)
    assert found is not None and found.rules is not None
    rules = CharterRules.model_validate(found.rules)
    return Charter("x", found.rehearsal, rules), found.charter


async def _amend(
    session: AsyncSession,
    programme_id: UUID,
    charter: Charter,
    at: datetime | None,
    previous: str | None,
) -> None:
    programme = await queries.programme(session, programme_id)
    assert programme is not None
    reason = await publish_words(session, "L'assemblée l'a décidé.")
    when = at or datetime.now(UTC) - timedelta(minutes=1)
    parameters = amendment_parameters(charter, programme, when, reason)
    if previous is not None:
        parameters["previous"] = previous
    await amend_charter(session, parameters, OFFICERS)


@asynccontextmanager
async def _replica(town: Town) -> AsyncIterator[Database]:
    found = Database(town.dsn, name="test")
    yield found
    await found.close()

"""Granting and revoking, here and by their events everywhere."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.events.submission import RoleGranted, RoleRevoked
from shared.outbox import announce
from shared.people import Grant, Person, queries
from shared.people.roles import OPERATOR
from submission.wording import SOURCE, keep_words


async def grant(
    session: AsyncSession, officer: UUID, given: Grant, by: Person, reason: str
) -> None:
    """Give a role; one that was there is announced no second time."""
    if await queries.grant(await raw(session), officer, given):
        _announce_granted(session, officer, given, by, await keep_words(session, reason))


async def revoke(
    session: AsyncSession, officer: UUID, taken: Grant, by: Person, reason: str
) -> None:
    """Take a role away; one that was not there is announced no second time."""
    if await queries.revoke(await raw(session), officer, taken):
        event = RoleRevoked(
            officer=officer,
            role=taken.role,
            programme_id=taken.programme_id,
            territory=taken.territory,
            by=by.id,
            reason=await keep_words(session, reason),
        )
        announce(session, event, source=SOURCE)


async def announce_grant(session: AsyncSession, officer: UUID, given: Grant) -> None:
    """Announce a role that the settings gave."""
    _announce_granted(session, officer, given, OPERATOR)


def _announce_granted(
    session: AsyncSession, officer: UUID, given: Grant, by: Person, reason: str | None = None
) -> None:
    event = RoleGranted(
        officer=officer,
        role=given.role,
        programme_id=given.programme_id,
        territory=given.territory,
        by=by.id,
        reason=reason,
    )
    announce(session, event, source=SOURCE)

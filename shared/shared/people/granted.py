"""The roles that submission grants, as every other process with a desk keeps them."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.delivery import Delivered
from shared.events.submission import RoleGranted, RoleRevoked
from shared.inbox import Subscription
from shared.people import queries
from shared.people.roles import Grant, Role


async def grant_roles(session: AsyncSession, granted: Sequence[Delivered[RoleGranted]]) -> None:
    """Officers have these roles here too."""
    for delivered in granted:
        event = delivered.event
        given = Grant(Role(event.role), event.programme_id, event.territory)
        await queries.grant(await raw(session), event.officer, given)


async def revoke_roles(session: AsyncSession, revoked: Sequence[Delivered[RoleRevoked]]) -> None:
    """Officers have these roles no more."""
    for delivered in revoked:
        event = delivered.event
        taken = Grant(Role(event.role), event.programme_id, event.territory)
        await queries.revoke(await raw(session), event.officer, taken)


def granted_roles() -> Subscription:
    """What a process makes of `submission.administration`."""
    return Subscription(
        name="roles",
        topics=(RoleGranted.topic,),
        handlers={RoleGranted.type: grant_roles, RoleRevoked.type: revoke_roles},
        while_closed=True,  # officers are shown desks by a restored backup, too
    )

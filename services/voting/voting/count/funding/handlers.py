"""What count hears of carriers: who they are, and whether an officer found them in order."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.delivery import Delivered
from shared.events.carriers import CarrierCleared, CarrierJoined, CarrierLeft, ClearanceWithdrawn
from shared.events.projects import ProjectWithdrawn
from voting.count.funding import queries


async def keep_parties(session: AsyncSession, joined: Sequence[Delivered[CarrierJoined]]) -> None:
    """An agreement can be signed with whoever carries the project."""
    for delivered in joined:
        await queries.keep_party(session, delivered)


async def leave_projects(session: AsyncSession, left: Sequence[Delivered[CarrierLeft]]) -> None:
    """No agreement is signed with whoever left."""
    for delivered in left:
        await queries.leave(session, delivered)


async def keep_clearances(
    session: AsyncSession, cleared: Sequence[Delivered[CarrierCleared]]
) -> None:
    """What the charter asks for before an agreement is there, as far as it was checked."""
    for delivered in cleared:
        await queries.keep_clearance(session, delivered, delivered.envelope.time)


async def withdraw_clearances(
    session: AsyncSession, withdrawn: Sequence[Delivered[ClearanceWithdrawn]]
) -> None:
    """It is not there any more."""
    for delivered in withdrawn:
        await queries.withdraw_clearance(session, delivered)


async def withdraw_projects(
    session: AsyncSession, withdrawn: Sequence[Delivered[ProjectWithdrawn]]
) -> None:
    """No agreement is signed about a project that goes no further."""
    for delivered in withdrawn:
        await queries.withdraw_project(session, delivered.event.project_id)

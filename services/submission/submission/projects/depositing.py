"""Depositing an idea in a session: whatever its charter asks, and whoever carries it."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contacts import Contact
from shared.database import raw
from shared.events.carriers import CarrierType
from submission.carriers import joining
from submission.carriers.checking import check_may_carry, check_may_deposit
from submission.carriers.consenting import Representative, ask_consent
from submission.carriers.telling import Telling
from submission.projects.deposit import queries
from submission.projects.deposit.deposit import Carriage, made
from submission.projects.finding import Edition, known_idea
from submission.projects.ideas import Place, Words


async def deposit_idea(
    session: AsyncSession,
    edition: Edition,
    draft_id: UUID,
    words: Words,
    place: Place,
    resident: UUID,
    contact: Contact,
    now: datetime,
    telling: Telling,
    carrier_type: CarrierType = "person",
    representative: Representative | None = None,
) -> UUID:
    """Deposit the idea of a locked draft, whose words, place and phase are checked; its id.

    Whoever speaks for an organisation, a collective or a class carries it for that. A minor's has a
    `representative`, who is asked to agree. Raises `TooManyIdeas`, `CarrierBusy`, `TooManyLinks`.
    """
    await check_may_deposit(session, edition, resident)
    organisation = carriage = None
    if carrier_type != "person":
        organisation = await joining.spoken_for(session, resident, carrier_type, words.name)
        id = organisation.organisation_id
        await check_may_carry(session, edition, id)
        carriage = Carriage(carrier_type, id, id)
    deposit = made(
        edition.programme_id, edition.log, words, place, resident, contact, now, telling, carriage
    )
    await session.flush()
    await queries.deposit(await raw(session), deposit, draft_id)
    project_id = deposit.event.project_id
    if organisation is not None:
        idea = await known_idea(session, project_id)
        await joining.announce_lead(session, edition, idea, organisation, now)
    if representative is not None:
        await ask_consent(session, project_id, representative, now, telling)
    return project_id

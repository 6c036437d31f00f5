"""Depositing an idea: its row, its words, its carrier, its event, and the mail that says so."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contacts import Contact
from shared.events.carriers import CarrierType
from shared.events.projects import IdeaDeposited
from submission.carriers import joining
from submission.carriers.checking import check_may_deposit
from submission.carriers.consenting import Representative, ask_consent
from submission.carriers.tables import Carrier
from submission.carriers.telling import Telling
from submission.projects import queries
from submission.projects.finding import Edition
from submission.projects.ideas import Place, Words
from submission.projects.recording import record
from submission.projects.tables import Idea
from submission.wording import keep_together


async def deposit_idea(
    session: AsyncSession,
    edition: Edition,
    words: Words,
    place: Place,
    resident: UUID,
    contact: Contact,
    now: datetime,
    telling: Telling,
    carrier_type: CarrierType = "person",
    representative: Representative | None = None,
) -> UUID:
    """Deposit an idea whose words, place and phase are checked; its id.

    A minor's has a `representative`, who is asked to agree. Raises `TooManyIdeas`, `CarrierBusy`,
    `TooManyLinks`.
    """
    await check_may_deposit(session, edition, resident)
    title, summary, name = await keep_together(
        session, [(words.title, True), (words.summary, True), (words.name, False)]
    )
    event = IdeaDeposited(
        project_id=uuid4(),
        programme_id=edition.programme_id,
        territory=place.territory,
        theme=place.theme,
        category=place.category,
        title=title,
        summary=summary,
        carrier=name,
    )
    idea = Idea(**event.model_dump(exclude={"source"}), stage="idea", deposited_at=now)
    carrier = Carrier(
        project_id=event.project_id,
        resident=resident,
        name=words.name,
        address=contact.address,
        language=contact.language,
    )
    await queries.keep(session, idea)
    session.add(carrier)  # with what follows: nothing of it needs its row
    await queries.keep_project_texts(session, event.project_id, (title, summary, name))
    await record(session, idea, edition.log, event, now, territory=place.territory)
    await joining.begin(session, edition, idea, resident, carrier_type, words.name, now)
    if representative is not None:
        await ask_consent(session, event.project_id, representative, now, telling)
    telling.tell_contact(session, event.project_id, contact, words.title, "idea-received")
    return event.project_id

"""A deposit, whole before any of it is kept: the idea's words, its carrier, what is announced."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from shared.contacts import Contact
from shared.events.carriers import CarrierType
from shared.events.projects import IdeaDeposited
from shared.events.submission import TextPublished
from shared.outbox import Announced, announced
from submission.carriers.telling import Telling
from submission.projects.ideas import Place, Words
from submission.wording import SOURCE, salted


@dataclass(frozen=True, slots=True)
class Carriage:
    """As what an idea is carried: by a person, under an id of its own, or by an organisation."""

    type: CarrierType
    carrier_id: UUID
    organisation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Deposit:
    """An idea as it is deposited. `texts` are the words of its title, its summary and its
    carrier's name; `event_id` is that of `event`, which is among `announced`."""

    event: IdeaDeposited
    event_id: UUID
    texts: Sequence[TextPublished]
    resident: UUID
    contact: Contact
    carriage: Carriage
    at: datetime
    announced: Sequence[Announced]


def made(
    programme_id: UUID,
    log: str,
    words: Words,
    place: Place,
    resident: UUID,
    contact: Contact,
    now: datetime,
    telling: Telling,
    carriage: Carriage | None = None,
) -> Deposit:
    """A deposit of words that are checked: what leaves this process are title and summary, the
    event, and the mail that says so. A person carries it where nobody is named."""
    texts = [salted(words.title), salted(words.summary), salted(words.name)]
    title, summary, name = (each.content_id for each in texts)
    event = IdeaDeposited(
        project_id=uuid4(),
        programme_id=programme_id,
        territory=place.territory,
        theme=place.theme,
        category=place.category,
        title=title,
        summary=summary,
        carrier=name,
    )
    told = telling.sealed(event.project_id, contact, words.title, "idea-received")
    deposited = announced(event, source=SOURCE, log=log)
    return Deposit(
        event=event,
        event_id=deposited.event_id,
        texts=texts,
        resident=resident,
        contact=contact,
        carriage=carriage or Carriage("person", uuid4()),
        at=now,
        announced=(
            *(announced(each, source=SOURCE, late=True) for each in texts[:2]),
            deposited,
            announced(told, source=SOURCE, event_id=told.message_id),
        ),
    )

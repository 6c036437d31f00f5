"""What voting says, as submission hears it."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from shared.contacts import Teller, encoded_key
from shared.database import Database
from shared.delivery import Delivered
from shared.envelope import Envelope
from shared.events import Event
from submission.carriers.telling import Telling
from submission.programmes.handlers import results
from submission.projects.outcomes import Outcomes
from tests.submission.proposing import KEY, Town


def delivered(event: Event) -> Delivered[Any]:
    """As it comes from Kafka."""
    now = datetime.now(UTC).replace(microsecond=0)
    envelope = Envelope(uuid4(), event.type, "voting.count", event.subject, now, "log", 1)
    return Delivered(envelope, event, event.body())


class Inbox:
    """Handles events as the process's inbox does, one transaction each."""

    def __init__(self, town: Town) -> None:
        telling = Telling(Teller(encoded_key(KEY), source="submission"), town.url)
        outcomes = Outcomes(telling)
        self._database = Database(town.dsn, name="test")
        self._subscription = results(
            outcomes.tell_result, outcomes.tell_agreement, outcomes.tell_of_grant
        )

    async def handle(self, *events: Delivered[Any]) -> None:
        for event in events:
            async with self._database.begin() as session:
                await self._subscription.handle(session, [event])

    async def close(self) -> None:
        await self._database.close()

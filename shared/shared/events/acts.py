"""What two officers can still do to a round that was opened (voting-protocol.md §2)."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.events.event import Event, Ledgered

ExtensionReason = Literal["box-down", "roll-down", "network-down", "emergency"]
AnnulmentReason = Literal["court-ruling", "decision-of-the-body", "irregularity", "loss-of-data"]
# How the act is called that annuls: a ruling, a deliberation, with its number and day.
ActName = Annotated[str, Field(min_length=3, max_length=200)]


class RoundExtended(Event):
    """Two officers gave an open round a later end; tokens and ballots are taken until then."""

    topic: ClassVar[str] = "voting.rounds"
    type: ClassVar[str] = "voting.round-extended.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    closes_at: datetime
    reason: ExtensionReason
    officers: tuple[UUID, UUID]

    @property
    def key(self) -> str:
        return str(self.round_id)


class RoundAnnulled(Event):
    """Two officers annulled a round: nothing of it is counted any more, and nothing is decided.

    `act` names the ruling or deliberation that annuls it. Whatever was decided before is void.
    """

    topic: ClassVar[str] = "voting.rounds"
    type: ClassVar[str] = "voting.round-annulled.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    reason: AnnulmentReason
    act: ActName
    officers: tuple[UUID, UUID]

    @property
    def key(self) -> str:
        return str(self.round_id)


ALL: tuple[type[Event], ...] = (RoundExtended, RoundAnnulled)

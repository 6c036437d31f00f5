"""What submission publishes of gatherings: everything that has a place, a date and a capacity."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.events.event import Event, Hash, Ledgered, Name


class _OfGathering(Event):
    topic: ClassVar[str] = "submission.gatherings"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    gathering_id: UUID
    programme_id: UUID

    @property
    def key(self) -> str:
        return str(self.gathering_id)


class GatheringAnnounced(Event):
    """Something will take place. `place`, `title` and `host` are commitments; `capacity` counts
    people or files. A counter is of a `desk`, where the charter has some, and has `workshops`."""

    topic: ClassVar[str] = "submission.gatherings"
    type: ClassVar[str] = "submission.gathering-announced.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    gathering_id: UUID
    programme_id: UUID
    kind: Literal["counter"]
    territory: Name
    place: Hash
    begins_at: datetime
    ends_at: datetime
    capacity: Annotated[int, Field(ge=1, le=10_000)]
    title: Hash | None = None
    host: Hash | None = None
    desk: Name | None = None
    workshops: tuple[Name, ...] | None = None
    online: Literal[True] | None = None

    @property
    def key(self) -> str:
        return str(self.gathering_id)


class GatheringAmended(GatheringAnnounced):
    """Something will take place otherwise; this is what it says now. `reason` is a commitment."""

    type: ClassVar[str] = "submission.gathering-amended.v1"
    reason: Hash
    officer: UUID


class GatheringCancelled(_OfGathering):
    """Something will not take place. `reason` is a commitment."""

    type: ClassVar[str] = "submission.gathering-cancelled.v1"
    reason: Hash
    officer: UUID


class GatheringHeld(_OfGathering):
    """Something took place: so many had a place, came, stayed away, and waited for a place."""

    type: ClassVar[str] = "submission.gathering-held.v1"
    registered: Annotated[int, Field(ge=0)]
    attended: Annotated[int, Field(ge=0)]
    missed: Annotated[int, Field(ge=0)]
    waited: Annotated[int, Field(ge=0)]


ALL: tuple[type[Event], ...] = (
    GatheringAnnounced,
    GatheringAmended,
    GatheringCancelled,
    GatheringHeld,
)

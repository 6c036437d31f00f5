"""What became of a message. No address and no word of it."""

from typing import ClassVar
from uuid import UUID

from shared.events.event import Event, Ledgered


class _OfMessage(Event):
    topic: ClassVar[str] = "notification.deliveries"
    ledgered: ClassVar[Ledgered] = Ledgered.NO
    message_id: UUID

    @property
    def key(self) -> str:
        return str(self.message_id)


class MessageAccepted(_OfMessage):
    """Notification has it: whoever announced it may forget it."""

    type: ClassVar[str] = "notification.message-accepted.v1"


class MessageDelivered(_OfMessage):
    """The provider took it."""

    type: ClassVar[str] = "notification.message-delivered.v1"


class MessageBounced(_OfMessage):
    """The provider refused it for good."""

    type: ClassVar[str] = "notification.message-bounced.v1"


ALL: tuple[type[Event], ...] = (MessageAccepted, MessageDelivered, MessageBounced)

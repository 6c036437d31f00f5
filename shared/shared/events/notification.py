"""What became of a message, without an address or a word of it; and the end of a key."""

from typing import ClassVar
from uuid import UUID

from shared.events.event import Event, Ledgered, PublicKey


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


class KeyDestroyed(Event):
    """What was sealed to this key (X25519) can be read by nobody any more, wherever copies are."""

    topic: ClassVar[str] = "notification.administration"
    type: ClassVar[str] = "notification.key-destroyed.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.PLATFORM
    public_key: PublicKey

    @property
    def key(self) -> str:
        return self.public_key


ALL: tuple[type[Event], ...] = (MessageAccepted, MessageDelivered, MessageBounced, KeyDestroyed)

"""What carries personal data: sealed, for notification alone, gone from Kafka after a day."""

from base64 import b64decode
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AfterValidator, Field

from shared.events.event import Event, Ledgered


def _base64(value: str) -> str:
    b64decode(value, validate=True)
    return value


class MessageSealed(Event):
    """Somebody shall be told something. Address, language and words are sealed to notification.

    It is announced again until notification has accepted it under its `message_id`.
    """

    topic: ClassVar[str] = "private.contacts"
    type: ClassVar[str] = "private.message-sealed.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.NO
    message_id: UUID
    sealed: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9+/]+={0,2}$", max_length=40_000), AfterValidator(_base64)
    ]

    @property
    def key(self) -> str:
        return str(self.message_id)

    @property
    def sealed_bytes(self) -> bytes:
        """What was encrypted."""
        return b64decode(self.sealed)


ALL: tuple[type[Event], ...] = (MessageSealed,)

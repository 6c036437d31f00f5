"""What a consumer publishes about a record that it could not read."""

from typing import ClassVar

from pydantic import Field

from shared.events.event import Event, Ledgered


class DeadLetter(Event):
    """A record, byte for byte, with where it stood, who could not read it and why.

    Its topic is the record's, with `.dead` behind it. Bytes are base64.
    """

    topic: ClassVar[str] = "*.dead"
    type: ClassVar[str] = "comptoir.dead-letter.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.NO
    process: str
    origin: str
    partition: int = Field(ge=0)
    offset: int = Field(ge=0)
    reason: str
    record_key: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    value: str | None = None

    @property
    def key(self) -> str:
        return f"{self.origin}/{self.partition}"


ALL: tuple[type[Event], ...] = (DeadLetter,)

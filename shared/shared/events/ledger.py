"""What the ledger publishes, and what it writes into its own logs."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.events.event import Event, Hash, Ledgered, LogName


class CheckpointPublished(Event):
    """A log's signed checkpoint, with the highest number that it covers for each publisher."""

    topic: ClassVar[str] = "ledger.checkpoints"
    type: ClassVar[str] = "ledger.checkpoint-published.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.NO
    log: LogName
    origin: str
    size: int = Field(ge=0)
    root: Hash
    note: str
    numbers: dict[str, int]

    @property
    def key(self) -> str:
        return self.log


class LogOpened(Event):
    """An entry of the platform log, on no topic: a log exists, and this key signs it."""

    topic: ClassVar[str] = "none"
    type: ClassVar[str] = "ledger.log-opened.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.PLATFORM
    log: LogName
    origin: str
    vkey: str

    @property
    def key(self) -> str:
        return self.log


class KeyRotated(Event):
    """An entry of the platform log, on no topic: from here on a log has another key.

    Its checkpoints have the signatures of both keys until the time said, so that whoever knows only
    the previous one has until then to read this; `reason` says why, in a word.
    """

    topic: ClassVar[str] = "none"
    type: ClassVar[str] = "ledger.key-rotated.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.PLATFORM
    log: LogName
    origin: str
    vkey: str
    previous: str
    both_until: datetime
    reason: Literal["planned", "lost", "compromised"]

    @property
    def key(self) -> str:
        return f"{self.log}/{self.vkey}"


class LogBegun(Event):
    """Entry 0 of an edition's log, on no topic: under which charter, and whether in earnest."""

    topic: ClassVar[str] = "none"
    type: ClassVar[str] = "ledger.log-begun.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    log: LogName
    origin: str
    programme_id: UUID
    charter: Hash
    rehearsal: bool

    @property
    def key(self) -> str:
        return self.log


ALL: tuple[type[Event], ...] = (CheckpointPublished, LogOpened, KeyRotated, LogBegun)

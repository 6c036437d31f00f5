"""What the ledger publishes, and what it writes into its own logs."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from shared.canonical import MOST, canonical
from shared.events import administration
from shared.events.event import Event, Hash, Ledgered, LogName, PublicKey, Signature

# A publisher's name, as an envelope's source, and one of its numbers in a log.
Publisher = Annotated[str, Field(pattern=r"^[a-z]+(\.[a-z]+)?$")]
Numbered = Annotated[int, Field(ge=1, le=MOST)]
Kind = Annotated[str, Field(pattern=r"^[a-z]+\.[a-z]+(-[a-z]+)*\.v[1-9][0-9]*$")]
# Why an event is in no log: nothing that its publisher said stands in it.
Refused = Literal["too_large", "not_canonical", "not_readable", "number_taken", "log_frozen"]


class CheckpointPublished(Event):
    """A log's signed checkpoint, with the highest number that it covers for each publisher.

    `frozen`: the log has ended, and takes no event any more; else nothing is said of it.
    """

    topic: ClassVar[str] = "ledger.checkpoints"
    type: ClassVar[str] = "ledger.checkpoint-published.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.NO
    lasting: ClassVar[bool] = True
    log: LogName
    origin: str
    size: int = Field(ge=0)
    root: Hash
    note: str
    numbers: dict[str, int]
    frozen: Literal[True] | None = None

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
    """Entry 0 of an edition's log, on no topic: under which charter, and whether in earnest.

    `schemas` are SHA-256 of the RFC 8785 form of each event type's JSON Schema; `service_keys` the
    Ed25519 keys that publishers sign with, as far as they are known (`ServiceKeyAdded` has later
    ones); `policy` is the witness policy of that day (C2SP tlog-policy). The log is served for
    `retention_years` after it is frozen.
    """

    topic: ClassVar[str] = "none"
    type: ClassVar[str] = "ledger.log-begun.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    log: LogName
    origin: str
    programme_id: UUID
    charter: Hash
    rehearsal: bool
    schemas: dict[Kind, Hash] | None = None
    service_keys: dict[Publisher, tuple[PublicKey, ...]] | None = None
    policy: str | None = None
    retention_years: Annotated[int, Field(ge=1, le=200)] | None = None

    @property
    def key(self) -> str:
        return self.log


class ServiceKeyAdded(Event):
    """A publisher announced a key while this log was open, in the platform's log. On no topic.

    `signature` is the announcement's (`event_id` and `event_type` are what it is over, beside the
    key), by a key that the publisher had before; its first key has none.
    """

    topic: ClassVar[str] = "none"
    type: ClassVar[str] = "ledger.service-key-added.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    src: Publisher
    service_key: PublicKey
    event_id: UUID
    event_type: Kind
    signature: Signature | None = None

    @property
    def key(self) -> str:
        return f"{self.src}/{self.service_key}"


class ServiceKeyReplaced(Event):
    """Two officers took a key of a publisher's that none of its earlier ones vouches for: these
    were lost. It stands in the platform's log and in every log that goes on, on no topic.

    `reason` is a commitment. Nobody but the ledger says this: whoever reads it asks the publisher.
    """

    topic: ClassVar[str] = "none"
    type: ClassVar[str] = "ledger.service-key-replaced.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    src: Publisher
    service_key: PublicKey
    reason: Hash
    officers: tuple[UUID, UUID]

    @property
    def key(self) -> str:
        return f"{self.src}/{self.service_key}"


class LogFrozen(Event):
    """The last entry of an edition's log, on no topic: what two officers ended.

    `numbers` are the last ones of each publisher. What comes later is refused, in the platform's
    log.
    """

    topic: ClassVar[str] = "none"
    type: ClassVar[str] = "ledger.log-frozen.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    log: LogName
    numbers: dict[Publisher, Numbered]
    officers: tuple[UUID, UUID]

    @property
    def key(self) -> str:
        return self.log


class IngestRejected(Event):
    """An event stands in no log, on no topic. Nothing vanishes: this says so in its place.

    `digest` is SHA-256 of what would have been its entry. Where its number is taken, or its log is
    frozen, nothing is missing; otherwise this fills the number of its publisher. `log` names the
    log where this stands in the platform's instead, since it is frozen, or does not exist yet.
    Officers reject what this ledger cannot read; what no version can accept is rejected without
    anybody.
    """

    topic: ClassVar[str] = "none"
    type: ClassVar[str] = "ledger.ingest-rejected.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    src: Publisher
    number: Numbered
    digest: Hash
    reason: Refused
    log: LogName | None = None
    officers: tuple[UUID, UUID] | None = None

    @property
    def key(self) -> str:
        return f"{self.src}/{self.digest}"


class GapAccepted(Event):
    """Two officers gave up a publisher's numbers `from` to `to`: nobody has these events any more.

    `reason` is a commitment. On no topic.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    topic: ClassVar[str] = "none"
    type: ClassVar[str] = "ledger.gap-accepted.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    src: Publisher
    from_: Annotated[Numbered, Field(alias="from")]
    to: Numbered
    reason: Hash
    officers: tuple[UUID, UUID]

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """A gap has a number at least."""
        if self.from_ > self.to:
            raise ValueError("a gap ends where it begins, or later")
        return self

    @property
    def key(self) -> str:
        return f"{self.src}/{self.from_}"

    def body(self) -> bytes:
        return canonical(self.model_dump(mode="json", exclude_none=True, by_alias=True))


class SecondOfficerAsked(administration.SecondOfficerAsked):
    """At the ledger, an officer asked for an act. On no topic: the ledger writes its own logs."""

    topic: ClassVar[str] = "none"
    type: ClassVar[str] = "ledger.second-officer-asked.v1"


class SecondOfficerConsented(administration.SecondOfficerConsented):
    """At the ledger, an act was confirmed and done."""

    topic: ClassVar[str] = "none"
    type: ClassVar[str] = "ledger.second-officer-consented.v1"


class SecondOfficerDeclined(administration.SecondOfficerDeclined):
    """At the ledger, an act was declined."""

    topic: ClassVar[str] = "none"
    type: ClassVar[str] = "ledger.second-officer-declined.v1"


ALL: tuple[type[Event], ...] = (
    CheckpointPublished,
    LogOpened,
    KeyRotated,
    LogBegun,
    ServiceKeyAdded,
    ServiceKeyReplaced,
    LogFrozen,
    IngestRejected,
    GapAccepted,
    SecondOfficerAsked,
    SecondOfficerConsented,
    SecondOfficerDeclined,
)

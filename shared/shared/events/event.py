"""What all events have in common."""

from enum import Enum
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.canonical import canonical

Cents = Annotated[int, Field(ge=0, le=10**15)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
LogName = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$")]
Tier = Annotated[str, Field(pattern=r"^[A-Z]$")]
# How somebody comes to be on the roll: she declares who she is, or was sent a code by post, or an
# identity provider vouches for her.
Way = Literal["declared", "posted-code", "identity-provider"]
# Ed25519, in base64. Of its forms of the same bytes only one is taken.
PublicKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$")]
Signature = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{85}[AQgw]==$")]


# The name of a thing that a charter declares: a phase, a territory, a family, a role's act.
NAME = r"^[a-z0-9][a-z0-9-]{0,59}$"
Name = Annotated[str, Field(pattern=NAME)]


class Frozen(BaseModel):
    """A part of an event."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Ledgered(Enum):
    """Which log of the ledger an event goes into."""

    PLATFORM = "the platform's log"
    EDITION = "the log of the edition it belongs to"
    NO = "none"


PLATFORM_LOG = "platform"


class Event(BaseModel):
    """Something that happened. What is produced is exact; what is consumed may have more fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: ClassVar[str]
    type: ClassVar[str]
    ledgered: ClassVar[Ledgered]
    # Whether a tombstone under its key erases it: its handlers are given `Erased` as well.
    erasable: ClassVar[bool] = False
    # Whether it is state: the last one of each key stays in its publisher's outbox for ever, since
    # neither the ledger nor anybody else has it when Kafka's disk is lost.
    lasting: ClassVar[bool] = False

    @property
    def key(self) -> str:
        """Kafka's key: events of one key stay in order."""
        raise RuntimeError(f"{type(self).__name__} has no key")

    @property
    def subject(self) -> str:
        """What the event is about; CloudEvents wants one."""
        return self.key

    def body(self) -> bytes:
        """The RFC 8785 bytes, made once when the event is announced."""
        return canonical(self.model_dump(mode="json", exclude_none=True))

    @classmethod
    def from_body(cls, body: bytes) -> Self:
        """Read a consumed event; fields of a later version are ignored."""
        return cls.model_validate_json(body, extra="ignore")

    @classmethod
    def contract(cls) -> dict[str, Any]:
        """What is promised about an event: its body, its topic, and whether the ledger keeps it."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"urn:comptoir:event:{cls.type}",
            "x-topic": cls.topic,
            "x-ledgered": cls.ledgered.name.lower(),
            **cls.model_json_schema(),
        }


class Signed(Event):
    """A decision or a closing: its publisher signs it, so that no ledger can make one up.

    Signed is `signed_bytes`, with the publisher's Ed25519 key. An entry without a signature is from
    before there were any.
    """

    signature: Signature | None = None

    def signed_bytes(self, *, event_id: UUID, source: str, log: str) -> bytes:
        """What `signature` is over: the body without it, and where it belongs (RFC 8785)."""
        body = self.model_dump(mode="json", exclude_none=True, exclude={"signature"})
        return canonical(
            {"body": body, "id": str(event_id), "log": log, "src": source, "type": self.type}
        )

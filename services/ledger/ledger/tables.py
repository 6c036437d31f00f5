"""The tables, as the migrations make them.

Nothing is written through these classes: the sequencer works on whole batches, by COPY and arrays.
They say in one place what there is, and a test compares them with the migrated database.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, Text, Uuid
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

_registry = registry()
metadata = _registry.metadata
# A column is called `bytes`, which would hide the type.
Octets = bytes


def _of(kind: Any, **options: Any) -> Any:
    return Field(sa_type=kind, **options)


class LogKey(SQLModel, registry=_registry, table=True):
    """The public half of a key that the signer made; one that no log has is spare."""

    __tablename__: ClassVar[Any] = "log_key"

    public_key: Octets = _of(LargeBinary, primary_key=True)
    made_at: datetime


class Log(SQLModel, registry=_registry, table=True):
    """A log and the key that signs it."""

    __tablename__: ClassVar[Any] = "log"

    log: str = _of(Text, primary_key=True)
    origin: str
    public_key: Octets = _of(LargeBinary, foreign_key="log_key.public_key")
    opened_at: datetime


class RotatedKey(SQLModel, registry=_registry, table=True):
    """A later key of a log; the one before it signs beside it until the time said."""

    __tablename__: ClassVar[Any] = "rotated_key"

    log: str = _of(Text, primary_key=True, foreign_key="log.log")
    public_key: Octets = _of(LargeBinary, primary_key=True, foreign_key="log_key.public_key")
    previous: Octets = _of(LargeBinary)
    both_until: datetime
    rotated_at: datetime
    reason: str | None


class HeadRow(SQLModel, registry=_registry, table=True):
    """Where the sequencer stands in a log; its right edge is in the last tiles."""

    __tablename__: ClassVar[Any] = "head"

    log: str = _of(Text, primary_key=True, foreign_key="log.log")
    size: int = _of(BigInteger)
    root: Octets = _of(LargeBinary)
    # As a trigger counts them: the size is the same when a transaction ends.
    entries: int = _of(BigInteger)


class Entry(SQLModel, registry=_registry, table=True):
    """An entry of a log, for ever: the bytes that are hashed and shown."""

    __tablename__: ClassVar[Any] = "entry"

    log: str = _of(Text, primary_key=True)
    index: int = _of(BigInteger, primary_key=True)
    id: UUID = _of(Uuid, unique=True)
    src: str
    number: int = _of(BigInteger)
    leaf_hash: Octets = _of(LargeBinary)
    bytes: Octets = _of(LargeBinary)


class TileRow(SQLModel, registry=_registry, table=True):
    """A hash tile; the last one of a level may be partial, and only grows."""

    __tablename__: ClassVar[Any] = "tile"

    log: str = _of(Text, primary_key=True)
    level: int = _of(Integer, primary_key=True)
    index: int = _of(BigInteger, primary_key=True)
    hashes: Octets = _of(LargeBinary)


class SequencerRow(SQLModel, registry=_registry, table=True):
    """The one row that every transaction which appends has locked."""

    __tablename__: ClassVar[Any] = "sequencer"

    one: bool = _of(Boolean, primary_key=True)
    epoch: int = _of(BigInteger)


class Filled(SQLModel, registry=_registry, table=True):
    """Numbers that have no event, and the entry of the ledger itself that says why."""

    __tablename__: ClassVar[Any] = "filled"

    log: str = _of(Text, primary_key=True)
    src: str = _of(Text, primary_key=True)
    number: int = _of(BigInteger, primary_key=True)
    upto: int = _of(BigInteger)
    index: int = _of(BigInteger)


class FrozenLog(SQLModel, registry=_registry, table=True):
    """A log that has ended, and its last entry."""

    __tablename__: ClassVar[Any] = "frozen_log"

    log: str = _of(Text, primary_key=True, foreign_key="log.log")
    index: int = _of(BigInteger)


class ServiceKey(SQLModel, registry=_registry, table=True):
    """A key that a publisher announced in the platform's log."""

    __tablename__: ClassVar[Any] = "service_key"

    src: str = _of(Text, primary_key=True)
    public_key: str = _of(Text, primary_key=True)
    event_id: UUID = _of(Uuid)
    event_type: str
    signature: str | None


class UnvouchedKey(SQLModel, registry=_registry, table=True):
    """A later key that a publisher announced, and that none of its earlier ones vouches for: two
    officers take it, or nobody."""

    __tablename__: ClassVar[Any] = "unvouched_key"

    src: str = _of(Text, primary_key=True)
    public_key: str = _of(Text, primary_key=True)
    event_id: UUID = _of(Uuid)
    event_type: str
    since: datetime


class Held(SQLModel, registry=_registry, table=True):
    """An event that waits for those before it, for its log, or for a version that reads it."""

    __tablename__: ClassVar[Any] = "held"

    log: str = _of(Text, primary_key=True)
    src: str = _of(Text, primary_key=True)
    number: int = _of(BigInteger, primary_key=True)
    id: UUID = _of(Uuid, unique=True)
    bytes: Octets = _of(LargeBinary)
    since: datetime
    unread: str | None
    refused: str | None


class Quarantine(SQLModel, registry=_registry, table=True):
    """What contradicts the logs, for a human to look at."""

    __tablename__: ClassVar[Any] = "quarantine"

    id: UUID = _of(Uuid, primary_key=True)
    digest: Octets = _of(LargeBinary, primary_key=True)
    log: str
    src: str
    number: int = _of(BigInteger)
    bytes: Octets = _of(LargeBinary)
    reason: str
    since: datetime
    seen_by: UUID | None
    seen_at: datetime | None
    unfit: bool = _of(Boolean, primary_key=True)


class SignedCheckpoint(SQLModel, registry=_registry, table=True):
    """What the signer signed: one root for each size, for ever."""

    __tablename__: ClassVar[Any] = "signed_checkpoint"

    log: str = _of(Text, primary_key=True, foreign_key="log.log")
    size: int = _of(BigInteger, primary_key=True)
    root: Octets = _of(LargeBinary)
    note: str
    signed_at: datetime


class PublishedCheckpoint(SQLModel, registry=_registry, table=True):
    """What outsiders see: a signed checkpoint that a quorum of witnesses cosigned. The note is the
    signed one with cosignatures, which are made anew from time to time."""

    __tablename__: ClassVar[Any] = "published_checkpoint"

    log: str = _of(Text, primary_key=True)
    size: int = _of(BigInteger, primary_key=True)
    note: str
    published_at: datetime
    refreshed_at: datetime


class StampRow(SQLModel, registry=_registry, table=True):
    """A time stamp of a published checkpoint; `note` is what was stamped, byte for byte."""

    __tablename__: ClassVar[Any] = "stamp"

    log: str = _of(Text, primary_key=True)
    size: int = _of(BigInteger, primary_key=True)
    authority: str
    note: str
    reply: Octets = _of(LargeBinary)
    stamped_at: datetime
    kept_at: datetime


class Words(SQLModel, registry=_registry, table=True):
    """The words behind a commitment, for the pages; None where they were erased."""

    __tablename__: ClassVar[Any] = "words"

    content_id: str = _of(Text, primary_key=True)
    value: str | None

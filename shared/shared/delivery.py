"""A record of Kafka as an event, or as a dead letter."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiokafka.structs import ConsumerRecord
from pydantic import ValidationError

from shared.canonical import flaw
from shared.envelope import Envelope, Unreadable
from shared.events import BY_TYPE, Event
from shared.events.dead import DeadLetter
from shared.events.event import Ledgered

# In base64, with what surrounds it, this is less than a record of 4 MiB. A larger one comes from a
# topic that takes only 1 MiB, compressed: it must not be what no topic takes.
LARGEST_KEPT = 2_500_000

type Record = ConsumerRecord[bytes, bytes]


class Dead(Exception):
    """A record that this process cannot read; the message says why."""


@dataclass(frozen=True, slots=True)
class Erased:
    """A tombstone on a topic of erasable words: what stood under this key is gone."""

    key: str


@dataclass(frozen=True, slots=True)
class Delivered[E: Event | Erased]:
    """An event as it arrived: read, and byte for byte."""

    envelope: Envelope
    event: E
    body: bytes


def read(record: Record, types: Mapping[str, type[Event]] = BY_TYPE) -> Delivered[Any]:
    """The event of a record. Raises `Dead` where headers, type or body are not as declared."""
    try:
        envelope = Envelope.from_headers(record.headers)
    except Unreadable as error:
        raise Dead(str(error)) from None
    kind = types.get(envelope.type)
    buried = kind is DeadLetter and record.topic.endswith(".dead")
    if kind is None or not (kind.topic == record.topic or buried):
        raise Dead(f"the type {envelope.type} is unknown on {record.topic}")
    if record.value is None:
        if kind.erasable and record.key:
            return Delivered(envelope, Erased(record.key.decode(errors="replace")), b"")
        raise Dead("a tombstone, where an event is expected")
    if kind.ledgered is not Ledgered.NO:
        if envelope.number is None:
            raise Dead("a ledgered event without ce_log and ce_number")
        if (found := flaw(record.value)) is not None:
            raise Dead(f"the body is {found}")
    try:
        return Delivered(envelope, kind.from_body(record.value), record.value)
    except ValidationError as error:
        raise Dead(f"the body breaks {envelope.type}: {_sentence(error)}") from None


def dead_letter(record: Record, *, process: str, reason: str) -> DeadLetter:
    """A record as a dead letter, byte for byte; one beyond `LARGEST_KEPT` without its value."""
    value = record.value
    if value is not None and len(value) > LARGEST_KEPT:
        reason = f"{reason}; its value of {len(value)} bytes is left where it was"
        value = None
    return DeadLetter(
        process=process,
        origin=record.topic,
        partition=record.partition,
        offset=record.offset,
        reason=reason[-2000:],
        record_key=_base64(record.key),
        headers=tuple((name, b64encode(value).decode()) for name, value in record.headers),
        value=_base64(value),
    )


def record_of(letter: DeadLetter) -> Record:
    """The record that a dead letter holds."""

    def decoded(value: str | None) -> bytes | None:
        return None if value is None else b64decode(value)

    value = decoded(letter.value)
    return ConsumerRecord(
        topic=letter.origin,
        partition=letter.partition,
        offset=letter.offset,
        timestamp=0,
        timestamp_type=0,
        key=decoded(letter.record_key),
        value=value,
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0 if value is None else len(value),
        headers=tuple((name, b64decode(encoded)) for name, encoded in letter.headers),
    )


def _base64(value: bytes | None) -> str | None:
    return None if value is None else b64encode(value).decode()


def event_id_of(record: Record) -> UUID | None:
    """The id in a record's headers, as far as there is one."""
    try:
        return UUID(dict(record.headers)["ce_id"].decode())
    except (KeyError, ValueError):
        return None


def _sentence(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in found['loc']) or 'body'}: {found['msg']}"
        for found in error.errors(include_input=False, include_url=False)
    )

"""What a record says to the ledger, which has to say something of every number that it can read.

Other consumers bury what they cannot read. Here that would be a hole in a publisher's numbers: only
what has no readable publisher, log, number or id is a dead letter. What this version does not
understand waits for one that does; what no version can take is rejected in public.

Who may speak is told by the topic, which the broker guards, and by nothing that a record says of
itself: each of these keeps the topic that it came on.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ledger.sequence import PUBLISHERS, Leaf
from shared.canonical import MAX_BODY, MOST, flaw
from shared.delivery import Dead, Delivered, Record
from shared.envelope import Envelope, Unreadable
from shared.events import BY_TYPE, Event
from shared.events.event import Ledgered
from shared.events.ledger import Refused


@dataclass(frozen=True, slots=True)
class Unread:
    """An event of a type, or with a body, that this version does not know."""

    topic: str
    why: str


@dataclass(frozen=True, slots=True)
class Unacceptable:
    """An event that no version can take; `why` quotes it, and is for the operator alone."""

    topic: str
    reason: Refused
    why: str


@dataclass(frozen=True, slots=True)
class Misplaced:
    """An event of a type that this version knows, on another topic than its own."""

    topic: str
    why: str


def read_any(record: Record, types: Mapping[str, type[Event]] = BY_TYPE) -> Delivered[Any]:
    """What a record of a ledgered topic is to the ledger. Raises `Dead`."""
    try:
        envelope = Envelope.from_headers(record.headers)
    except Unreadable as error:
        raise Dead(str(error)) from None
    if envelope.number is None:
        raise Dead("a ledgered event without ce_log and ce_number")
    if envelope.number > MOST:
        raise Dead(f"ce_number is beyond {MOST}")
    body = record.value or b""
    if (found := flaw(body)) is not None:
        reason: Refused = "too_large" if len(body) > MAX_BODY else "not_canonical"
        return Delivered(envelope, Unacceptable(record.topic, reason, f"the body is {found}"), body)
    kind = types.get(envelope.type)
    if kind is not None and _publisher(kind) == envelope.source and kind.topic != record.topic:
        return Delivered(envelope, Misplaced(record.topic, f"{kind.type} is on {kind.topic}"), body)
    try:
        return Delivered(envelope, _understood(envelope.type, envelope.source, body, types), body)
    except NotUnderstood as why:
        return Delivered(envelope, Unread(record.topic, str(why)), body)


class NotUnderstood(Exception):
    """This version does not know the type, or the body is not what it knows under it."""


def still_unread(leaf: Leaf, types: Mapping[str, type[Event]] = BY_TYPE) -> str | None:
    """Why this version cannot read a leaf that was held, or None: now it can."""
    said = json.loads(leaf.bytes)
    body = json.dumps(said["body"], ensure_ascii=False).encode()
    try:
        _understood(said["type"], leaf.stream.src, body, types)
    except NotUnderstood as why:
        return str(why)
    return None


def _understood(type_: str, source: str, body: bytes, types: Mapping[str, type[Event]]) -> Event:
    kind = types.get(type_)
    if kind is None or _publisher(kind) != source:
        raise NotUnderstood(f"the type {type_} is unknown of {source}")
    try:
        return kind.from_body(body)
    except ValidationError as error:
        raise NotUnderstood(f"the body breaks {type_}: {_places(error)}") from None


def _publisher(kind: type[Event]) -> str | None:
    """Who publishes events of this type into a log; None where nobody does."""
    return None if kind.ledgered is Ledgered.NO else PUBLISHERS.get(kind.topic)


def _places(error: ValidationError) -> str:
    """Where a body breaks its schema, without what it says there."""
    return "; ".join(
        f"{'.'.join(str(part) for part in found['loc']) or 'body'}: {found['type']}"
        for found in error.errors(include_input=False, include_url=False)
    )[:500]

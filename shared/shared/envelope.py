"""CloudEvents 1.0 in binary mode: what Kafka's headers say, and what the ledger hashes of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

# What asyncpg's rows have as well: a UUID that is read and written ten times as fast.
from asyncpg.pgproto.pgproto import UUID as ParsedUUID

SPECVERSION = "1.0"
CONTENT_TYPE = "application/json"
TYPE = re.compile(r"[a-z]+\.[a-z]+(-[a-z]+)*\.v(?P<version>[1-9][0-9]*)")
SOURCE = re.compile(r"[a-z]+(\.[a-z]+)?")
LOG = re.compile(r"[a-z0-9-]{1,60}")
TIME = re.compile(r"2[01][0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
NUMBER = re.compile(r"[1-9][0-9]{0,17}")
NAMES = frozenset(
    {
        *("ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time"),
        *("ce_log", "ce_number", "traceparent"),
    }
)

Headers = list[tuple[str, bytes]]


class Unreadable(Exception):
    """A record's headers do not make an envelope; the message says which one and why."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is said about an event beside its body. `number` is gapless per (source, log)."""

    id: UUID
    type: str
    source: str
    subject: str
    time: datetime
    log: str | None = None
    number: int | None = None
    traceparent: str | None = None

    def headers(self) -> Headers:
        """The Kafka headers, in a fixed order."""
        headers = [
            ("ce_specversion", SPECVERSION),
            ("ce_id", str(self.id)),
            ("ce_type", self.type),
            ("ce_source", self.source),
            ("ce_subject", self.subject),
            ("ce_time", _seconds(self.time)),
            ("content-type", CONTENT_TYPE),
        ]
        if self.log is not None and self.number is not None:
            headers += [("ce_log", self.log), ("ce_number", str(self.number))]
        if self.traceparent is not None:
            headers.append(("traceparent", self.traceparent))
        return [(name, value.encode()) for name, value in headers]

    @classmethod
    def from_headers(cls, headers: Iterable[tuple[str, bytes]]) -> "Envelope":
        """Read a record's headers. Raises `Unreadable`; headers that are not ours are ignored."""
        found = _texts(headers)
        said = found.get
        _check(*map(said, ("ce_specversion", "ce_type", "ce_source", "ce_log")))
        log, number = said("ce_log"), said("ce_number")
        if (log is None) != (number is None):
            raise Unreadable("ce_log and ce_number come together")
        if number is not None and NUMBER.fullmatch(number) is None:
            raise Unreadable(f"ce_number {number[:40]!r} is not a positive number")
        return cls(
            id=_id(_text(said("ce_id"), "ce_id")),
            type=found["ce_type"],
            source=found["ce_source"],
            subject=_text(said("ce_subject"), "ce_subject"),
            time=_time(_text(said("ce_time"), "ce_time")),
            log=log,
            number=None if number is None else int(number),
            traceparent=said("traceparent"),
        )


def leaf_bytes(envelope: Envelope, body: bytes) -> bytes:
    """What the ledger appends and hashes: RFC 8785 JSON, since `body` already is.

    The time is cut to the minute: finer ones would help to link a ballot to a voter.
    """
    version = TYPE.fullmatch(envelope.type)
    if version is None or envelope.number is None:
        raise ValueError(f"{envelope.type} number {envelope.number} makes no leaf")
    # strftime costs ten times as much, and does not pad the year everywhere.
    minute = envelope.time.astimezone(UTC).isoformat()[:16] + "Z"
    return b'{"body":%b,"id":"%b","number":%d,"src":"%b","t":"%b","type":"%b","v":%b}' % (
        body,
        str(envelope.id).encode(),
        envelope.number,
        envelope.source.encode(),
        minute.encode(),
        envelope.type.encode(),
        version["version"].encode(),
    )


def _seconds(time: datetime) -> str:
    return time.astimezone(UTC).isoformat()[:19] + "Z"


def _texts(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, str]:
    """Our headers among these, as text. Of several with one name the last counts."""
    found = {}
    for name, value in headers:
        if name in NAMES and value is not None:
            try:
                found[name] = value.decode()
            except UnicodeDecodeError:
                raise Unreadable(f"{name} is not UTF-8") from None
    return found


@lru_cache(maxsize=1024)
def _check(version: str | None, type_: str | None, source: str | None, log: str | None) -> None:
    """What many records say alike."""
    if _text(version, "ce_specversion") != SPECVERSION:
        raise Unreadable(f"ce_specversion is not {SPECVERSION}")
    _match(TYPE, type_, "ce_type")
    _match(SOURCE, source, "ce_source")
    if log is not None:
        _match(LOG, log, "ce_log")


def _text(value: str | None, name: str) -> str:
    if not value:
        raise Unreadable(f"{name} is missing")
    return value


def _match(pattern: re.Pattern[str], value: str | None, name: str) -> None:
    if pattern.fullmatch(said := _text(value, name)) is None:
        raise Unreadable(f"{name} {said[:80]!r} is not of the form {pattern.pattern}")


def _id(value: str) -> UUID:
    try:
        found = ParsedUUID(value)
    except ValueError:
        raise Unreadable(f"ce_id {value[:80]!r} is not a UUID") from None
    if str(found) != value:
        raise Unreadable(f"ce_id {value[:80]!r} is not in its canonical form")
    return found


@lru_cache(maxsize=1024)
def _time(value: str) -> datetime:
    """One form only, and of this age: a leaf that readers could not read would stay for ever."""
    try:
        if TIME.fullmatch(value) is not None:
            return datetime.fromisoformat(value)
    except ValueError:
        pass
    raise Unreadable(f"ce_time {value[:80]!r} is not of the form 2026-09-01T12:00:00Z")

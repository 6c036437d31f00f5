"""What asks officers to act, and what exactly two of them are asked for. Pure.

The parameters of an act say all that it decides: what the second officer confirms is what the first
one saw, or the act refuses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ledger.sequence import Stream
from shared.refusal import Refusal

type Task = Literal["gap", "unread", "log"]


class NothingMissing(Refusal):
    """Of this publisher no number is missing in this log, or none that officers could give up."""

    code = "nothing_missing"


class NothingUnread(Refusal):
    """Nothing of this publisher waits because it cannot be read."""

    code = "nothing_unread"


class KeyKnown(Refusal):
    """No such key of this publisher waits for officers."""

    code = "key_known"


class ChangedSince(Refusal):
    """What is to be confirmed is not what stands here now."""

    code = "changed_since"


class EventsWait(Refusal):
    """Events still wait to stand in this log."""

    code = "events_wait"


class LogEnded(Refusal):
    """The log was frozen before, or is one that never ends."""

    code = "log_ended"


@dataclass(frozen=True, slots=True)
class Unvouched:
    """A publisher's key that none of its earlier ones vouches for, and the event that says it."""

    src: str
    service_key: str
    event_id: UUID
    since: datetime

    @property
    def about(self) -> str:
        """The subject of the act that takes it."""
        return f"{self.src}/{self.event_id}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A publisher's events that wait for one log: `held` of them, from `first` on.

    `last` is the number that its log has; the first one that waits has this `digest`, and is
    `unread` for a reason, or not.
    """

    stream: Stream
    last: int
    first: int
    held: int
    since: datetime
    opened: bool
    type: str
    digest: str
    unread: str | None

    @property
    def task(self) -> Task | None:
        """What officers can do about it; None: it goes on by itself."""
        if not self.opened:
            return "log"
        if self.first > self.last + 1:
            return "gap"
        return "unread" if self.unread is not None else None


def gap(waiting: Waiting | None) -> dict[str, Any]:
    """What is decided by accepting a gap. Raises `NothingMissing`."""
    if waiting is None or waiting.task != "gap":
        raise NothingMissing("no number is missing here")
    return {**_of(waiting.stream), "from": waiting.last + 1, "to": waiting.first - 1}


def unreadable(waiting: Waiting | None) -> dict[str, Any]:
    """What is decided by rejecting the event that nobody can read. Raises `NothingUnread`."""
    if waiting is None or waiting.task != "unread":
        raise NothingUnread("nothing waits here because it cannot be read")
    return {
        **_of(waiting.stream),
        "number": waiting.first,
        "type": waiting.type,
        "digest": waiting.digest,
    }


def replacing(found: Unvouched | None) -> dict[str, Any]:
    """What is decided by taking a key that nobody vouches for. Raises `KeyKnown`."""
    if found is None:
        raise KeyKnown("no such key waits for officers")
    return {
        "src": found.src,
        "service_key": found.service_key,
        "event_id": str(found.event_id),
    }


def ending(log: str, numbers: Mapping[str, int], held: int, *, open_: bool) -> dict[str, Any]:
    """What is decided by freezing a log. Raises `LogEnded`, `EventsWait`."""
    if not open_:
        raise LogEnded(f"the log {log} has ended, or never ends")
    if held:
        raise EventsWait(f"{held} events wait to stand in the log {log}")
    return {"log": log, "numbers": dict(sorted(numbers.items()))}


def check_unchanged(now: Mapping[str, Any], confirmed: Mapping[str, Any]) -> None:
    """Raises `ChangedSince` unless what stands here is what two officers saw."""
    changed = [name for name in now if now[name] != confirmed.get(name)]
    if changed:
        raise ChangedSince(f"{', '.join(changed)} changed since this was asked for")


def about(stream: Stream) -> str:
    """The subject of an act."""
    return f"{stream.log}/{stream.src}"


def _of(stream: Stream) -> dict[str, str]:
    return {"log": stream.log, "src": stream.src}

"""What an officer writes of a session, read by its rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.events.charter import CharterRules
from submission.gatherings.gatherings import (
    LOCAL,
    check_window,
    check_workshops,
    read_capacity,
    read_moment,
)
from submission.gatherings.tables import Gathering
from submission.reading import Reader
from submission.texts import read_line

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Session:
    """Where, when, for how many, by whom and what a session is."""

    place: str
    begins_at: datetime
    ends_at: datetime
    capacity: int
    title: str | None
    host: str | None
    workshops: tuple[str, ...]
    online: bool


def read_session(reader: Reader, rules: CharterRules, now: datetime) -> Session:
    """A session as its form says it; what is wrong is kept in the reader."""
    place = reader.read("place", lambda written: read_line(written, "a place"), "")
    begins_at = reader.read("begins_at", read_moment, NEVER)
    ends_at = reader.read("ends_at", read_moment, NEVER)
    if NEVER not in (begins_at, ends_at):
        reader.check("ends_at", lambda: check_window(begins_at, ends_at, now))
    workshops = reader.ticked("workshop")
    known = () if rules.counters is None else rules.counters.workshops or ()
    reader.check("workshops", lambda: check_workshops([each.name for each in known], workshops))
    return Session(
        place=place,
        begins_at=begins_at,
        ends_at=ends_at,
        capacity=reader.read("capacity", read_capacity, 1),
        title=reader.read("title", lambda written: _perhaps(written, "a title"), None),
        host=reader.read("host", lambda written: _perhaps(written, "a host"), None),
        workshops=workshops,
        online=reader.read("online", bool, False),
    )


def written_session(kept: Gathering, words: Mapping[str, str]) -> dict[str, str]:
    """A session that is kept as its form shows it, with its words by their commitments."""
    return {
        "title": words.get(kept.title or "", ""),
        "place": words.get(kept.place, ""),
        "host": words.get(kept.host or "", ""),
        "online": "yes" if kept.online else "",
        "begins_at": f"{kept.begins_at.astimezone(LOCAL):%Y-%m-%dT%H:%M}",
        "ends_at": f"{kept.ends_at.astimezone(LOCAL):%Y-%m-%dT%H:%M}",
        "capacity": str(kept.capacity),
        **{f"workshop-{name}": "yes" for name in kept.workshops},
    }


def _perhaps(written: str, what: str) -> str | None:
    return read_line(written, what) if written.strip() else None

"""What a work list is looked through for, what its tasks are called, and what a visit has seen."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from shared.people import Person, Role
from shared.web.messages import mark
from submission.deadlines.durations import earlier

# In words, what is to be done.
TASKS: Mapping[str, str] = {
    "answer": mark("answer a request"),
    "place": mark("find a session"),
    "mark": mark("mark who came"),
    "return": mark("hand it back"),
    "review": mark("read the dossier"),
    "label": mark("decide about the label"),
    "clear": mark("check the carrier before the agreement"),
    "resume": mark("decide about what is suspended"),
    "vote": mark("vote from your seat"),
    "confirm": mark("confirm as second officer"),
}
# Until when something is due.
DUE: Mapping[str, str] = {
    "over": mark("overdue"),
    "week": mark("within seven days"),
}
# Of a resident's projects: only those of which anything is due.
IS_DUE: Mapping[str, str] = {"any": mark("only what is due")}
LONGEST = 60
MOST = 200
# At most 5 000 characters of ids: no server of ours has as many connections.
_SNAPSHOT = re.compile(r"([0-9]{1,19}):([0-9]{1,19}):((?:[0-9]{1,19}(?:,[0-9]{1,19}){0,255})?)")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page could show: what was committed `at` that moment, which `snapshot` tells exactly.

    An event that was noted before and committed after is in no page of then. The clock alone does
    not know: it is read when the event is noted.
    """

    at: datetime
    snapshot: str | None = None


class Visit(NamedTuple):
    """What can be seen `now`, what somebody has seen before, and what she looked for then."""

    now: Seen
    last: Seen | None
    looked: Mapping[str, Any]


class Charter(NamedTuple):
    """A programme with what its charter names, each with a `name` and a label by language."""

    programme_id: UUID
    title: str
    territories: tuple[Mapping[str, str], ...]
    themes: tuple[Mapping[str, str], ...]
    desks: tuple[Mapping[str, str], ...]
    bodies: tuple[Mapping[str, str], ...] = ()

    def place(self, name: str, language: str) -> str:
        """A territory in words."""
        return next((each[language] for each in self.territories if each["name"] == name), name)


@dataclass(frozen=True, slots=True)
class Looked:
    """What the list is looked through for; "" looks for anything."""

    task: str = ""
    programme: str = ""
    desk: str = ""
    territory: str = ""
    theme: str = ""
    stage: str = ""
    due: str = ""

    @property
    def anything(self) -> bool:
        """Whether nothing particular is looked for."""
        return not any(asdict(self).values())

    @property
    def query(self) -> str:
        """As it stands in an address."""
        return urlencode({name: value for name, value in asdict(self).items() if value})


def read_looked(written: Mapping[str, str]) -> Looked:
    """What an address or a kept visit says; what is too long, or has what nobody can see, is
    nothing."""
    found = {}
    for each in fields(Looked):
        value = written.get(each.name, "")
        if isinstance(value, str) and len(value) <= LONGEST and value.isprintable():
            found[each.name] = value
    return Looked(**found)


def read_seen(written: Mapping[str, str], now: Seen) -> Seen:
    """What somebody has seen: what her page could show, and never more than can be seen now. What
    came after she opened it is new the next time."""
    try:
        at = datetime.fromisoformat(written.get("until", ""))
        if at.tzinfo is None or at > now.at:
            return now
        return Seen(at.astimezone(UTC), _snapshot(written.get("seen", ""), now))
    except (ValueError, OverflowError):  # no moment, or one before the first day of all
        return now


def _snapshot(written: str, now: Seen) -> str | None:
    """A snapshot of PostgreSQL's, `xmin:xmax:xip,…`, that is not of later than now; else none, and
    the moment decides alone."""
    found = _SNAPSHOT.fullmatch(written)
    if found is None or now.snapshot is None:
        return None
    first, end = int(found[1]), int(found[2])
    running = [int(each) for each in found[3].split(",") if each]
    in_order = all(one < next_one for one, next_one in pairwise([*running, end]))
    good = 0 < first <= end <= int(now.snapshot.split(":")[1]) and in_order
    return written if good and all(first <= each for each in running) else None


def wanted(looked: Looked, row: Mapping[str, Any], due: Sequence[Any], now: datetime) -> bool:
    """Whether a resident looks for one of her projects; each of what is `due` has its `until`."""
    ends = [each.until for each in due if each.until is not None]
    return (
        looked.programme in ("", str(row["programme_id"]))
        and looked.stage in ("", row["stage"])
        and {
            "": True,
            "any": bool(due),
            "week": any(end <= now + timedelta(days=7) for end in ends),
            "over": any(end <= now for end in ends),
        }.get(looked.due, True)
    )


def by_end(tasks: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What is due first is first, then what has no end."""

    def end(each: Mapping[str, Any]) -> tuple[bool, float]:
        due = each["due_at"]
        return due is None, 0 if due is None else due.timestamp()

    return sorted(tasks, key=end)


def is_soon(now: datetime, due_at: datetime | None, remind: str | None) -> bool:
    """Whether a desk is reminded of what it has to answer, `remind` before it goes back."""
    return due_at is not None and remind is not None and earlier(due_at, remind) <= now


def scope(person: Person, *roles: Role) -> tuple[list[str | None], list[str | None]]:
    """Where one of these roles is held, as programmes and territories side by side; None stands for
    all of them."""
    grants = [grant for grant in person.grants if grant.role in roles]
    return (
        [None if each.programme_id is None else str(each.programme_id) for each in grants],
        [each.territory for each in grants],
    )


def named(language: str, lists: Iterable[Sequence[Mapping[str, str]]]) -> list[tuple[str, str]]:
    """What several charters name, each name once, as a form's options are."""
    return [*{each["name"]: each[language] for listed in lists for each in listed}.items()]

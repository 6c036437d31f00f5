"""What an officer's work list is looked through for, and what its tasks are called."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import NamedTuple
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
    "confirm": mark("confirm as second officer"),
}
# Until when something is due.
DUE: Mapping[str, str] = {
    "over": mark("overdue"),
    "week": mark("within seven days"),
}
LONGEST = 60
MOST = 200


class Charter(NamedTuple):
    """A programme with what its charter names, each with a `name` and a label by language."""

    programme_id: UUID
    title: str
    territories: tuple[Mapping[str, str], ...]
    themes: tuple[Mapping[str, str], ...]
    desks: tuple[Mapping[str, str], ...]

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


def read_seen(written: str, now: datetime) -> datetime:
    """Until when an officer has seen what changed: when her page was made, and never later than
    now. What came after she opened it is new the next time."""
    try:
        seen = datetime.fromisoformat(written)
        return now if seen.tzinfo is None else min(seen.astimezone(UTC), now)
    except (ValueError, OverflowError):  # no moment, or one before the first day of all
        return now


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

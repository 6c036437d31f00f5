"""When and where a gathering takes place, as an officer writes it, and until when it is changed."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.refusal import Refusal
from submission.gatherings.tables import Gathering

LOCAL = ZoneInfo("Europe/Paris")
LONGEST_GATHERING = timedelta(days=1)
MOST_PLACES = 10_000


class WindowRefused(Refusal):
    """A gathering ends after it begins, within a day, and has not begun when it is announced."""

    code = "window_refused"


class GatheringOver(Refusal):
    """A gathering was cancelled, or has taken place."""

    code = "gathering_over"


class WorkshopUnknown(Refusal):
    """The charter has no workshop of this name."""

    code = "workshop_unknown"


class GatheringNotOver(Refusal):
    """A list is closed once the gathering has ended and everybody on it is marked."""

    code = "gathering_not_over"


class CapacityRefused(Refusal):
    """A gathering has between 1 and 10,000 places."""

    code = "capacity_refused"


def read_moment(written: str) -> datetime:
    """A form's date and time (`2027-03-01T18:00`), on the clocks of Paris, in UTC.

    Raises `WindowRefused`.
    """
    try:
        found = datetime.fromisoformat(written.strip())
    except ValueError:
        raise WindowRefused(f"{written[:40]!r} is no date and time") from None
    local = found if found.tzinfo is not None else found.replace(tzinfo=LOCAL)
    try:
        return local.astimezone(UTC)
    except OverflowError:
        raise WindowRefused(f"{written[:40]!r} is no date and time") from None


def read_capacity(written: str) -> int:
    """Raises `CapacityRefused`."""
    bare = written.strip()
    digits = bare.isascii() and bare.isdigit() and len(bare) <= 9
    if not (digits and 1 <= int(bare) <= MOST_PLACES):
        raise CapacityRefused(f"{written[:40]!r} is no number of places from 1 to {MOST_PLACES}")
    return int(bare)


def check_window(begins_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Raises `WindowRefused`."""
    if not timedelta(0) < ends_at - begins_at <= LONGEST_GATHERING:
        raise WindowRefused("a counter ends after it begins, and within a day")
    if begins_at <= now:
        raise WindowRefused(f"{begins_at:%Y-%m-%d %H:%M} UTC has passed")


def check_announced(gathering: Gathering, now: datetime) -> None:
    """Raises `GatheringOver` where nobody can come to it any more."""
    if gathering.state != "announced":
        raise GatheringOver(f"the gathering is {gathering.state}")
    if now >= gathering.ends_at:
        raise GatheringOver(f"the gathering ended at {gathering.ends_at:%Y-%m-%d %H:%M} UTC")


def check_closing(gathering: Gathering, placed: int, now: datetime, *, rehearsal: bool) -> None:
    """Raises `GatheringOver`, and `GatheringNotOver` while somebody may come or is not marked; a
    rehearsal does not wait for its end."""
    if gathering.state != "announced":
        raise GatheringOver(f"the gathering is {gathering.state}")
    if placed:
        raise GatheringNotOver(f"{placed} on the list are not marked")
    if now < gathering.ends_at and not rehearsal:
        raise GatheringNotOver(f"it ends at {gathering.ends_at:%Y-%m-%d %H:%M} UTC")


def check_workshops(known: Collection[str], chosen: Collection[str]) -> None:
    """Raises `WorkshopUnknown`."""
    for workshop in chosen:
        if workshop not in known:
            raise WorkshopUnknown(f"the charter has no workshop {workshop[:60]!r}")

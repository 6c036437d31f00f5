"""When and where a counter takes place, as an adviser writes it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.refusal import Refusal

LOCAL = ZoneInfo("Europe/Paris")
LONGEST_GATHERING = timedelta(days=1)
MOST_PLACES = 10_000


class WindowRefused(Refusal):
    """A gathering ends after it begins, within a day, and has not begun when it is announced."""

    code = "window_refused"


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
    if not (bare.isascii() and bare.isdigit() and 1 <= int(bare[:9]) <= MOST_PLACES):
        raise CapacityRefused(f"{written[:40]!r} is no number of places from 1 to {MOST_PLACES}")
    return int(bare)


def check_window(begins_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Raises `WindowRefused`."""
    if not timedelta(0) < ends_at - begins_at <= LONGEST_GATHERING:
        raise WindowRefused("a counter ends after it begins, and within a day")
    if begins_at <= now:
        raise WindowRefused(f"{begins_at:%Y-%m-%d %H:%M} UTC has passed")

"""How long something takes, as charters write it: `10 days`, `36 hours`, `24 months`."""

from calendar import monthrange
from datetime import MAXYEAR, UTC, datetime, timedelta

from shared.charters.form import PARIS
from shared.events.scheme import Duration

# For rehearsals: nobody answers within seconds in earnest.
SHORT = ("seconds", "minutes")
_FIXED = {"seconds": 1, "minutes": 60, "hours": 3600}
LAST_YEAR = MAXYEAR - 1  # so that another zone's is one, too
_SOMEWHERE = datetime(2001, 1, 1, tzinfo=UTC)


def after(duration: Duration, start: datetime) -> datetime:
    """The instant that lies so long after another.

    Days, months and years are those of the calendar in Paris: at the same time of its clocks, and
    a month after 31 January is the last day of February. What would end later ends in the last year
    that calendars have.
    """
    written, unit = duration.split()
    count = int(written)
    if unit in _FIXED:
        return (start + timedelta(seconds=count * _FIXED[unit])).astimezone(UTC)
    local = start.astimezone(PARIS)
    if unit == "days":
        return (local + timedelta(days=count)).astimezone(UTC)
    year, month = divmod(local.year * 12 + local.month - 1 + count * (1, 12)[unit == "years"], 12)
    year = min(year, LAST_YEAR)
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day).astimezone(UTC)


def longer(one: Duration, other: Duration) -> bool:
    """Whether one takes longer than another."""
    return after(one, _SOMEWHERE) > after(other, _SOMEWHERE)


def short(duration: Duration) -> bool:
    """Whether it is one of a rehearsal."""
    return duration.split()[1] in SHORT

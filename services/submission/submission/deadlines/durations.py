"""Durations as charters say them: `10 days`, `24 months`."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Europe/Paris")
_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600}
_MONTHS = {"months": 1, "years": 12}


def later(moment: datetime, duration: str) -> datetime:
    """The moment so much later. Days, months and years are those of the calendar of Paris, at the
    same hour; in a month that is too short, its last day."""
    return _moved(moment, duration, 1)


def earlier(moment: datetime, duration: str) -> datetime:
    """The moment so much earlier, counted as `later` counts."""
    return _moved(moment, duration, -1)


def _moved(moment: datetime, duration: str, sign: int) -> datetime:
    number, unit = duration.split(" ")
    count = sign * int(number)
    if unit in _SECONDS:
        return moment + timedelta(seconds=count * _SECONDS[unit])
    local = moment.astimezone(LOCAL)
    if unit == "days":
        return (local + timedelta(days=count)).astimezone(UTC)
    months = local.year * 12 + local.month - 1 + count * _MONTHS[unit]
    year, month = months // 12, months % 12 + 1
    day = min(local.day, monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day).astimezone(UTC)

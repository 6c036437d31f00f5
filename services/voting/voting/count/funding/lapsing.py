"""Until when a grant is signed, its project begun and finished; and when what is not paid of it is
paid no more. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple, get_args

from shared.events.scheme import Funding
from shared.refusal import Refusal
from voting.count.funding.drawing import PARIS

type Ground = Literal["not-signed", "not-begun", "not-finished", "renounced"]
GROUNDS: Final[tuple[Ground, ...]] = get_args(Ground.__value__)
# The charter's time for each ground; whoever renounces may always.
_WITHIN: Final[Mapping[str, str]] = {
    "not-signed": "sign_within",
    "not-begun": "begin_within",
    "not-finished": "finish_within",
}


class LapseRefused(Refusal):
    """A grant lapses on a ground of the charter whose time is over, while something is unpaid."""

    code = "lapse_refused"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a grant stands: `left` is unpaid; `begun` and `finished` are what milestones say. It
    is `open` as long as its amount waits for a deliberation."""

    left: int
    validated_at: datetime
    signed_at: datetime | None
    begun: bool = False
    finished: bool = False
    open: bool = False


class Deadline(NamedTuple):
    """From `until` on a grant may lapse on this ground."""

    ground: Ground
    until: datetime


def later(moment: datetime, duration: str) -> datetime:
    """A moment so much later; months and years by the calendar, at the same time in Paris."""
    many, unit = duration.split()
    if unit in ("months", "years"):
        here = moment.astimezone(PARIS)
        months = here.year * 12 + here.month - 1 + int(many) * (12 if unit == "years" else 1)
        year, month = divmod(months, 12)
        return here.replace(year=year, month=month + 1, day=1) + timedelta(days=_day(here, months))
    if unit == "days":
        return (moment.astimezone(PARIS) + timedelta(days=int(many))).astimezone(moment.tzinfo)
    return moment + timedelta(**{unit: int(many)})


def _day(here: datetime, months: int) -> int:
    """Days after the first of a month: the same day, or the month's last one."""
    year, month = divmod(months + 1, 12)
    days = (here.replace(year=year, month=month + 1, day=1) - timedelta(days=1)).day
    return min(here.day, days) - 1


def deadline(terms: Funding | None, now: Standing) -> Deadline | None:
    """What a grant has to keep next: to be signed, then to be begun and to be finished. None where
    nothing is left to pay, or the charter says no time."""
    if not (now.left or now.open):
        return None
    ends = [
        Deadline(ground, later(begins, within))
        for ground in GROUNDS
        if (begins := _begins(ground, now)) is not None
        and (within := _within(terms, ground)) is not None
    ]
    return min(ends, key=lambda each: each.until, default=None)


def _begins(ground: Ground, now: Standing) -> datetime | None:
    """Since when a ground's time runs; None where it does not, or was kept."""
    match ground:
        case "not-signed":
            return now.validated_at if now.signed_at is None else None
        case "not-begun":
            return None if now.begun else now.signed_at
        case "not-finished":
            return None if now.finished else now.signed_at
        case "renounced":
            return None


def _within(terms: Funding | None, ground: Ground) -> str | None:
    return None if terms is None else getattr(terms, _WITHIN[ground])


def check_lapse(terms: Funding | None, ground: Ground, now: Standing, at: datetime) -> None:
    """Raises `LapseRefused` unless a grant may lapse on this ground at this moment."""
    if ground == "renounced" and (now.left or now.open):
        return
    if not now.left:
        raise LapseRefused("nothing of the grant is left to pay")
    if (begins := _begins(ground, now)) is None:
        raise LapseRefused(f"{ground}: that is not so")
    if (within := _within(terms, ground)) is None:
        raise LapseRefused(f"{ground}: the charter says no time for it")
    if at < (until := later(begins, within)):
        raise LapseRefused(f"{ground}: there is time until {until.isoformat()}")

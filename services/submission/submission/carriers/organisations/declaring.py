"""What somebody declares of an organisation: name, numbers, dates and seat, each by its rule."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from shared.events.carriers import CarrierType
from shared.events.event import Cents
from shared.refusal import Refusal
from submission.amounts import read_euros
from submission.carriers.identifiers import check_rna, check_siret
from submission.carriers.limits import years_after
from submission.carriers.tables import Organisation
from submission.carriers.types import read_organised_type
from submission.projects.ideas import TerritoryUnknown, read_name
from submission.reading import Reader
from submission.texts import read_line
from submission.versions import Shown

OLDEST: Final = date(1500, 1, 1)
LATEST: Final = date(2200, 1, 1)
# What an officer looked at when she found an organisation in order.
FIXED: Final = ("type", "name", "siret", "rna", "founded_on", "sse", "sse_until")
# For so many years an identifier of the social and solidarity economy is given, and renewed.
SSE_YEARS: Final = 2
LONGEST_SSE: Final = 120


class DayRefused(Refusal):
    """This is no day, or not one that can be meant here."""

    code = "day_refused"


class SseTooLong(Refusal):
    """No identifier of the social and solidarity economy holds for so long."""

    code = "sse_too_long"


class OrganisationUnknown(Refusal):
    """No organisation has this id or number, or it is another's."""

    code = "organisation_unknown"


class NumberTaken(Refusal):
    """Another organisation has this number."""

    code = "number_taken"


class OrganisationCleared(Refusal):
    """An officer found the organisation in order as it is: its name, type, numbers, day of
    foundation and identifier of the social and solidarity economy stay meanwhile."""

    code = "organisation_cleared"


class AidsCounted(Refusal):
    """An officer counted the aids that an organisation declares, for an agreement that is not
    signed yet: they stay until she takes that back."""

    code = "aids_counted"


class OrganisationCarries(Refusal):
    """The organisation has a part in a project still."""

    code = "organisation_carries"


class TooManyAids(Refusal):
    """As many aids are declared as one organisation may."""

    code = "too_many_aids"


@dataclass(frozen=True, slots=True)
class Declared:
    """An organisation as it is declared; everything in it is checked."""

    type: CarrierType
    name: str
    siret: str | None = None
    rna: str | None = None
    founded_on: date | None = None
    seat: str | None = None
    branch: str | None = None
    sse: str | None = None
    sse_until: date | None = None
    ambassador: bool = False


def read_declared(data: Mapping[str, str], territories: Collection[str], today: date) -> Declared:
    """An organisation as a form says it. Raises `FormRefused`."""
    reader = Reader(data)
    found = Declared(
        type=reader.read("type", read_organised_type, "association"),
        name=reader.read("name", read_name, ""),
        siret=reader.read("siret", lambda w: check_siret(w) if w.strip() else None, None),
        rna=reader.read("rna", lambda w: check_rna(w) if w.strip() else None, None),
        founded_on=reader.read("founded_on", partial(_read_day, latest=today), None),
        seat=reader.read("seat", partial(_read_territory, territories), None),
        branch=reader.read("branch", partial(_read_territory, territories), None),
        sse=reader.read("sse", _read_sse, None),
        sse_until=reader.read("sse_until", partial(_read_sse_until, today), None),
    )
    reader.done()
    return found


def read_day(written: str, latest: date = LATEST) -> date:
    """A day, such as 2027-03-01. Raises `DayRefused`."""
    try:
        found = date.fromisoformat(written.strip())
    except ValueError:
        raise DayRefused(f"{written[:40]!r} is no day") from None
    if not OLDEST <= found <= latest:
        raise DayRefused(f"{found} is not between {OLDEST} and {latest}")
    return found


def _read_day(written: str, latest: date) -> date | None:
    return read_day(written, latest) if written.strip() else None


def _read_sse(written: str) -> str | None:
    return read_line(written, "an identifier", LONGEST_SSE) if written.strip() else None


def _read_sse_until(today: date, written: str) -> date | None:
    """Until when an identifier holds. Raises `DayRefused`, `SseTooLong`."""
    until = _read_day(written, LATEST)
    latest = years_after(today, SSE_YEARS)
    if until is not None and until > latest:
        raise SseTooLong(f"{until} is later than {latest}: it is given for {SSE_YEARS} years")
    return until


def _read_territory(known: Collection[str], written: str) -> str | None:
    if written and written not in known:
        raise TerritoryUnknown(f"{written[:60]!r} is none of the territories")
    return written or None


@dataclass(frozen=True, slots=True)
class AidDeclared:
    """De-minimis aid as it is declared, in cents."""

    granted_on: date
    amount: Cents
    granted_by: str


def read_aid(data: Mapping[str, str], today: date) -> AidDeclared:
    """De-minimis aid as a form says it. Raises `FormRefused`."""
    reader = Reader(data)
    found = AidDeclared(
        granted_on=reader.read("granted_on", partial(read_day, latest=today), today),
        amount=reader.read("amount", read_euros, 0),
        granted_by=reader.read("granted_by", lambda w: read_line(w, "a name", 120), ""),
    )
    reader.done()
    return found


def said_by(organisation: Organisation, name: str) -> Declared:
    """What a row says, with its name in words."""
    kept = organisation.model_dump(include=set(Declared.__dataclass_fields__) - {"name"})
    return Declared(name=name, **kept)


def shown_by(said: Declared) -> Shown:
    """What is declared, as the form that amends it shows it."""
    names = ("name", "type", "siret", "rna", "founded_on", "seat", "branch", "sse", "sse_until")
    return Shown({name: str(getattr(said, name) or "") for name in names})


def check_amendable(cleared: bool, before: Declared, now: Declared) -> None:
    """Raises `OrganisationCleared`."""
    changed = [name for name in FIXED if getattr(before, name) != getattr(now, name)]
    if cleared and changed:
        raise OrganisationCleared(f"an officer has looked at: {', '.join(changed)}")


def numbers_of(declared: Declared) -> tuple[str, ...]:
    """What an organisation is known by: the first of them that is known decides."""
    return tuple(each for each in (declared.siret, declared.rna) if each is not None)


def differing(before: Declared, now: Declared) -> tuple[str, ...]:
    """In what a file says something else of an organisation than is known of it; where the file
    says nothing, it differs in nothing."""
    said = {n: v for n in Declared.__dataclass_fields__ if (v := getattr(now, n)) is not None}
    return tuple(name for name, value in said.items() if value != getattr(before, name))

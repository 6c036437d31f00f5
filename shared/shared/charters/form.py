"""What a charter's file may say, part by part, and what each part means.

Amounts carry their unit (`4 500 EUR`), in a rule too. A window of a phase has days, the last one
included, of the edition's first year (`03-07`) or of a named one (`2027-03-07`), or instants with
their offset. Days are those of Paris.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter
from pydantic_core import PydanticCustomError

from shared.events.ballots import Format
from shared.events.charter import Act, Assumption, Body, Channel, PhaseName
from shared.events.event import Cents, Name, Way
from shared.events.rules import Rule
from shared.events.scheme import (
    Adopted,
    Category,
    Costs,
    Counters,
    Cycle,
    Desk,
    Document,
    Fund,
    Funding,
    Grant,
    Kind,
    Labelled,
    Links,
    Submitting,
    Territory,
)
from shared.events.screening import Screening

PARIS = ZoneInfo("Europe/Paris")
ACTS: tuple[Act, ...] = get_args(Act)
WAYS: tuple[Way, ...] = get_args(Way)
PHASES: tuple[str, ...] = get_args(PhaseName)

AMOUNT = r"([0-9]{1,3}(?: ?[0-9]{3}){0,4}|[0-9]{1,13})(?:\.([0-9]{2}))? EUR"
_AMOUNT = re.compile(AMOUNT)
_EDITION = re.compile(r"2[01][0-9]{2}(-2[01][0-9]{2})?")
MOST_CENTS = 10**15
_YEARS = range(2000, 2200)
_DAY = re.compile(r"(?:(2[01][0-9]{2})-)?([0-9]{2})-([0-9]{2})")


class Form(BaseModel):
    """A part of the file: nothing beside what is named, no number as text."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _amount(written: str) -> str:
    if _AMOUNT.fullmatch(written) is None:
        raise PydanticCustomError("amount", "an amount is written as 4 500 EUR or 4500.50 EUR")
    if cents(written) > MOST_CENTS:
        raise PydanticCustomError("amount", "this is more money than there is")
    return written


def _moment(written: str) -> str:
    if _DAY.fullmatch(written) is None:
        try:
            found = datetime.fromisoformat(written)
            well = found.tzinfo is not None and found.year in _YEARS
        except ValueError:
            well = False
        if not well:
            raise PydanticCustomError(
                "moment", "this is a day, as 03-07 or 2027-03-07, or an instant with its offset"
            )
    return written


def _year(written: Any) -> Any:
    """YAML takes a year for a number."""
    return str(written) if type(written) is int else written


def _edition(written: str) -> str:
    if _EDITION.fullmatch(written) is None:
        raise PydanticCustomError("edition", "this is a year, as 2027, or two, as 2027-2028")
    return written


def _all_acts(written: Any) -> Any:
    return ACTS if written == "all" else tuple(written) if type(written) is list else written


Edition = Annotated[str, BeforeValidator(_year), AfterValidator(_edition)]
Acts = Annotated[tuple[Act, ...], BeforeValidator(_all_acts)]
Amount = Annotated[str, AfterValidator(_amount)]
Moment = Annotated[str, AfterValidator(_moment)]


class Window(Form):
    """From when to when; a day that closes is the last one."""

    opens: Moment
    closes: Moment


class FamilyForm(Form):
    """A family of labels with its ceiling."""

    name: Name
    fr: Annotated[str, Field(min_length=1, max_length=200)]
    en: Annotated[str, Field(min_length=1, max_length=200)]
    ceiling: Amount


class FlushForm(Form):
    """Ballots leave the box among `k` voters at least, every so many seconds: whole minutes, at
    most a day."""

    k: Annotated[int, Field(ge=1, le=10_000)]
    interval: Annotated[int, Field(ge=0, le=86_400, multiple_of=60)]


class VoteForm(Form):
    """Who votes, and how. Of the last five, all but the defaults are refused, with the reason; of
    `identity`, what names e-mail or a third party, or leaves one of the first two out. `electors`
    are so many people as may vote, as far as that is known.

    What a ballot says is `least` and `most`, or else the `format` beside them; what decides is
    `outcome`, with `ties` and `partial_grants`, or else the `rule`. None is said twice.
    """

    minimum_age: Annotated[int, Field(ge=0, le=115)]
    consent_age: Annotated[int, Field(ge=15, le=18)] | None = None
    electors: Annotated[int, Field(ge=1, le=100_000_000)] | None = None
    least: Annotated[int, Field(ge=0, le=10_000)] | None = None
    most: Annotated[int, Field(ge=1, le=10_000)] | None = None
    outcome: Literal["ranked-until-exhausted", "all-labelled"] | None = None
    ties: Literal["cheaper-first"] = "cheaper-first"
    identity: Annotated[
        tuple[
            Literal["declared", "posted-code", "identity-provider", "e-mail", "third-party"], ...
        ],
        Field(min_length=1),
    ] = ("declared", "posted-code")
    links: Links | None = None
    sworn: bool = False
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)] | None = None
    secrecy: Literal["live", "sealed"] = "sealed"
    flush: FlushForm | None = None
    paper: bool = False
    assisted: bool = False
    partial_grants: bool = False
    duplicates: Literal["first-channel", "paper-over-web", "all-void"] = "first-channel"
    own_project: Literal["allowed", "excluded"] = "allowed"
    revision: Literal["until-close", "final"] = "until-close"
    organisations: Literal["barred", "allowed"] = "barred"


def _some(of: type[BaseModel], most: int) -> TypeAdapter[Any]:
    several: Any = tuple.__class_getitem__((of, ...))
    return TypeAdapter(Annotated[several, Field(max_length=most)])


# The parts of a file, in the order in which problems are told; those below may be left out. What is
# left out is not published, and nothing holds that nobody stated.
PARTS: Mapping[str, TypeAdapter[Any]] = {
    "preset": TypeAdapter(Name),
    "title": TypeAdapter(Annotated[str, Field(min_length=1, max_length=200)]),
    "edition": TypeAdapter(Edition),
    "rehearsal": TypeAdapter(bool),
    "adopted": TypeAdapter(Adopted),
    "kind": TypeAdapter(Kind),
    "envelope": TypeAdapter(Amount),
    "cycle": TypeAdapter(Cycle),
    "levels": _some(Labelled, 10),
    "territories": TypeAdapter(
        Annotated[tuple[Territory, ...], Field(min_length=1, max_length=200)]
    ),
    "phases": TypeAdapter(
        Annotated[
            dict[PhaseName, Window],
            Field(min_length=1),
        ]
    ),
    "submitting": TypeAdapter(Submitting),
    "counter_attended": TypeAdapter(bool),
    "carrier_statuses": _some(Labelled, 50),
    "families": _some(FamilyForm, 50),
    "themes": _some(Labelled, 50),
    "themes_open": TypeAdapter(bool),
    "categories": _some(Category, 50),
    "principles": _some(Labelled, 20),
    "costs": TypeAdapter(Costs),
    "grant": TypeAdapter(Grant),
    "fund": TypeAdapter(Fund),
    "documents": _some(Document, 50),
    "desks": _some(Desk, 50),
    "counters": TypeAdapter(Counters),
    "vote": TypeAdapter(VoteForm),
    "vote.format": TypeAdapter(Format),
    "vote.rule": TypeAdapter(Rule),
    "screening": TypeAdapter(Screening | None),
    "second_officer": TypeAdapter(Acts),
    "bodies": _some(Body, 50),
    "funding": TypeAdapter(Funding),
    "assumed": _some(Assumption, 100),
}
DEFAULTS: Mapping[str, Any] = {
    "rehearsal": False,
    "counter_attended": False,
    "carrier_statuses": (),
    "families": (),
    "themes_open": False,
    "documents": (),
    "bodies": (),
    "assumed": (),
    **dict.fromkeys(
        (
            *("adopted", "kind", "envelope", "cycle", "levels", "submitting", "themes"),
            *("categories", "principles", "costs", "grant", "fund", "desks", "counters"),
            *("vote", "vote.format", "vote.rule", "screening", "funding"),
        )
    ),
}


def cents(amount: str) -> Cents:
    """An amount as it is written, in cents."""
    found = _AMOUNT.fullmatch(amount)
    assert found is not None
    return int(found[1].replace(" ", "")) * 100 + int(found[2] or 0)


def in_cents(written: Any) -> Cents:
    """An amount in a ballot's format or a rule; a number without its unit could be either."""
    return cents(_amount(written if isinstance(written, str) else ""))


def as_written(written: Any) -> Any:
    """An amount in a file that is no charter: cents, or as charters say it."""
    if isinstance(written, str) and _AMOUNT.fullmatch(written) is None:
        raise PydanticCustomError(
            "amount", "an amount is cents, as 450000, or has its unit, as 4 500 EUR or 4500.50 EUR"
        )
    return in_cents(written) if isinstance(written, str) else written


def euros(amount: Cents) -> str:
    """Cents as they are said in a sentence."""
    whole, part = divmod(amount, 100)
    return f"{whole}.{part:02}" if part else str(whole)


def instant(moment: str, edition: str, *, closing: bool) -> datetime:
    """When a window opens or closes; a day that closes is over at the midnight that ends it.

    Raises `ValueError` where there is no such day.
    """
    found = _DAY.fullmatch(moment)
    if found is None:
        return datetime.fromisoformat(moment)
    day = date(int(found[1] or edition[:4]), int(found[2]), int(found[3]))
    return midnight(day + timedelta(days=closing))


def midnight(day: date) -> datetime:
    """When a day of Paris begins."""
    return datetime.combine(day, time(), PARIS)


def years(edition: str) -> tuple[datetime, datetime]:
    """From when to when an edition's year, or its two years, last."""
    return midnight(date(int(edition[:4]), 1, 1)), midnight(date(int(edition[-4:]) + 1, 1, 1))

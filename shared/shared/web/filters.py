"""How values read in a page: money, numbers, dates and times, in both languages.

Figures are grouped by a narrow no-break space in both, so that an amount looks the same to
everybody; what differs is the decimal mark, and the words of a date.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date

NARROW: Final = "\u202f"
NO_BREAK: Final = "\u00a0"
MINUS: Final = "\u2212"
PARIS: Final = ZoneInfo("Europe/Paris")


def number(value: int, language: str = "fr") -> str:
    """`12 500`; the same in every language."""
    sign = MINUS if value < 0 else ""
    return f"{sign}{abs(value):,}".replace(",", NARROW)


def money(cents: int, language: str = "fr") -> str:
    """Cents as `12 500 €`, or `12 500,50 €` where there are any left over."""
    euros, rest = divmod(abs(cents), 100)
    mark = "," if language == "fr" else "."
    shown = f"{euros:,}".replace(",", NARROW) + (f"{mark}{rest:02}" if rest else "")
    return f"{MINUS if cents < 0 else ''}{shown}{NARROW}€"


def percent(share: float, language: str = "fr") -> str:
    """A share of one as `42,3 %`, without a tenth that is nought."""
    tenths = round(share * 1000)
    whole, tenth = divmod(abs(tenths), 10)
    mark = "," if language == "fr" else "."
    shown = number(whole) + (f"{mark}{tenth}" if tenth else "")
    return f"{MINUS if tenths < 0 else ''}{shown}{NARROW + '%' if language == 'fr' else '%'}"


def day(value: date | datetime | str, language: str = "fr") -> str:
    """`14 mai 2027`, `1er mai 2027`, `14 May 2027`: the day in Paris, in words."""
    return _day(_local(value), language, "d MMMM y")


def weekday(value: date | datetime | str, language: str = "fr") -> str:
    """`vendredi 14 mai 2027`, `Friday 14 May 2027`."""
    return _day(_local(value), language, "EEEE d MMMM y")


def moment(value: datetime | str, language: str = "fr") -> str:
    """`14 mai 2027 à 18 h 30`, `14 May 2027 at 18:30`: the time in Paris."""
    return f"{day(value, language)} {'à' if language == 'fr' else 'at'} {hour(value, language)}"


def hour(value: datetime | str, language: str = "fr") -> str:
    """`18 h 30`, `18:30`: the time in Paris."""
    local = _local(value)
    if not isinstance(local, datetime):
        raise TypeError(f"{value} has no time")
    if language == "fr":
        return f"{local.hour}{NO_BREAK}h{NO_BREAK}{local.minute:02}"
    return f"{local.hour}:{local.minute:02}"


def iso(value: date | datetime | str) -> str:
    """What machines read: the `datetime` of a `<time>`."""
    return value if isinstance(value, str) else value.isoformat()


def label(value: Any, language: str = "fr") -> str:
    """The label of what a charter names, which has one in each language."""
    found = value[language] if isinstance(value, Mapping) else getattr(value, language)
    return str(found)


def grade(name: str, language: str = "fr") -> str:
    """The usual names of grades in words; a charter has no labels of its grades, so any other is
    shown as it has it."""
    found = _GRADES.get(name)
    return name if found is None else found[language != "fr"]


def short(identifier: object) -> str:
    """The beginning of an id or a hash, enough to tell two apart."""
    return str(identifier)[:8]


def _local(value: date | datetime | str) -> date | datetime:
    if isinstance(value, str):
        only_day = len(value) == len("2027-05-14")
        value = date.fromisoformat(value) if only_day else datetime.fromisoformat(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value} is in no time zone")
        return value.astimezone(PARIS)
    return value


def _day(value: date | datetime, language: str, pattern: str) -> str:
    if language == "fr" and value.day == 1:
        pattern = pattern.replace("d ", "d'er' ", 1)
    return format_date(value, pattern, locale="fr" if language == "fr" else "en_GB")


# In French and in English. Several names say the same: a charter is written in one of the two.
_GRADES: Final[Mapping[str, tuple[str, str]]] = {
    **dict.fromkeys(("excellent",), ("Excellent", "Excellent")),
    **dict.fromkeys(("very-good", "tres-bien"), ("Très bien", "Very good")),
    **dict.fromkeys(("good", "bien"), ("Bien", "Good")),
    **dict.fromkeys(("fairly-good", "assez-bien"), ("Assez bien", "Fairly good")),
    **dict.fromkeys(("fair", "passable"), ("Passable", "Fair")),
    **dict.fromkeys(("acceptable",), ("Acceptable", "Acceptable")),
    **dict.fromkeys(("sufficient", "suffisant"), ("Suffisant", "Sufficient")),
    **dict.fromkeys(("insufficient", "insuffisant"), ("Insuffisant", "Insufficient")),
    **dict.fromkeys(("poor", "mediocre"), ("Médiocre", "Poor")),
    **dict.fromkeys(("bad", "mauvais"), ("Mauvais", "Bad")),
    **dict.fromkeys(("to-reject", "reject", "a-rejeter"), ("À rejeter", "To be rejected")),
}
_IN_A_LANGUAGE: tuple[Callable[..., str], ...] = (
    *(number, money, percent, day, weekday, moment, hour, label, grade),
)


def filters(language: str) -> dict[str, Callable[..., str]]:
    """The filters of a language's templates, by name."""
    of_language = {f.__name__: partial(f, language=language) for f in _IN_A_LANGUAGE}
    return {**of_language, "iso": iso, "short": short}

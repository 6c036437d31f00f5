"""What the page of all components shows them with: made up, and the same every time."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

NOW: Final = datetime(2027, 4, 20, 10, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Phase:
    """A phase of the year that is shown."""

    name: str
    opens_at: datetime
    closes_at: datetime


def _day(month: int, day: int) -> datetime:
    return datetime(2027, month, day, 8, 30, tzinfo=UTC)


def values() -> dict[str, Any]:
    """The values of `components.html`."""
    return {
        "now": NOW,
        "phases": (
            Phase("ideas", _day(1, 4), _day(3, 1)),
            Phase("counters", _day(1, 18), _day(4, 1)),
            Phase("dossiers", _day(3, 1), _day(5, 14)),
            Phase("labelling", _day(4, 1), _day(6, 11)),
            Phase("vote", _day(9, 6), _day(10, 1)),
            Phase("results", _day(10, 11), _day(11, 30)),
        ),
        "votes": (
            ("Vergers partagés du Ternois", 1284, "1 284"),
            ("Atelier vélo solidaire de Lens", 967, "967"),
            (
                "Épicerie itinérante du Haut-Pays et des villages de la vallée de la Course",
                402,
                "402",
            ),
            ("Café des parents", 0, "0"),
        ),
        "turnout": tuple(
            (f"{hour} h", hour * hour * 7, str(hour * hour * 7)) for hour in range(8, 19)
        ),
        "yesterday": tuple(hour * hour * 5 for hour in range(8, 21)),
        "event_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "nav": (("/components", "Composants"), ("/programme", "Programme"), ("/ideas", "Idées")),
        "rehearsal": True,
    }

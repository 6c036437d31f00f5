"""Projects as lines of a file. Who carries them is in none: a list of people is not what is asked.

In a spreadsheet each line says of which snapshot it is, since lines are copied from one to another;
the other files say it once, before anything else.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from shared.web.cells import cell
from submission.exports.snapshot import Snapshot
from submission.map.outlines import Point

FIELDS = (
    *("project_id", "url", "title", "summary", "territory", "territory_label", "theme"),
    *("theme_label", "category", "category_label", "stage", "standing", "deposited_at"),
    *("cost_cents", "family"),
)
OF_SNAPSHOT = ("log", "number", "waiting", "covered", "tree_size", "as_of")
Labels = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Told:
    """What is told beside the rows: the snapshot, labels by kind and name, where pages are, and
    where territories are."""

    snapshot: Snapshot
    labels: Labels
    site: str
    point: Callable[[str], Point | None]


def row(told: Told, found: Mapping[str, Any]) -> dict[str, Any]:
    """One project. Words that were erased are null; money is in cents."""
    labelled = {
        key: value
        for kind in ("territory", "theme", "category")
        for key, value in (
            (kind, found[kind]),
            (f"{kind}_label", told.labels[kind].get(found[kind] or "")),
        )
    }
    said = {
        "project_id": str(found["project_id"]),
        "url": f"{told.site}/projects/{found['project_id']}",
        "title": found["title"],
        "summary": found["summary"],
        **labelled,
        "stage": found["stage"],
        "standing": found["standing"],
        "deposited_at": f"{found['deposited_at'].astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "cost_cents": found["cost"],
        "family": found["family"],
    }
    return {name: said[name] for name in FIELDS}


class Csv:
    """A spreadsheet's file (RFC 4180), in UTF-8."""

    ending, media_type = "csv", "text/csv; charset=utf-8"

    def head(self, told: Told) -> str:
        """The names of the columns."""
        return _lines([(*FIELDS, *OF_SNAPSHOT)])

    def some(self, told: Told, rows: Sequence[Mapping[str, Any]], *, first: bool) -> str:
        """These projects, each with its snapshot."""
        of = [told.snapshot.said()[name] for name in OF_SNAPSHOT]
        return _lines([*row(told, found).values(), *of] for found in rows)

    def foot(self) -> str:
        """Nothing more."""
        return ""


class Json:
    """One object: `snapshot`, `labels`, `projects`."""

    ending, media_type = "json", "application/json"

    def head(self, told: Told) -> str:
        """What is told before the projects."""
        said = {"snapshot": told.snapshot.said(), "labels": told.labels}
        return f'{_json(said)[:-1]},"projects":['

    def some(self, told: Told, rows: Sequence[Mapping[str, Any]], *, first: bool) -> str:
        """These projects."""
        return _joined((row(told, found) for found in rows), first=first)

    def foot(self) -> str:
        """The end."""
        return "\n]}\n"


class GeoJson:
    """A FeatureCollection (RFC 7946) with `snapshot` as a foreign member.

    A project stands at a place inside its territory, the same for all of it: nobody was asked for
    more. Where no outline is known it has no geometry.
    """

    ending, media_type = "geojson", "application/geo+json"

    def head(self, told: Told) -> str:
        """What is told before the features."""
        said = {"type": "FeatureCollection", "snapshot": told.snapshot.said()}
        return f'{_json(said)[:-1]},"features":['

    def some(self, told: Told, rows: Sequence[Mapping[str, Any]], *, first: bool) -> str:
        """These projects as features."""
        return _joined((self._feature(told, found) for found in rows), first=first)

    def _feature(self, told: Told, found: Mapping[str, Any]) -> dict[str, Any]:
        point = told.point(found["territory"])
        place = None
        if point is not None:
            place = {"type": "Point", "coordinates": [round(each, 5) for each in point]}
        properties = row(told, found) | {"placed": None if place is None else "territory"}
        return {
            "type": "Feature",
            "id": properties["project_id"],
            "geometry": place,
            "properties": properties,
        }

    def foot(self) -> str:
        """The end."""
        return "\n]}\n"


Format = Csv | Json | GeoJson


def _lines(rows: Iterable[Sequence[Any]]) -> str:
    into = io.StringIO()
    csv.writer(into).writerows([cell(value) for value in row] for row in rows)
    return into.getvalue()


def _joined(found: Iterable[Any], *, first: bool) -> str:
    text = ",\n".join(_json(each) for each in found)
    return f"\n{text}" if first else f",\n{text}"


def _json(found: Any) -> str:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))

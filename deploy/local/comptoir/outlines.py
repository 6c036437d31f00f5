"""Invented outlines for the territories of the presets: what the map of a local platform draws.

An operator gives the outlines of real places. These lie in the Gulf of Guinea, around 0° N 0° E,
where nobody takes them for any: each preset has an island, and its territories share borders.
"""

import json
import math
from collections.abc import Sequence
from typing import Any, Final

# The islands, each by its rows from north to south, and in a row from west to east.
ISLANDS: Final[Sequence[Sequence[Sequence[str]]]] = (
    (
        ("boulonnais", "calaisis", "audomarois"),
        ("montreuillois-ternois", "artois", "lens-henin", "arrageois"),
    ),
    (("meurthe-et-moselle",),),
    (("haute-garonne",),),
    (("moselle",),),
    (("all",),),
)
SIZE, APART = 0.6, 1.0  # degrees
STEPS = 12

type Point = tuple[float, float]


def invented() -> bytes:
    """All islands as GeoJSON: every feature says that it is `synthetic`."""
    features = [
        _feature(name, ring)
        for place, rows in enumerate(ISLANDS)
        for name, ring in _island(rows, place * APART)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def _feature(name: str, ring: list[Point]) -> dict[str, Any]:
    points = [[round(x, 5), round(y, 5)] for x, y in ring]
    return {
        "type": "Feature",
        "properties": {"name": name, "synthetic": True},
        "geometry": {"type": "Polygon", "coordinates": [[*points, points[0]]]},
    }


def _island(rows: Sequence[Sequence[str]], west: float) -> list[tuple[str, list[Point]]]:
    found = []
    for row, names in enumerate(rows):
        north, south = 1 - row / len(rows), 1 - (row + 1) / len(rows)
        for column, name in enumerate(names):
            west_of, east_of = column / len(names), (column + 1) / len(names)
            ring = _cell(west_of, east_of, north, south, 0.25 / len(rows))
            found.append((name, [(west + SIZE * x, SIZE * y) for x, y in ring]))
    return found


def _cell(west: float, east: float, north: float, south: float, swing: float) -> list[Point]:
    """Counterclockwise. A line is the same whoever draws it, so that neighbours share it."""

    def along(at: float, level: float) -> Point:
        return at, level + swing * math.sin(2.4 * math.pi * at + 5 * level) / 2

    def across(at: float, part: float) -> Point:
        bottom, top = along(at, south)[1], along(at, north)[1]
        bend = swing * math.sin(math.pi * part) * math.sin(7 * at + 3 * north) / 3
        return at + bend, bottom + (top - bottom) * part

    parts = [step / STEPS for step in range(STEPS)]
    return [
        *(along(west + (east - west) * part, south) for part in parts),
        *(across(east, part) for part in parts),
        *(along(east + (west - east) * part, north) for part in parts),
        *(across(west, 1 - part) for part in parts),
    ]

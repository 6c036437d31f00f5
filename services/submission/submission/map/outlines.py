"""The operator's outlines of territories: GeoJSON (RFC 7946), read whole or refused.

A feature's property `name` is its territory's name in charters; one that is invented says
`synthetic`, and the map says so. Longitudes and latitudes are those of WGS 84; what else a feature
says is left out.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LARGEST = 5_000_000  # bytes
MOST_FEATURES = 500
MOST_POINTS = 200_000
LONGEST_NAME = 60

Point = tuple[float, float]
Ring = tuple[Point, ...]


class OutlinesRefused(ValueError):
    """The file is not what it should be; the message says where."""


@dataclass(frozen=True)
class Outline:
    """A territory's rings: whatever an odd number of them encloses belongs to it."""

    name: str
    rings: tuple[Ring, ...]
    invented: bool = False


def read_outlines(data: bytes) -> Mapping[str, Outline]:
    """The outlines of a file, by name. Raises `OutlinesRefused`."""
    if len(data) > LARGEST:
        raise OutlinesRefused(f"{len(data)} bytes, at most {LARGEST} are read")
    try:
        found = json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise OutlinesRefused(f"it is no JSON: {error}") from None
    if not isinstance(found, dict) or found.get("type") != "FeatureCollection":
        raise OutlinesRefused("it is no FeatureCollection")
    features = found.get("features")
    if not isinstance(features, list) or not 1 <= len(features) <= MOST_FEATURES:
        raise OutlinesRefused(f"it has 1 to {MOST_FEATURES} features")
    outlines: dict[str, Outline] = {}
    points = 0
    for number, feature in enumerate(features, 1):
        outline = _outline(feature, f"feature {number}")
        if outline.name in outlines:
            raise OutlinesRefused(f"feature {number}: {outline.name!r} has an outline already")
        points += sum(len(ring) for ring in outline.rings)
        if points > MOST_POINTS:
            raise OutlinesRefused(f"more than {MOST_POINTS} points: simplify the outlines")
        outlines[outline.name] = outline
    return outlines


def _no_constant(written: str) -> None:
    raise ValueError(f"{written} is no number")


def _outline(feature: Any, where: str) -> Outline:
    match feature:
        case {
            "type": "Feature",
            "properties": {"name": str(name)},
            "geometry": {"type": "Polygon", "coordinates": [*polygon]},
        }:
            polygons: list[Any] = [polygon]
        case {
            "type": "Feature",
            "properties": {"name": str(name)},
            "geometry": {"type": "MultiPolygon", "coordinates": [*polygons]},
        }:
            pass
        case _:
            raise OutlinesRefused(f"{where}: a Polygon or MultiPolygon with a property `name`")
    if not 1 <= len(name) <= LONGEST_NAME:
        raise OutlinesRefused(f"{where}: a name has 1 to {LONGEST_NAME} characters")
    rings = [_ring(ring, where) for polygon in polygons for ring in _list(polygon, where)]
    if not rings:
        raise OutlinesRefused(f"{where}: there is no ring")
    return Outline(name, tuple(rings), feature["properties"].get("synthetic") is True)


def _list(found: Any, where: str) -> list[Any]:
    if not isinstance(found, list):
        raise OutlinesRefused(f"{where}: a list was expected")
    return found


def _ring(found: Any, where: str) -> Ring:
    ring = tuple(_point(position, where) for position in _list(found, where))
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise OutlinesRefused(f"{where}: a ring has four points or more, and ends where it began")
    return ring[:-1]


def _point(found: Any, where: str) -> Point:
    match found:
        case [int() | float() as east, int() | float() as north, *_]:
            east, north = float(east), float(north)
            if math.isfinite(east) and abs(east) <= 180 and abs(north) <= 90:
                return east, north
    raise OutlinesRefused(f"{where}: {str(found)[:60]} is no longitude with a latitude")

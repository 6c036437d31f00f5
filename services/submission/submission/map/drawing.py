"""Outlines as shapes of a drawing, light enough for a telephone; a grid where there are none.

Degrees become pixels by the equirectangular projection at the middle latitude: for what is as large
as a country, nobody sees the difference. Lines lose the points that nobody sees either (Douglas and
Peucker, 1973: no point is further from the line than the tolerance).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from submission.map.outlines import Outline, Point, Ring

WIDTH, HIGHEST = 960.0, 1200.0
MARGIN = 8.0
FINEST = 0.5  # pixels
LARGEST = 80_000  # bytes of all paths together: the page has room for 150 kB
SMALLEST = 6.0  # pixels that an island keeps, so that it is seen
CELL, GAP = 150.0, 12.0


@dataclass(frozen=True)
class Shape:
    """A territory in pixels: the `d` of a path, and a point inside where its number stands."""

    name: str
    path: str
    at: Point


@dataclass(frozen=True)
class Drawing:
    """All shapes, and how large the view is. One that is `synthetic` has cells, and one that is
    `invented` outlines that are those of no real place."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    synthetic: bool = False
    invented: bool = False


def drawn(outlines: Sequence[Outline]) -> Drawing:
    """These outlines, as coarse as it takes to keep the drawing small."""
    view = _View.of(outlines)
    placed = [(outline.name, [view.ring(ring) for ring in outline.rings]) for outline in outlines]
    tolerance = FINEST
    while True:
        shapes = tuple(_shape(name, rings, tolerance) for name, rings in placed)
        if sum(len(shape.path) for shape in shapes) <= LARGEST or tolerance > WIDTH:
            invented = any(outline.invented for outline in outlines)
            return Drawing(view.width, view.height, shapes, invented=invented)
        tolerance *= 2


def grid(names: Sequence[str]) -> Drawing:
    """A cell for each name, from left to right: where no outline is known, it says so by its
    looks."""
    columns = max(1, math.ceil(math.sqrt(len(names))))
    width = (WIDTH - (columns - 1) * GAP) / columns
    shapes = []
    for place, name in enumerate(names):
        left, top = (place % columns) * (width + GAP), (place // columns) * (CELL + GAP)
        path = f"M{_n(left)} {_n(top)}h{_n(width)}v{_n(CELL)}h-{_n(width)}z"
        shapes.append(Shape(name, path, (left + width / 2, top + CELL / 2)))
    rows = max(1, -(-len(names) // columns))
    return Drawing(WIDTH, rows * (CELL + GAP) - GAP, tuple(shapes), synthetic=True)


def inner_point(rings: Sequence[Ring]) -> Point:
    """A point inside, in the middle of the widest place among a few heights."""
    bottom, top = (pick(y for ring in rings for _, y in ring) for pick in (min, max))
    best: tuple[float, Point] | None = None
    for part in (0.5, 0.25, 0.75, 0.375, 0.625, 0.1, 0.9):
        y = bottom + (top - bottom) * part
        crossed = sorted(x for ring in rings for x in _crossings(ring, y))
        for left, right in zip(crossed[::2], crossed[1::2], strict=False):
            if best is None or right - left > best[0] * 1.2:
                best = right - left, ((left + right) / 2, y)
    return best[1] if best is not None else rings[0][0]


def simplified(ring: Ring, tolerance: float) -> Ring:
    """The ring with the points that matter: none that is left out is further than `tolerance` from
    the lines that stay."""
    if len(ring) < 4:
        return ring
    # A ring has no ends: the point that is furthest from the first one is as good as one.
    first = ring[0]
    middle = max(range(len(ring)), key=lambda n: math.dist(first, ring[n]))
    whole = [*ring, first]
    kept = {0, middle, len(ring)}
    waiting = [(0, middle), (middle, len(ring))]
    while waiting:
        start, end = waiting.pop()
        furthest, distance = start, tolerance
        for n in range(start + 1, end):
            if (found := _distance(whole[n], whole[start], whole[end])) > distance:
                furthest, distance = n, found
        if furthest != start:
            kept.add(furthest)
            waiting += [(start, furthest), (furthest, end)]
    return tuple(whole[n] for n in sorted(kept) if n < len(ring))


def _distance(point: Point, start: Point, end: Point) -> float:
    """From a point to a line between two others."""
    along, across = end[0] - start[0], end[1] - start[1]
    length = along * along + across * across
    if length == 0:
        return math.dist(point, start)
    part = ((point[0] - start[0]) * along + (point[1] - start[1]) * across) / length
    part = min(1.0, max(0.0, part))
    return math.dist(point, (start[0] + part * along, start[1] + part * across))


def _crossings(ring: Ring, y: float) -> Iterator[float]:
    for (x1, y1), (x2, y2) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (y1 <= y) != (y2 <= y):
            yield x1 + (y - y1) * (x2 - x1) / (y2 - y1)


def _shape(name: str, rings: Sequence[Ring], tolerance: float) -> Shape:
    at = inner_point(rings)
    lines = [line for ring in rings if (line := _line(simplified(ring, tolerance)))]
    if not lines:
        half = SMALLEST / 2
        lines = [
            f"M{_n(at[0] - half)} {_n(at[1] - half)}h{_n(SMALLEST)}v{_n(SMALLEST)}h-{_n(SMALLEST)}z"
        ]
    return Shape(name, "".join(lines), at)


def _line(ring: Ring) -> str:
    """A ring in tenths of pixels; "" where nothing of it would be seen."""
    points: list[tuple[str, str]] = []
    for x, y in ring:
        if (point := (_n(x), _n(y))) not in points[-1:]:
            points.append(point)
    if len(points) < 3:
        return ""
    return "M" + "L".join(f"{x} {y}" for x, y in points) + "z"


def _n(value: float) -> str:
    written = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if written in ("-0", "") else written


@dataclass(frozen=True)
class _View:
    """How degrees become pixels."""

    west: float
    north: float
    across: float  # pixels a degree of longitude
    down: float  # pixels a degree of latitude
    width: float
    height: float

    @classmethod
    def of(cls, outlines: Sequence[Outline]) -> "_View":
        easts = [x for outline in outlines for ring in outline.rings for x, _ in ring]
        norths = [y for outline in outlines for ring in outline.rings for _, y in ring]
        west, east, south, north = min(easts), max(easts), min(norths), max(norths)
        narrow = max(0.01, math.cos(math.radians((south + north) / 2)))
        wide, high = max((east - west) * narrow, 1e-6), max(north - south, 1e-6)
        scale = min((WIDTH - 2 * MARGIN) / wide, (HIGHEST - 2 * MARGIN) / high)
        return cls(
            west,
            north,
            scale * narrow,
            scale,
            round(wide * scale + 2 * MARGIN, 1),
            round(high * scale + 2 * MARGIN, 1),
        )

    def ring(self, ring: Ring) -> Ring:
        """In pixels; points that fall on the same quarter of a pixel as the last one go."""
        placed: list[Point] = []
        last: tuple[int, int] | None = None
        for x, y in ring:
            point = (
                MARGIN + (x - self.west) * self.across,
                MARGIN + (self.north - y) * self.down,
            )
            if (near := (round(point[0] * 4), round(point[1] * 4))) != last:
                placed.append(point)
                last = near
        return tuple(placed)


def by_name(outlines: Mapping[str, Outline], names: Sequence[str]) -> list[Outline]:
    """Those of these names that are known."""
    return [outlines[name] for name in names if name in outlines]

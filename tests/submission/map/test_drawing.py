"""Outlines as a drawing: nothing that is seen is lost, and it stays small."""

import math
import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submission.map.drawing import (
    CELL,
    FINEST,
    HIGHEST,
    LARGEST,
    WIDTH,
    drawn,
    grid,
    inner_point,
    simplified,
)
from submission.map.outlines import Outline, Point, Ring

COORDINATE = st.floats(-80, 80, allow_nan=False)
POINTS = st.tuples(COORDINATE, COORDINATE)
RINGS = st.lists(POINTS, min_size=3, max_size=40, unique=True).map(tuple)


def far(point: Point, line: Sequence[Point]) -> float:
    """How far a point is from a closed line."""

    def from_part(start: Point, end: Point) -> float:
        along = (end[0] - start[0], end[1] - start[1])
        length = along[0] ** 2 + along[1] ** 2
        part = 0.0
        if length:
            part = ((point[0] - start[0]) * along[0] + (point[1] - start[1]) * along[1]) / length
        part = min(1.0, max(0.0, part))
        return math.dist(point, (start[0] + part * along[0], start[1] + part * along[1]))

    return min(from_part(a, b) for a, b in zip(line, (*line[1:], line[0]), strict=True))


def wavy(points: int, radius: float = 1.0, east: float = 2.0, north: float = 50.0) -> Ring:
    """A coast of so many points."""
    return tuple(
        (
            east + radius * math.cos(turn) * (1 + 0.02 * math.sin(37 * turn)),
            north + radius * math.sin(turn) * (1 + 0.02 * math.sin(41 * turn)),
        )
        for turn in (2 * math.pi * n / points for n in range(points))
    )


def points_of(path: str) -> list[Point]:
    """The points of a path that goes from one to the next."""
    found = re.findall(r"(-?[\d.]+) (-?[\d.]+)", path)
    return [(float(x), float(y)) for x, y in found]


@given(RINGS, st.floats(0.01, 30))
def test_no_point_that_is_left_out_is_further_than_the_tolerance(
    ring: Ring, tolerance: float
) -> None:
    found = simplified(ring, tolerance)
    assert set(found) <= set(ring)
    assert [point for point in ring if point in set(found)] == list(found), "in their order"
    assert all(far(point, found) <= tolerance * 1.000001 for point in ring)


@given(st.lists(RINGS, min_size=1, max_size=4))
def test_every_outline_is_in_the_view_and_is_seen(rings: list[Ring]) -> None:
    outlines = [Outline(f"t{n}", (ring,)) for n, ring in enumerate(rings)]
    found = drawn(outlines)
    assert 0 < found.width <= WIDTH and 0 < found.height <= HIGHEST and not found.synthetic
    assert [shape.name for shape in found.shapes] == [outline.name for outline in outlines]
    for shape in found.shapes:
        assert shape.path.startswith("M") and shape.path.endswith("z")
        for x, y in points_of(shape.path):
            assert -4 <= x <= found.width + 4 and -4 <= y <= found.height + 4


def test_north_is_up_and_east_is_right() -> None:
    def square(east: float, north: float) -> Outline:
        ring = ((east, north), (east + 1, north), (east + 1, north + 1), (east, north + 1))
        return Outline(f"{east},{north}", (ring,))

    west, east, north = drawn([square(0, 44), square(2, 44), square(0, 46)]).shapes
    assert west.at[0] < east.at[0] and north.at[1] < west.at[1]
    assert math.isclose(west.at[1], east.at[1]) and math.isclose(west.at[0], north.at[0])


def test_a_degree_of_longitude_is_shorter_in_the_north() -> None:
    ring = ((0.0, 59.5), (1.0, 59.5), (1.0, 60.5), (0.0, 60.5))
    found = drawn([Outline("a", (ring,))])
    assert math.isclose(found.width / found.height, 0.5, rel_tol=0.05)


@pytest.mark.parametrize("many", [1, 500])
def test_a_drawing_stays_small_however_many_points_there_are(many: int) -> None:
    outlines = [
        Outline(f"t{n}", (wavy(200_000 // many, 0.1, n % 25 * 0.2, 45 + n // 25 * 0.2),))
        for n in range(many)
    ]
    found = drawn(outlines)
    assert sum(len(shape.path) for shape in found.shapes) <= LARGEST
    assert len(found.shapes) == many


def test_a_fine_coast_stays_within_half_a_pixel() -> None:
    ring = wavy(2_000)
    found = drawn([Outline("a", (ring,))])
    line = points_of(found.shapes[0].path)
    assert 20 < len(line) < 1_000
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    scale = math.cos(math.radians((min(ys) + max(ys)) / 2))
    pixels = (found.height - 16) / (max(ys) - min(ys))
    placed = [(8 + (x - min(xs)) * scale * pixels, 8 + (max(ys) - y) * pixels) for x, y in ring]
    assert max(far(point, line) for point in placed) <= FINEST + 0.4, "rounded to a tenth, and less"


def test_an_island_that_is_smaller_than_a_pixel_is_seen() -> None:
    tiny = tuple((4 + x / 1e6, 50 + y / 1e6) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1)))
    large, small = drawn([Outline("a", (wavy(40),)), Outline("b", (tiny,))]).shapes
    assert "h6v6h-6z" in small.path
    assert "h6v6h-6z" not in large.path


def test_a_hole_is_no_part_of_a_territory() -> None:
    outer = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))
    inner = ((2.0, 1.0), (8.0, 1.0), (8.0, 9.0), (2.0, 9.0))
    [shape] = drawn([Outline("a", (outer, inner))]).shapes
    assert shape.path.count("M") == 2
    x, y = inner_point((outer, inner))
    assert not (2 < x < 8 and 1 < y < 9) and 0 < x < 10 and 0 < y < 10


@given(RINGS)
def test_the_number_stands_inside(ring: Ring) -> None:
    x, y = inner_point((ring,))
    assert min(p[0] for p in ring) <= x <= max(p[0] for p in ring)
    assert min(p[1] for p in ring) <= y <= max(p[1] for p in ring)


@given(st.integers(1, 200))
def test_cells_do_not_overlap_and_each_name_has_one(many: int) -> None:
    names = [f"t{n}" for n in range(many)]
    found = grid(names)
    assert found.synthetic and [shape.name for shape in found.shapes] == names
    assert len({shape.at for shape in found.shapes}) == many
    for shape in found.shapes:
        assert 0 < shape.at[0] < found.width and 0 < shape.at[1] < found.height
    rows = sorted({shape.at[1] for shape in found.shapes})
    assert all(b - a >= CELL for a, b in pairwise(rows))


@pytest.mark.parametrize("latitude", [-90.0, 0.0, 90.0])
def test_a_place_without_extent_is_drawn_all_the_same(latitude: float) -> None:
    ring = ((1.0, latitude),) * 4
    found = drawn([Outline("a", (ring,))])
    assert found.width > 0 and found.height > 0 and found.shapes[0].path

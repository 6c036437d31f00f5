"""Paths of tiles have one form; what is beyond a tree's size does not exist."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.tiles import Tile, bundles, grouped, read_path, tree_tiles
from ledger_audit.export import tile_path
from tests.ledger.test_tree import grown

TILES = st.builds(
    Tile,
    st.one_of(st.none(), st.integers(0, 63)),
    st.integers(0, 10**12),
    st.integers(1, 256),
)


@given(TILES)
def test_a_path_is_read_as_it_was_written_by_us_and_by_the_auditor(tile: Tile) -> None:
    assert read_path(tile.path) == tile
    level = "entries" if tile.level is None else str(tile.level)
    assert tile_path(level, tile.index, tile.width) == f"tile/{tile.path}"


def test_numbers_stand_in_groups_of_three() -> None:
    assert grouped(1234067) == "x001/x234/067"
    assert [grouped(n) for n in (0, 999, 1000)] == ["000", "999", "x001/000"]


@pytest.mark.parametrize(
    "path",
    [
        *("", "0", "0/", "0/0", "0/0000", "00/000", "64/000", "-1/000", "a/000", "0/x000/000"),
        *("0/000.p/0", "0/000.p/256", "0/000.p/01", "0/000.p/", "0/000.p/1000", "0/000/", "0/001 "),
        *("entries", "entries/x001", "ENTRIES/000", "entries/000.p", "0/٣٣٣", "0/../0/000"),
    ],
)
def test_another_form_is_no_path(path: str) -> None:
    assert read_path(path) is None


@given(st.text(max_size=30))
def test_anything_else_is_refused_and_never_crashes(path: str) -> None:
    assert read_path(path) is None or path[:1].isdigit() or path.startswith("entries/")


@given(st.integers(0, 3000))
def test_the_tiles_of_a_tree_are_those_that_were_written(size: int) -> None:
    written = grown(size)[1]
    found = {(tile.level, tile.index): tile.width for tile in tree_tiles(size)}
    assert found == {(key.level, key.index): len(tile) // 32 for key, tile in written.items()}
    assert all(tile.within(size) for tile in (*tree_tiles(size), *bundles(size)))
    assert sum(bundle.width for bundle in bundles(size)) == size


@given(st.integers(0, 3000), TILES)
def test_a_tile_within_a_tree_is_no_wider_than_what_the_tree_has(size: int, tile: Tile) -> None:
    at = {(t.level, t.index): t.width for t in (*tree_tiles(size), *bundles(size))}
    assert tile.within(size) == (tile.width <= at.get((tile.level, tile.index), 0))

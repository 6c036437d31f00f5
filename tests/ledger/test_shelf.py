"""What readers' processes remember: full tiles, and never more than they may."""

import pytest

from ledger.shelf import Shelf
from ledger.tiles import Tile
from ledger.tree import HASH, WIDTH

FULL = bytes(range(256)) * HASH


def test_only_full_tiles_stay() -> None:
    shelf = Shelf()
    shelf.put("a", Tile(0, 0, 5), FULL[: 5 * HASH])
    assert shelf.take("a", Tile(0, 0, 5)) is None
    shelf.put("a", Tile(0, 0, 5), FULL)  # a narrow one was asked for, and it was full by then
    assert shelf.take("a", Tile(0, 0, 5)) == FULL[: 5 * HASH]
    assert shelf.take("a", Tile(0, 0)) == FULL
    for other in (Tile(0, 1), Tile(1, 0)):
        assert shelf.take("a", other) is None
    assert shelf.take("b", Tile(0, 0)) is None


def test_those_go_that_nobody_asked_for_longest() -> None:
    shelf = Shelf(3)
    for index in (0, 1, 2):
        shelf.put("a", Tile(0, index), FULL)
    assert shelf.take("a", Tile(0, 0))
    shelf.put("a", Tile(0, 3), FULL)
    assert len(shelf) == 3
    assert [bool(shelf.take("a", Tile(0, index))) for index in range(4)] == [1, 0, 1, 1]


@pytest.mark.parametrize("size", [0, 255, 256, 300])
def test_what_was_published_stays_published(size: int) -> None:
    shelf = Shelf()
    assert not shelf.has_published("a", Tile(0, 0))
    shelf.saw("a", size)
    shelf.saw("a", 100)  # from a replica that is behind, or a slower request
    for width in (1, 100, 101, 255, WIDTH):
        assert shelf.has_published("a", Tile(0, 0, width)) == (width <= max(size, 100))
    assert not shelf.has_published("b", Tile(0, 0, 1))

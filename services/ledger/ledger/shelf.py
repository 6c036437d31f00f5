"""What a reader's process keeps in memory: full hash tiles, which never change, and how far each
log is published at least."""

from collections import OrderedDict

from ledger.tiles import Tile
from ledger.tree import HASH, WIDTH, TileKey

# 32 MiB: all the tiles of a million entries.
MOST = 4096


class Shelf:
    """Tiles by log and place; of more than `most`, those go that were not asked for longest."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._tiles = OrderedDict[tuple[str, TileKey], bytes]()
        self._sizes: dict[str, int] = {}

    def saw(self, log: str, size: int) -> None:
        """A log is published at least so far. What once was published stays so."""
        self._sizes[log] = max(size, self._sizes.get(log, 0))

    def has_published(self, log: str, tile: Tile) -> bool:
        """Whether this tile is known to be published; else the database knows."""
        return tile.within(self._sizes.get(log, 0))

    def take(self, log: str, tile: Tile) -> bytes | None:
        """A hash tile, whole or the part of it that is asked for, if it is here."""
        key = (log, _key(tile))
        if (found := self._tiles.get(key)) is None:
            return None
        self._tiles.move_to_end(key)
        return found if tile.width == WIDTH else found[: tile.width * HASH]

    def put(self, log: str, tile: Tile, stored: bytes) -> None:
        """Keep a hash tile as it is stored, if it is full: a partial one still grows."""
        if len(stored) != WIDTH * HASH:
            return
        self._tiles[log, _key(tile)] = stored
        if len(self._tiles) > self._most:
            self._tiles.popitem(last=False)

    def __len__(self) -> int:
        return len(self._tiles)


def _key(tile: Tile) -> TileKey:
    return TileKey(tile.level or 0, tile.index)

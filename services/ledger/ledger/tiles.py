"""Paths of tiles and entry bundles (C2SP tlog-tiles v0.1.0): read, written, and how wide."""

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ledger.tree import WIDTH

ENTRIES = "entries"
LONGEST_ENTRY = 0xFFFF
_PATH = re.compile(
    r"(?P<level>entries|0|[1-9]|[1-5][0-9]|6[0-3])/(?P<index>(x[0-9]{3}/){0,6}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile, or with `level` None a bundle of entries; below full width it is partial."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Its path below `/tile/`."""
        level = ENTRIES if self.level is None else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"{level}/{grouped(self.index)}{partial}"

    def within(self, size: int) -> bool:
        """Whether a tree of this size has it. A partial tile stays once wider ones exist."""
        return self.index * WIDTH + self.width <= size >> (8 * (self.level or 0))


def grouped(index: int) -> str:
    """A tile's number in groups of three digits, all but the last prefixed: 1234067 is
    x001/x234/067."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03d}")
    return "/".join(reversed(groups))


def read_path(path: str) -> Tile | None:
    """The tile of a path below `/tile/`, or None where it is not in its one form."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    index = int(found["index"].replace("x", "").replace("/", ""))
    tile = Tile(
        level=None if found["level"] == ENTRIES else int(found["level"]),
        index=index,
        width=int(found["width"] or WIDTH),
    )
    return tile if tile.path == path else None


def tree_tiles(size: int) -> Iterator[Tile]:
    """Every hash tile of a tree of this size, level by level; empty ones do not exist."""
    level = 0
    while count := size >> (8 * level):
        yield from _row(level, count)
        level += 1


def bundles(size: int) -> Iterator[Tile]:
    """Every bundle of entries of a tree of this size."""
    yield from _row(None, size)


def _row(level: int | None, count: int) -> Iterator[Tile]:
    yield from (Tile(level, index) for index in range(count // WIDTH))
    if count % WIDTH:
        yield Tile(level, count // WIDTH, count % WIDTH)


def bundle(entries: Iterable[bytes]) -> bytes:
    """A bundle's bytes: each entry behind its length in 16 bits."""
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)

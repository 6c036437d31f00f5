"""A log as somebody published it, in the paths of C2SP tiles."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ledger_audit.errors import Absent, Tampered, Unreachable
from ledger_audit.keys import Checkpoint, Malformed
from ledger_audit.notes import parsed, split
from ledger_audit.sources import Files, Missing, Place, content, files
from ledger_audit.tree import HASH, WIDTH, leaf_hash, tree_hash

ENTRIES = "entries"


class Part(NamedTuple):
    """Where a bundle of entries is, for `entries_of` in any process; `root` is the one that it must
    have, where that is known. One of which it is known too holds ballots and openings `alone`."""

    number: int
    width: int
    place: Place | bytes | None
    root: bytes | None = None
    alone: bool = False


class Export:
    """A log as somebody else published it: nothing in it is believed yet.

    Entries are read when they are asked for, a bundle at a time, so that a log of any size fits.
    """

    def __init__(self, source: str, files: Files) -> None:
        self.source = source
        self._files = files
        self.note = b""
        self.refresh()

    def refresh(self) -> None:
        """Read the checkpoint again, since a log grows. Raises `Unreachable`."""
        try:
            self.note = content(self._files.place("checkpoint"))
        except Missing:
            raise Unreachable(f"{self.source} has no checkpoint: it is not a log") from None

    @property
    def files(self) -> Files:
        """Where it is read from."""
        return self._files

    @property
    def claimed(self) -> Checkpoint:
        """What the checkpoint says, its signature not yet looked at."""
        try:
            return parsed(split(self.note)[0])
        except Malformed as error:
            raise Tampered(1, str(error)) from None

    @property
    def vkey(self) -> str | None:
        """The key that lies beside an archive: good for a look, never for trust."""
        try:
            return content(self._files.place("vkey")).decode(errors="replace").strip()
        except Missing:
            return None

    def file(self, path: str) -> bytes:
        """Another file of it. Raises `Missing`."""
        return content(self._files.place(path))

    def entries(self) -> Iterator[bytes]:
        """All entries in order. Raises `Tampered` where a bundle is not what the size asks for."""
        size = self.claimed.size
        for number in range(-(-size // WIDTH)):
            width = min(WIDTH, size - number * WIDTH)
            yield from unbundled(self.bundle(number, width), number * WIDTH, width)

    def parts(self) -> Iterator[Part]:
        """All bundles in order."""
        size = self.claimed.size
        for number in range(-(-size // WIDTH)):
            yield self.part(number, min(WIDTH, size - number * WIDTH))

    def part(self, number: int, width: int) -> Part:
        """One bundle."""
        return Part(number, width, self.place(ENTRIES, number, width))

    def entry(self, index: int) -> bytes:
        """One entry. Raises `Tampered` where its bundle is not what the size asks for."""
        number = index // WIDTH
        width = min(WIDTH, self.claimed.size - number * WIDTH)
        bundle = self.bundle(number, width)
        return [*unbundled(bundle, number * WIDTH, width)][index % WIDTH]

    def bundle(self, number: int, width: int) -> bytes:
        """A bundle of entries. Raises `Tampered` where it is missing."""
        return read_bundle(self.place(ENTRIES, number, width), number, width)

    def tile(self, level: int, number: int, width: int) -> bytes:
        """A hash tile. Raises `Tampered` where it is missing or has another width."""
        return read_tile(self.place(str(level), number, width), level, number, width)

    def place(self, level: str, number: int, width: int) -> Place | bytes | None:
        """Where a tile or bundle is, for `read_bundle` and `read_tile` in any process.

        A partial one is read at once, and where it is gone by now, what it was a part of.
        """
        try:
            found = self._files.place(tile_path(level, number, width))
            return found if width == WIDTH else content(found)
        except Missing:
            return None if width == WIDTH else self._part(level, number, width)

    def _part(self, level: str, number: int, width: int) -> bytes | None:
        """The beginning of a full tile or bundle (C2SP tlog-tiles, "Partial Tiles")."""
        try:
            whole = content(self._files.place(tile_path(level, number, WIDTH)))
        except Missing:
            return None
        if level != ENTRIES:
            return whole[: width * HASH]
        end = 0
        for _ in range(width):
            end += 2 + int.from_bytes(whole[end : end + 2])
        return whole[:end]


def read_bundle(place: Place | bytes | None, number: int, width: int) -> bytes:
    """A bundle's bytes. Raises `Tampered` where it is missing."""
    try:
        return _content(place)
    except Missing:
        path = tile_path(ENTRIES, number, width)
        raise Absent(2, f"{path} is missing", number * WIDTH) from None


def entries_of(part: Part) -> list[bytes]:
    """The entries of a bundle. Raises `Tampered` where it is missing, or has another root."""
    number, width, place, expected, _ = part
    entries = [*unbundled(read_bundle(place, number, width), number * WIDTH, width)]
    if expected is not None and tree_hash([*map(leaf_hash, entries)]) != expected:
        what = "its bundle is not the one that was verified a moment ago"
        raise Tampered(3, what, number * WIDTH)
    return entries


def read_tile(place: Place | bytes | None, level: int, number: int, width: int) -> bytes:
    """A hash tile's bytes. Raises `Tampered` where it is missing or has another width."""
    path, first = tile_path(str(level), number, width), number << 8 * (level + 1)
    try:
        found = _content(place)
    except Missing:
        raise Absent(7, f"{path} is missing", first) from None
    if len(found) != width * HASH:
        raise Tampered(7, f"{path} has {len(found)} bytes, not {width * HASH}", first)
    return found


def _content(place: Place | bytes | None) -> bytes:
    if place is None:
        raise Missing
    return content(place)


def read(source: str | Path) -> Export:
    """The log at a URL (`…/logs/<log>`), in a directory or in a tar. Raises `Unreachable`."""
    return Export(str(source), files(source))


def tile_path(level: str, number: int, width: int) -> str:
    """The path of a tile or bundle: its number in groups of three digits."""
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    prefixed = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"tile/{level}/{prefixed}" + ("" if width == WIDTH else f".p/{width}")


def unbundled(bundle: bytes, first: int, width: int) -> Iterator[bytes]:
    """The entries of a bundle. Raises `Tampered` where there are more, fewer or half ones."""
    at, end = 0, len(bundle)
    for index in range(first, first + width):
        start = at + 2
        at = start + int.from_bytes(bundle[at:start])
        if at > end or start > end:
            raise Tampered(2, "its bundle ends before it does", index)
        yield bundle[start:at]
    if at != end:
        raise Tampered(2, "its bundle has more than the checkpoint covers", first + width)

"""What stands on a cluster's disk as bytes: every file below its directory, whatever SQL shows.

A row that was deleted or moved stays in its page until somebody needs the room.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

PAGE = 8192
CHUNK = 1 << 20  # so much is read at once
_RELATION = re.compile(r"base/\d+/\d+")
# A segment of the write-ahead log: its timeline, and its number in two parts.
_SEGMENT = re.compile(r"pg_wal/[0-9A-F]{8}([0-9A-F]{8})([0-9A-F]{8})")
# A place in a file has fewer bits, and a double holds both exactly.
_LOOK = 1 << 40


class Needles[Who]:
    """Bytes that are somebody's, found in one pass over a file however many they are."""

    def __init__(self) -> None:
        self._begins = np.zeros(1 << 24, dtype=np.bool_)
        self._beginning = dict[bytes, list[tuple[bytes, Who]]]()

    def add(self, needle: bytes, who: Who) -> None:
        """Look for these, which are three at least, from now on."""
        self._begins[int.from_bytes(needle[:3])] = True
        self._beginning.setdefault(needle[:3], []).append((needle, who))

    def places(self, content: bytes) -> Iterator[tuple[int, Who]]:
        """Where whose are, in order."""
        for begin in range(0, len(content) - 2, CHUNK):
            read = np.frombuffer(content[begin : begin + CHUNK + 2], np.uint8).astype(np.uint32)
            threes = read[:-2] << 16 | read[1:-1] << 8 | read[2:]
            for at in (np.flatnonzero(self._begins[threes]) + begin).tolist():
                for needle, who in self._beginning[content[at : at + 3]]:
                    if content.startswith(needle, at):
                        yield at, who


class Found[Who](NamedTuple):
    """Somebody's bytes in a file of this name. The `order` of two is that in which they were
    written, if nothing moved them: from look to look, from page to page, and backwards in a page,
    which is filled from its end."""

    name: str
    who: Who
    order: float


class Disk[Who]:
    """A cluster's files. What did not change since the last look is not read again."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._known = dict[Path, tuple[int, int]]()
        self._looks = 0

    def look(self, needles: Needles[Who], relations: Mapping[str, str]) -> Iterator[Found[Who]]:
        """Whose bytes are in which file now. `relations` names the files of tables and indexes;
        others have the name of the directory that they are in."""
        self._looks += 1
        for file in sorted(self._directory.rglob("*")):
            try:
                now = file.stat()
                state = now.st_mtime_ns, now.st_size
                if not file.is_file() or self._known.get(file) == state:
                    continue
                content = file.read_bytes()
            except FileNotFoundError:  # PostgreSQL lives meanwhile
                continue
            self._known[file] = state
            path = file.relative_to(self._directory).as_posix()
            relation = _RELATION.match(path)
            name = relations.get(relation[0]) if relation else None
            for at, who in needles.places(content):
                order = self._looks * _LOOK + _place(path, at)
                yield Found(name or path.partition("/")[0], who, float(order))


def _place(path: str, at: int) -> int:
    if (segment := _SEGMENT.fullmatch(path)) is not None:
        return (int(segment[1], 16) << 32) + (int(segment[2], 16) << 24) + at
    page, inside = divmod(at, PAGE)
    return page * PAGE + PAGE - 1 - inside

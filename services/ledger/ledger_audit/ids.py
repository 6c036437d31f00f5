"""Every event id of a log, so that one which is there twice is found, in little memory.

Ids are put into drawers by their hash. What memory does not hold goes to a temporary SQLite file, a
drawer at a time; a drawer is small enough to be looked through whole.
"""

import sqlite3
from struct import Struct

from ledger_audit.errors import Unreachable

DRAWERS = 256
IN_MEMORY = 1_000_000
_ID = 16
_RECORD = Struct(">16sQ")
_IDS_ONLY = Struct(">16s8x")


class Ids:
    """Ids with the index of their entry."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self._most = in_memory
        self._held = 0
        self._drawers = [bytearray() for _ in range(DRAWERS)]
        self._dirty = set[int]()
        self._file: sqlite3.Connection | None = None

    @property
    def spilled(self) -> int:
        """The size of the temporary file in bytes; 0 while there is none."""
        if self._file is None:
            return 0
        (pages,) = self._file.execute("PRAGMA page_count").fetchone()
        (size,) = self._file.execute("PRAGMA page_size").fetchone()
        return int(pages) * int(size)

    def add(self, ids: bytes, first: int) -> None:
        """Ids end to end, of the entries from `first` on. Raises `Unreachable` with a full disk."""
        drawers, pack = self._drawers, _RECORD.pack
        for index, (identity,) in enumerate(_EACH.iter_unpack(ids), start=first):
            # Salted in every run: nobody can choose ids that all fall into one drawer.
            drawers[hash(identity) % DRAWERS] += pack(identity, index)
        self._held += len(ids) // _ID
        if self._held > self._most:
            try:
                self._spill()
            except sqlite3.Error as error:
                what = "the temporary file of ids cannot be written (SQLITE_TMPDIR says where)"
                raise Unreachable(f"{what}: {error}") from None

    def first_again(self) -> tuple[bytes, int] | None:
        """The first entry whose id is there before it, with that id; looks at what is new."""
        found: tuple[bytes, int] | None = None
        for number in range(DRAWERS):
            if not self._drawers[number] and number not in self._dirty:
                continue
            drawer = self._drawer(number)
            many = len(drawer) // _RECORD.size
            if len({identity for (identity,) in _IDS_ONLY.iter_unpack(drawer)}) < many:
                again = _first_again(drawer)
                if found is None or again[1] < found[1]:
                    found = again
        self._dirty.clear()
        return found

    def _spill(self) -> None:
        if self._file is None:
            # An empty name is a file that SQLite deletes itself, however the process ends.
            self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            self._file.execute("PRAGMA journal_mode=OFF")
            self._file.execute("PRAGMA cache_size=-2000")
            self._file.execute("CREATE TABLE part (drawer INTEGER, ids BLOB)")
            self._file.execute("CREATE INDEX by_drawer ON part (drawer)")
        self._dirty.update(n for n, drawer in enumerate(self._drawers) if drawer)
        self._file.execute("BEGIN")
        parts = [(n, bytes(drawer)) for n, drawer in enumerate(self._drawers) if drawer]
        self._file.executemany("INSERT INTO part VALUES (?, ?)", parts)
        self._file.execute("COMMIT")
        for drawer in self._drawers:
            drawer.clear()
        self._held = 0

    def _drawer(self, number: int) -> bytes:
        asked = "SELECT ids FROM part WHERE drawer = ? ORDER BY rowid"
        parts = [] if self._file is None else self._file.execute(asked, (number,)).fetchall()
        return b"".join([*(part for (part,) in parts), self._drawers[number]])

    def close(self) -> None:
        """Let the file go."""
        if self._file is not None:
            self._file.close()
            self._file = None


_EACH = Struct(">16s")


def _first_again(drawer: bytes) -> tuple[bytes, int]:
    seen = set[bytes]()
    for identity, index in _RECORD.iter_unpack(drawer):
        if identity in seen:
            return identity, index
        seen.add(identity)
    raise AssertionError("no id is there twice")

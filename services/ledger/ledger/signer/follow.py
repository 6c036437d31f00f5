"""One log, recomputed from the bytes that are committed: what the signer knows of it."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

from ledger.compact import CompactRange, Completed
from ledger.signer import queries
from ledger.signer.filled import Rotated, filled, rotated
from ledger.signer.queries import Connection, LogHead, Row
from shared.halted import Halted

AT_ONCE = 1000
_TILE = 256
_HASH = 32
_LEDGER, _PLATFORM = "ledger", "platform"


class Refusing(Halted):
    """What is stored may not be signed; the message says of which log, why, and what to do."""


class Follower:
    """Follows a log from its first entry; where anything disagrees it raises `Refusing`."""

    def __init__(self, log: str, mark: int = 0) -> None:
        """`marked` will be the numbers as they were at the size `mark`."""
        self.log = log
        self.numbers: dict[str, int] = {}
        self.marked: dict[str, int] = {}
        # The keys that the platform's log gives to logs.
        self.rotated: set[Rotated] = set()
        self._mark = mark
        # What it computed: hashes of perfect subtrees by level, and of the leaves beyond those.
        self.above: dict[int, bytearray] = {}
        self.edge: list[bytes] = []
        self._range = CompactRange()

    @property
    def size(self) -> int:
        """How many entries were recomputed."""
        return self._range.size

    def root(self) -> bytes:
        """The root hash of these."""
        return self._range.root()

    async def follow(
        self, connection: Connection, head: LogHead, signed: Mapping[int, bytes]
    ) -> None:
        """Recompute up to the head. `signed` has the roots that earlier sizes are known to have.

        1. Entries are contiguous, and say of themselves the publisher and number of their row.
        2. Each publisher's numbers are gapless, with those that the ledger's own entries fill.
        3. The tree had the roots that were signed before.
        4. The sequencer's tiles hold the hashes that come out here.
        5. The sequencer's root is the one that comes out here.
        """
        while self.size < head.size:
            end = min(self.size + AT_ONCE, head.size)
            rows = await queries.rows(connection, self.log, self.size, end)
            if len(rows) != end - self.size:
                raise Refusing(f"{self.log}: entries {self.size} to {end} are not all there")
            completed = [found for row in rows for found in self._take(row, signed)]
            await self._compare_tiles(connection, completed)
        if self.root() != head.root:
            raise Refusing(f"{self.log}: the sequencer's root of size {head.size} is another one")

    def _take(self, row: Row, signed: Mapping[int, bytes]) -> Sequence[Completed]:
        # 1.
        if row.index != self.size or _said(row.bytes) != (row.src, row.number):
            raise Refusing(f"{self.log}: entry {self.size} is not what its row says")
        # 2.
        if row.number != self.numbers.get(row.src, 0) + 1:
            raise Refusing(f"{self.log}: entry {row.index} breaks the numbers of {row.src}")
        self.numbers[row.src] = row.number
        if row.src == _LEDGER:
            self._fill(row)
        completed = self._range.append(row.bytes)
        self._remember(completed)
        if self.size == self._mark:
            self.marked = dict(self.numbers)
        # 3.
        if signed.get(self.size, root := self.root() if self.size in signed else b"") != root:
            raise Refusing(f"{self.log}: the root signed for size {self.size} is another one")
        return completed

    def _remember(self, completed: Sequence[Completed]) -> None:
        self.edge.append(completed[0].hash)
        for found in completed[1:]:
            self.above.setdefault(found.level, bytearray()).extend(found.hash)
            self.edge = []

    def _fill(self, row: Row) -> None:
        """Count the numbers that the ledger itself says have no event."""
        try:
            said = json.loads(row.bytes)
            found = filled(said)
            if self.log == _PLATFORM and (key := rotated(said)) is not None:
                self.rotated.add(key)
        except (ValueError, KeyError, TypeError):
            raise Refusing(f"{self.log}: entry {row.index} is not the ledger's") from None
        if found is None:
            return
        if found.first != self.numbers.get(found.src, 0) + 1 or found.final < found.first:
            raise Refusing(f"{self.log}: entry {row.index} breaks the numbers of {found.src}")
        self.numbers[found.src] = found.final

    async def _compare_tiles(self, connection: Connection, completed: Sequence[Completed]) -> None:
        # 4.
        expected = defaultdict[tuple[int, int], list[Completed]](list)
        for found in completed:
            expected[found.level, found.position // _TILE].append(found)
        stored = await queries.tiles(connection, self.log, expected.keys())
        for key, hashes in expected.items():
            tile = stored.get(key, b"")
            for found in hashes:
                at = found.position % _TILE * _HASH
                if tile[at : at + _HASH] != found.hash:
                    raise Refusing(
                        f"{self.log}: the tile of level {key[0]} at {key[1]} is wrong for entry"
                        f" {found.position << 8 * found.level}"
                    )


def _said(entry: bytes) -> tuple[str, int] | None:
    """Publisher and number as the entry itself says them, if it says anything."""
    try:
        leaf = json.loads(entry)
        return leaf["src"], leaf["number"]
    except (ValueError, KeyError, TypeError):
        return None

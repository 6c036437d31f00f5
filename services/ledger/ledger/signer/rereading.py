"""Reading again what was read before: a bit that flips later is found before the next signature.

Before each signature, and once a minute where there is none, of each log:
- every tile above the leaves', and the right edge: all hashes that later roots are made of;
- the entries since the last full bundle, and 32 full bundles with their tiles, in turn. So a log of
  up to 8,192 entries is read whole each time, and one of a million within 123 signatures.
"""

import hashlib
import time
from collections.abc import Sequence

from ledger.compact import CompactRange
from ledger.signer import queries
from ledger.signer.follow import Follower, Refusing
from ledger.signer.queries import Connection

BUNDLES = 32
_WIDTH = 256
_HASH = 32


class Rereading:
    """How far one log was read again."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self._next = 0
        # The follower has just read all of it.
        self.at = time.monotonic()

    async def look(self, connection: Connection) -> None:
        """Compare with what the follower computed. Raises `Refusing` where anything changed."""
        await self._look_above(connection)
        full = self._follower.size // _WIDTH
        await self._look_at(connection, full, full + 1)
        first = self._next if self._next < full else 0
        self._next = min(first + BUNDLES, full)
        await self._look_at(connection, first, self._next)
        self.at = time.monotonic()

    async def _look_above(self, connection: Connection) -> None:
        """The tiles above the leaves', from the hashes that were computed then."""
        expected = {
            (level, at // (_WIDTH * _HASH)): bytes(hashes[at : at + _WIDTH * _HASH])
            for level, hashes in self._follower.above.items()
            for at in range(0, len(hashes), _WIDTH * _HASH)
        }
        stored = await queries.tiles(connection, self._follower.log, expected)
        for key, hashes in expected.items():
            self._compare(*key, stored.get(key, b""), hashes)

    async def _look_at(self, connection: Connection, first: int, end: int) -> None:
        """Bundles of entries and the tiles of their leaves; the last one may be partial."""
        name, size = self._follower.log, self._follower.size
        rows = await queries.rows(connection, name, first * _WIDTH, min(end * _WIDTH, size))
        tiles = await queries.tiles(connection, name, [(0, bundle) for bundle in range(first, end)])
        for bundle in range(first, end):
            start = (bundle - first) * _WIDTH
            some = rows[start : start + _WIDTH]
            leaves = self._check_entries(bundle, [row.bytes for row in some])
            self._compare(0, bundle, tiles.get((0, bundle), b""), leaves)

    def _check_entries(self, bundle: int, entries: Sequence[bytes]) -> bytes:
        """The hashes of a bundle's entries, if these are still those that were followed."""
        tree = CompactRange()
        completed = [tree.append(entry) for entry in entries]
        leaves = b"".join(each[0].hash for each in completed)
        if bundle < self._follower.size // _WIDTH:
            place = bundle * _HASH
            whole = bytes(self._follower.above[1][place : place + _HASH])
            known = len(entries) == _WIDTH and completed[-1][-1].hash == whole
        else:
            known = leaves == b"".join(self._follower.edge)
        if not known:
            raise Refusing(
                f"{self._follower.log}: of the entries from {bundle * _WIDTH}, {_WIDTH} at most,"
                " one is no longer what it was when it was signed. Bring it back from an export or"
                " a mirror"
            )
        return leaves

    def _compare(self, level: int, index: int, stored: bytes, expected: bytes) -> None:
        """A tile may have grown since; what it had stays."""
        if stored[: len(expected)] != expected:
            raise Refusing(
                f"{self._follower.log}: the tile of level {level} at {index} is no longer what it"
                f" was ({hashlib.sha256(stored).hexdigest()[:16]} now). It follows from the"
                " entries: bring it back from an export or a mirror"
            )

"""The hashes by which a process sees for itself that an entry is in the ledger."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import ledger_audit
from ledger_audit.proofs import inclusion
from ledger_audit.tree import HASH, WIDTH, tree_hash


class Paths:
    """From the entries of a verified log to its root when it had so many entries."""

    def __init__(self, export: ledger_audit.Export, size: int) -> None:
        self._export = export
        self.size = size
        self._whole = export.claimed.size
        # Neighbours have nearly all of them in common.
        self._hash = lru_cache(10_000)(self._perfect)
        self._tile = lru_cache(16)(self._read)

    def entries(self) -> Iterator[tuple[int, bytes]]:
        """The entries that it had then, with their index."""
        return enumerate(islice(self._export.entries(), self.size))

    def proven(self, entries: Iterable[tuple[int, bytes]]) -> Iterator[dict[str, Any]]:
        """These entries, by their index, as a process takes them."""
        for index, entry in entries:
            path = [each.hex() for each in inclusion(index, self.size, self._hash)]
            yield {"index": index, "entry": entry.decode(), "path": path}

    def _perfect(self, first: int, height: int) -> bytes:
        level = height // 8
        number, start = divmod(first >> 8 * level, WIDTH)
        tile, end = self._tile(level, number), start + (1 << height % 8)
        return tree_hash([tile[at * HASH : (at + 1) * HASH] for at in range(start, end)])

    def _read(self, level: int, number: int) -> bytes:
        width = min(WIDTH, (self._whole >> 8 * level) - number * WIDTH)
        return self._export.tile(level, number, width)

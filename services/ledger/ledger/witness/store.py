"""What a witness must never forget, in one SQLite file: asked from one thread of its own."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate

from ledger.witness import queries


class Store:
    """The file of one witness, opened at the first question. A disk that is full or broken raises
    `sqlite3.Error`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="witness")
        self._connection: sqlite3.Connection | None = None

    async def ask[**P, T](
        self,
        query: Callable[Concatenate[sqlite3.Connection, P], T],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        """Run a query; what it changed is on the disk when this returns."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._thread, lambda: query(self._opened(), *arguments, **named)
        )

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._connection = queries.opened(self._directory / "witness.sqlite")
        return self._connection

    async def answers(self) -> bool:
        """Whether the file can be read."""
        try:
            await self.ask(queries.origins)
        except sqlite3.Error:
            return False
        return True

    async def close(self) -> None:
        """Close the file."""
        await self.ask(sqlite3.Connection.close)
        self._thread.shutdown()

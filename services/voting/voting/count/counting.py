"""The counting worker as count asks it: a process that lives for one count.

It gets rules and ballots through a pipe and has no address, no key and no connection: whatever a
rule makes it do, it can only answer. NumPy is loaded there alone.
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import asyncpg

from voting.count import queries
from voting.count.seats.queries import present
from voting.count.tables import Option, Round

# `-P` keeps the working directory out of the import path.
ARGV = (sys.executable, "-P", "-m", "voting.count.worker")
# An answer is a line; one decision in it is below 2,000 bytes, and there are 10,000 at most.
LARGEST_ANSWER = 64 * 1024 * 1024

# `{"result": …, "votes": …, "beside": …}`, or `{"tied": …}`.
type Counted = dict[str, Any]


class CountingFailed(Exception):
    """The worker did not answer, or said that it cannot count this."""


class Worker:
    """One count: `send`, then `answer`. Leaving it ends the process, whatever it is doing."""

    def __init__(self) -> None:
        self._process: Process

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *ARGV, stdin=PIPE, stdout=PIPE, env={}, limit=LARGEST_ANSWER
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def send(
        self, connection: asyncpg.Connection, row: Round, options: Sequence[Option]
    ) -> None:
        """Rules and ballots, as they stand in the caller's transaction; options by number."""
        unread = await queries.unread(connection, row.round_id)
        count = {
            "rule": row.rule,
            "format": row.format,
            "options": [option.seen for option in options],
            "answers": row.answers or [],
            "unread": unread,
            "present": await present(connection, row),
        }
        await self._write({"count": count})
        async for ballot in queries.ballots(connection, row.round_id):
            await self._write([*ballot])
        await self._write(None)

    async def answer(self) -> Counted:
        """What was counted. Raises `CountingFailed`."""
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise CountingFailed(f"the counting process ended with {await self._process.wait()}")
        found: Counted = json.loads(line)
        if "error" in found:
            raise CountingFailed(found["error"])
        return found

    async def _write(self, what: Any) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(json.dumps(what).encode() + b"\n")
        try:
            await stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            status = await self._process.wait()
            raise CountingFailed(f"the counting process ended with {status}") from None

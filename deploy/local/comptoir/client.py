"""How the launcher speaks with the processes: any replica, the same bytes again while in doubt."""

import asyncio
import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import aiohttp

from comptoir.addresses import Addresses
from comptoir.errors import LauncherError

PATIENCE = 120.0
_IN_DOUBT = (502, 503, 504)


class Refused(LauncherError):
    """A process said no: status and stable code, and its sentence as the message."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{detail} ({status} {code})")
        self.status = status
        self.code = code


class Client:
    """A client of one platform. A request whose outcome is unknown is repeated as it was."""

    def __init__(self, addresses: Addresses, *, connections: int = 100) -> None:
        self.addresses = addresses
        self.repeated = 0
        # What count said of rounds that were open: their rules never change.
        self.opened: dict[UUID, Any] = {}
        self._connections = connections
        self._turns: dict[str, Iterator[str]] = {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, force_close=False),
            timeout=aiohttp.ClientTimeout(total=30, connect=5, sock_read=10),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, process: str, path: str) -> Any:
        """The JSON at a path."""
        return json.loads(await self.read(process, path))

    async def read(self, process: str, path: str) -> bytes:
        """The bytes at a path."""
        return await self._ask("GET", process, path, None, {})

    async def save(self, process: str, path: str, file: Path) -> None:
        """Write the bytes at a path to a file, piece by piece; from the start where that broke."""
        deadline = time.monotonic() + PATIENCE
        while True:
            url = self._next_url(process) + path
            try:
                if await self._saved(url, file):
                    return
                why: Exception | None = None
            except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
                why = error
            if time.monotonic() > deadline:
                raise LauncherError(f"{url} was not read to its end") from why
            self.repeated += 1
            await asyncio.sleep(0.1)

    async def _saved(self, url: str, file: Path) -> bool:
        """Whether the file is whole; false where the answer may be another one soon."""
        assert self._session is not None
        bound = aiohttp.ClientTimeout(connect=5, sock_read=10)
        with await asyncio.to_thread(file.open, "wb") as out:
            async with self._session.get(url, timeout=bound) as answer:
                if answer.status in _IN_DOUBT:
                    return False
                if answer.status >= 400:
                    raise _refused(answer.status, await answer.read())
                async for piece in answer.content.iter_chunked(2**20):
                    await asyncio.to_thread(out.write, piece)
        return True

    async def read_at(self, url: str) -> bytes:
        """The bytes at an address of one replica."""
        assert self._session is not None
        async with self._session.get(url) as answer:
            return await answer.read()

    async def post(self, process: str, path: str, body: Any = None) -> Any:
        """What a process answers to a resident or voter."""
        headers = {"Content-Type": "application/json"}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return json.loads(await self._ask("POST", process, path, data, headers))

    async def officer(self, process: str, path: str, body: Any = None, **headers: str) -> Any:
        """What a process answers to an officer's POST."""
        return await self._officer("POST", process, path, body, headers)

    async def officer_get(self, process: str, path: str) -> Any:
        """What a process shows to an officer."""
        key = {"Authorization": f"Bearer {self.addresses.desk_key(process)}"}
        return json.loads(await self._ask("GET", process, path, b"", key))

    async def officer_put(self, process: str, path: str, body: Any) -> Any:
        """What a process answers to an officer's PUT."""
        return await self._officer("PUT", process, path, body, {})

    async def _officer(
        self, method: str, process: str, path: str, body: Any, headers: dict[str, str]
    ) -> Any:
        key = {"Authorization": f"Bearer {self.addresses.desk_key(process)}"}
        sent = {"Content-Type": "application/json", **key, **headers}
        data = json.dumps(body).encode()
        return json.loads(await self._ask(method, process, path, data, sent))

    async def officer_until(self, process: str, path: str, body: Any, *codes: str) -> Any:
        """The same, asked again while it refuses with one of these codes: events are under way."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return await self.officer(process, path, body)
            except Refused as refused:
                if refused.code not in codes or time.monotonic() > deadline:
                    raise
            await asyncio.sleep(0.1)

    async def _ask(
        self, method: str, process: str, path: str, data: bytes | None, headers: dict[str, str]
    ) -> bytes:
        assert self._session is not None
        deadline = time.monotonic() + PATIENCE
        while True:
            url = self._next_url(process) + path
            try:
                async with self._session.request(method, url, data=data, headers=headers) as answer:
                    found = await answer.read()
                    if answer.status < 400:
                        return found
                    if answer.status not in _IN_DOUBT:
                        raise _refused(answer.status, found)
                    why: Exception | None = None
            except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
                why = error
            if time.monotonic() > deadline:
                raise LauncherError(f"{process} gives no answer at {path}") from why
            self.repeated += 1
            await asyncio.sleep(0.1)

    def _next_url(self, process: str) -> str:
        if process not in self._turns:
            self._turns[process] = itertools.cycle(self.addresses.urls(process))
        return next(self._turns[process])


def _refused(status: int, body: bytes) -> Refused:
    try:
        problem = json.loads(body)
        return Refused(status, problem["code"], problem["detail"])
    except (ValueError, KeyError, TypeError):
        return Refused(status, "unexpected", body[:200].decode(errors="replace"))

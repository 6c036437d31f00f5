"""The signer, put together: a socket, the files of its keys, and an end at SIGTERM."""

import asyncio
import json
import logging
import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

import uvloop
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.telemetry import log_json
from voting.signer.answering import answered
from voting.signer.keys import TierKeys

log = logging.getLogger("comptoir.signer")

NAME = "voting.signer"
LONGEST_LINE = 2048
USAGE = f"usage: python -m {NAME} [health]"


class SignerSettings(BaseSettings):
    """`socket` is where the roll finds it: whoever may enter that directory and is of the socket's
    group can have anything signed. `keys` is the directory of the tier keys."""

    model_config = SettingsConfigDict(
        env_prefix="COMPTOIR_", frozen=True, hide_input_in_errors=True
    )

    socket: Path
    keys: Path


class AlreadyServed(Exception):
    """Another signer answers at this socket."""


def main() -> None:
    """Serve until SIGTERM; `health` asks the one that serves, and ends with 0 where it is well."""
    match sys.argv[1:]:
        case []:
            log_json(NAME)
            # A dump of this memory would be the keys.
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            settings = SignerSettings()
            uvloop.run(serve(settings))
        case ["health"]:
            sys.exit(asyncio.run(_health(SignerSettings().socket)))
        case _:
            sys.exit(USAGE)


async def serve(settings: SignerSettings) -> None:
    """Answer at the socket until SIGTERM or SIGINT."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    answering = Answering(settings.socket, TierKeys(settings.keys))
    await answering.begin()
    log.info("%s answers at %s", NAME, settings.socket)
    await stopping.wait()
    await answering.end()
    log.info("%s has stopped", NAME)


class Answering:
    """A socket at which questions are answered."""

    def __init__(self, socket: Path, keys: TierKeys) -> None:
        self._socket = socket
        self._keys = keys
        self._conversations: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def begin(self) -> None:
        """Answer whoever can open the socket: its user and its group. Raises `AlreadyServed`.

        A socket that was left behind by a signer that was killed is replaced.
        """
        with suppress(OSError):
            _, writer = await asyncio.open_unix_connection(self._socket)
            writer.close()
            raise AlreadyServed(f"a signer answers at {self._socket} already")
        before = os.umask(0o117)
        try:
            self._server = await asyncio.start_unix_server(
                self._converse, self._socket, limit=LONGEST_LINE
            )
        finally:
            os.umask(before)

    async def end(self) -> None:
        """Answer no more; conversations under way are ended."""
        if self._server is not None:
            self._server.close()
            self._socket.unlink(missing_ok=True)
            for writer in tuple(self._conversations):
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._conversations.add(writer)
        try:
            with suppress(OSError, ValueError):  # a line without end; who asked is gone
                while (line := await reader.readline()).endswith(b"\n"):
                    writer.write(await answered(self._keys, line))
                    await writer.drain()
                    await asyncio.sleep(0)  # who asks much lets others ask in between
        finally:
            self._conversations.discard(writer)
            writer.close()


async def _health(socket: Path) -> str | int:
    try:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_unix_connection(socket)
            writer.write(b'{"do":"health"}\n')
            answer = json.loads(await reader.readline())
            writer.close()
    except (OSError, TimeoutError, ValueError):
        return f"no signer answers at {socket}"
    return 0 if answer == {"status": "ready"} else f"it says {answer}"

"""AICS's witness, a process of its own on this machine."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from comptoir.waiting import until
from tests.foreign.clients import PYTHON

FOREIGN_NAME = "witness.foreign.example/w1"


@dataclass(frozen=True)
class Foreign:
    """AICS's witness: its key, and where it listens."""

    vkey: str
    url: str


@asynccontextmanager
async def foreign_witness(vkeys: Sequence[str], directory: Path) -> AsyncIterator[Foreign]:
    """It runs, and cosigns these logs."""
    config, program = directory / "witness.json", PYTHON / "aics-witness"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{free.getsockname()[1]}"

    async def run(*arguments: str) -> str:
        child = await asyncio.create_subprocess_exec(
            program, *arguments, "--config", config, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await child.communicate()
        assert child.returncode == 0
        return said.decode().strip()

    vkey = await run("init", "--name", FOREIGN_NAME, "--listen", listen)
    for each in vkeys:
        await run("add-log", "--origin", each.split("+")[0], "--vkey", each)
    with (directory / "witness.log").open("wb") as told:
        child = await asyncio.create_subprocess_exec(
            *(program, "serve", "--config", config), stdout=told, stderr=told
        )
    try:
        await until("the foreign witness", lambda: _listens(listen), bool)
        yield Foreign(vkey.splitlines()[-1], f"http://{listen}")
    finally:
        child.terminate()
        await child.wait()


async def _listens(listen: str) -> bool:
    host, _, port = listen.rpartition(":")
    try:
        _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True

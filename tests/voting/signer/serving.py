"""A signer in the loop of the test that asks it, at a socket of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from voting.signer.app import listen, stop
from voting.signer.keys import TierKeys


class Signing:
    """A signer that can be taken down and brought up."""

    def __init__(self, directory: Path) -> None:
        self.socket = directory / "signer"
        self.directory = directory / "tier-keys"
        self._server: asyncio.Server | None = None

    async def up(self) -> None:
        """Answer, with the keys as they are in their files."""
        self._server = await listen(self.socket, TierKeys(self.directory))

    async def down(self) -> None:
        """Answer no more."""
        if self._server is not None:
            await stop(self._server)
            self._server = None


@asynccontextmanager
async def signing(directory: Path) -> AsyncIterator[Signing]:
    """A signer with its socket and keys below a directory."""
    there = Signing(directory)
    await there.up()
    try:
        yield there
    finally:
        await there.down()

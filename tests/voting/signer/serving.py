"""A signer in the loop of the test that asks it, at a socket of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from voting.signer.app import Answering
from voting.signer.keys import TierKeys


class Signing:
    """A signer that can be taken down and brought up."""

    def __init__(self, directory: Path) -> None:
        self.socket = directory / "signer"
        self.directory = directory / "tier-keys"
        self._answering: Answering | None = None

    async def up(self) -> None:
        """Answer, with the keys as they are in their files."""
        answering = Answering(self.socket, TierKeys(self.directory))
        await answering.begin()
        self._answering = answering

    async def down(self) -> None:
        """Answer no more."""
        if self._answering is not None:
            await self._answering.end()
            self._answering = None


@asynccontextmanager
async def signing(directory: Path) -> AsyncIterator[Signing]:
    """A signer with its socket and keys below a directory."""
    there = Signing(directory)
    await there.up()
    try:
        yield there
    finally:
        await there.down()

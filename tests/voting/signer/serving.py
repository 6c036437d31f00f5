"""A signer in the loop of the test that asks it, at its own socket, whose keys are used again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from voting.signer.app import Answering
from voting.signer.keys import TierKeys, new_key

# A round has four tiers at most; tests of two rounds mostly want two keys of each.
SPARE = 12

_spare = list[RSAPrivateKey]()
_asked = count()


def spare_key() -> RSAPrivateKey:
    """A real key, which a round of an earlier test may have had: making one for each tier of each
    test takes a fifth of a second of a processor and more."""
    if len(_spare) < SPARE:
        made = new_key()
        _spare.append(made)
        return made
    return _spare[next(_asked) % SPARE]


class Signing:
    """A signer that can be taken down and brought up."""

    def __init__(self, directory: Path) -> None:
        self.socket = directory / "signer"
        self.directory = directory / "tier-keys"
        self._answering: Answering | None = None

    async def up(self) -> None:
        """Answer, with the keys as they are in their files."""
        answering = Answering(self.socket, TierKeys(self.directory, spare_key))
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

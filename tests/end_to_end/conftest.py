"""A platform of real parts: one replica of each process for what people do, two for what dies.

To start one takes a minute and more of a core, and an idle one half a core: modules that leave it
as a platform should be share it, and whoever has one of her own ends it before.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from comptoir.client import Client
from comptoir.stack import Stack
from tests.backends import passable_directory


class Platform:
    """The whole platform, as `comptoir up` starts it, from the first who asks until it is ended."""

    def __init__(self) -> None:
        self._stack: Stack | None = None
        self._entered = AsyncExitStack()

    async def running(self) -> Stack:
        """It, started where it is not running."""
        if self._stack is None:
            directory = self._entered.enter_context(passable_directory())
            self._stack = await self._entered.enter_async_context(Stack(directory / "state"))
        return self._stack

    async def end(self) -> None:
        """Stop it, and leave nothing."""
        self._stack = None
        await self._entered.aclose()


@pytest.fixture(scope="package")
async def platform() -> AsyncIterator[Platform]:
    """What the modules of a worker share, one after another."""
    platform = Platform()
    yield platform
    await platform.end()


@pytest.fixture(scope="module")
async def stack(platform: Platform) -> Stack:
    """The whole platform. Others have been on it, and will be."""
    return await platform.running()


@pytest.fixture(scope="module")
async def alone(platform: Platform) -> None:
    """Nothing of the shared platform is running: for a module with one of its own."""
    await platform.end()


@pytest.fixture
def state(stack: Stack) -> str:
    """The state directory, by which a command finds the platform."""
    return str(stack.state.directory)


@pytest.fixture(scope="module")
async def client(stack: Stack) -> AsyncIterator[Client]:
    """Somebody who speaks with it."""
    async with Client(stack.addresses) as client:
        yield client

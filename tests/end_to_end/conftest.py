"""A platform of real parts: one replica of each process for what people do, two for what dies."""

from collections.abc import AsyncIterator

import pytest

from comptoir.client import Client
from comptoir.stack import Stack
from tests.backends import passable_directory


# No longer: ten processes look for work all the time, and other modules start others beside them.
@pytest.fixture(scope="module")
async def stack() -> AsyncIterator[Stack]:
    """The whole platform, as `comptoir up` starts it."""
    with passable_directory() as directory:
        async with Stack(directory / "state") as stack:
            yield stack


@pytest.fixture
def state(stack: Stack) -> str:
    """The state directory, by which a command finds the platform."""
    return str(stack.state.directory)


@pytest.fixture(scope="module")
async def client(stack: Stack) -> AsyncIterator[Client]:
    """Somebody who speaks with it."""
    async with Client(stack.addresses) as client:
        yield client

"""One platform and one Chromium for all that is done in a browser."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from comptoir.client import Client
from comptoir.stack import Stack
from tests.backends import passable_directory
from tests.chromium import launched


@pytest.fixture(scope="package")
async def stack() -> AsyncIterator[Stack]:
    """The whole platform, as `comptoir up` starts it."""
    with passable_directory() as directory:
        async with Stack(directory / "state") as stack:
            yield stack


@pytest.fixture(scope="package")
async def client(stack: Stack) -> AsyncIterator[Client]:
    """Somebody who speaks with it."""
    async with Client(stack.addresses) as client:
        yield client


@pytest.fixture(scope="package")
async def chromium() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser

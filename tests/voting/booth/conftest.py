"""The booth beside the processes that it asks."""

from collections.abc import AsyncIterator

import pytest

from tests.backends import Databases
from tests.voting.booth.town import Town, held


@pytest.fixture(scope="module")
async def town(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    """One for all tests of a module: each has rounds of its own."""
    async with held(databases.make, tmp_path_factory.mktemp("booth")) as town:
        yield town

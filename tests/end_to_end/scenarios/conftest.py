"""A stage on the whole platform, for the scenarios of one module."""

from collections.abc import AsyncIterator

import pytest

from comptoir.scenarios.stage import Stage, staged
from comptoir.stack import Stack
from tests.end_to_end.elections import silent


@pytest.fixture(scope="module")
async def stage(stack: Stack) -> AsyncIterator[Stage]:
    """Where a scenario is played."""
    async with staged(stack.addresses, silent) as found:
        yield found

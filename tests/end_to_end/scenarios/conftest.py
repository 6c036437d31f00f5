"""A stage for the scenarios of one module, on the platform that the modules of a worker share.

They have nothing in common but its officers: `comptoir demo --all` holds them on one as well.
"""

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

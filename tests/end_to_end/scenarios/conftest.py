"""A platform that the scenarios of a process share, and a stage on it for those of one module.

They have nothing in common but its officers: `comptoir demo --all` holds them on one as well.
"""

from collections.abc import AsyncIterator

import pytest

from comptoir.scenarios.stage import Stage, staged
from comptoir.stack import Stack
from tests.backends import passable_directory
from tests.end_to_end.elections import silent


# As long as one scenario follows another: to start it takes as long as to hold one.
@pytest.fixture(scope="package")
async def stack() -> AsyncIterator[Stack]:
    """The whole platform, as `comptoir up` starts it."""
    with passable_directory() as directory:
        async with Stack(directory / "state") as stack:
            yield stack


@pytest.fixture(scope="module")
async def stage(stack: Stack) -> AsyncIterator[Stage]:
    """Where a scenario is played."""
    async with staged(stack.addresses, silent) as found:
        yield found

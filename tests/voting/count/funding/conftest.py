"""Grants on a served count: an edition whose charter says what follows a decision."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests.voting.count.conftest import ServedCount
from tests.voting.count.edition import Officers
from tests.voting.count.funding.held import Grants, granted


@pytest.fixture
async def officers(served_count: ServedCount) -> AsyncIterator[Officers]:
    async with AsyncExitStack() as exit_stack:
        yield Officers(served_count, exit_stack)


@pytest.fixture
async def grants(served_count: ServedCount, officers: Officers) -> Grants:
    """One project got 40,000 EUR of the residents' envelope; the result is final."""
    return await granted(served_count, officers)

"""The departmental box of initiatives of Meurthe-et-Moselle, from its charter to what was paid."""

import pytest

from comptoir.scenarios.bid_54 import hold
from comptoir.scenarios.held import Held
from comptoir.scenarios.stage import Stage

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
async def held(stage: Stage) -> Held:
    return await hold(stage)


def test_the_record_of_it_is_verified_and_counted_again(held: Held) -> None:
    assert held.verified, held.differences
    print(held)

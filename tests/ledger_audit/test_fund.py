"""Three rounds of a fund, each counted again from the entries that count announced: the yearly
envelope of each is the one that its opening says, and what it decided agrees."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.voting.count.conftest import ServedCount, served_count  # noqa: F401
from tests.voting.count.edition import Officers
from tests.voting.count.funding.held import YEAR, committee_of, fund, round_of
from tests.voting.count.test_desk import by_two
from tests.voting.count.test_seats import NAMES, NO, YES

ROUNDS = (
    ((15_000_00, 15_000_00, 12_000_00), YEAR, 3),
    ((15_000_00, 15_000_00, 15_000_00), 58_000_00, 3),
    ((15_000_00, 13_000_00, 10_000_00), 13_000_00, 1),
)


@pytest.fixture
async def officers(served_count: ServedCount) -> AsyncIterator[Officers]:  # noqa: F811
    async with AsyncExitStack() as exit_stack:
        yield Officers(served_count, exit_stack)


async def test_an_auditor_counts_three_rounds_of_a_fund_again(
    served_count: ServedCount,  # noqa: F811
    officers: Officers,
    tmp_path: Path,
) -> None:
    held = await committee_of(served_count, officers, fund())
    frozen = []
    for place, (costs, _, _) in enumerate(ROUNDS):
        await round_of(held, costs, 10 * place + 1)
        await held.open()
        for name in NAMES[:4]:
            no = {3: NO} if name == "Lila" and place == 2 else {}
            assert (await held.vote(name, {1: YES, 2: YES, 3: YES} | no)).status == 200
        await held.close()
        await by_two(held.one, held.other, held.edition, "validate-result")
        frozen.append(held.edition.options)
    found = await held.recounts(tmp_path, frozen)
    assert [(each.differences, each.agrees) for each in found] == [((), True)] * 3
    assert [each.budget for each in found] == [budget for _, budget, _ in ROUNDS]
    assert [len(each.funded) for each in found] == [funded for _, _, funded in ROUNDS]
    assert sum(each.spent for each in found) == YEAR

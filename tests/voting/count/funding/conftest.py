"""Grants on a served count: an edition whose charter says what follows a decision."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from copy import copy
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.backends import Database, Databases
from tests.voting.count.conftest import ServedCount, serving
from tests.voting.count.edition import Edition, Officers
from tests.voting.count.funding.held import Grants, granted


@pytest.fixture
async def officers(served_count: ServedCount) -> AsyncIterator[Officers]:
    async with AsyncExitStack() as exit_stack:
        yield Officers(served_count, exit_stack)


@dataclass(frozen=True)
class Kept:
    """What count has of a grant, with the keys that it knows, while nobody serves it."""

    database: Database
    keys: Path
    edition: Edition
    officers: Officers


@pytest.fixture(scope="package")
async def kept(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Kept]:
    """A grant that was decided once, at a desk that is closed since: each test has a copy."""
    made, keys = await databases.make("voting.count"), tmp_path_factory.mktemp("keys")
    async with serving(made, keys) as count, AsyncExitStack() as exit_stack:
        held = await granted(count, Officers(count, exit_stack))
    yield Kept(made, keys, held.edition, held.officers)
    await databases.drop(made)


@pytest.fixture
async def grants(databases: Databases, kept: Kept) -> AsyncIterator[Grants]:
    """One project got 40,000 EUR of the residents' envelope; the result is final."""
    made = await databases.copy(kept.database)
    async with serving(made, kept.keys) as count, AsyncExitStack() as exit_stack:
        edition, officers = copy(kept.edition), Officers(count, exit_stack)
        edition.count = count
        one, other = [await officers.signed_in(each) for each in kept.officers.ids.values()]
        yield Grants(edition, officers, one, other)
    await databases.drop(made)

"""Grants on a served count: an edition whose charter says what follows a decision."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from copy import copy
from dataclasses import dataclass, replace
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


@pytest.fixture(scope="package")
async def kept_signed(databases: Databases, kept: Kept) -> AsyncIterator[Kept]:
    """The same once its agreement is signed."""
    made = await databases.copy(kept.database)
    async with at_desk(replace(kept, database=made)) as held:
        await held.signed()
    yield replace(kept, database=made)
    await databases.drop(made)


@asynccontextmanager
async def at_desk(kept: Kept) -> AsyncIterator[Grants]:
    """What is kept, served, with its two officers."""
    async with serving(kept.database, kept.keys) as count, AsyncExitStack() as exit_stack:
        edition, officers = copy(kept.edition), Officers(count, exit_stack)
        edition.count = count
        one, other = [await officers.signed_in(each) for each in kept.officers.ids.values()]
        yield Grants(edition, officers, one, other)


@pytest.fixture
async def grants(databases: Databases, kept: Kept) -> AsyncIterator[Grants]:
    """One project got 40,000 EUR of the residents' envelope; the result is final."""
    made = await databases.copy(kept.database)
    async with at_desk(replace(kept, database=made)) as found:
        yield found
    await databases.drop(made)


@pytest.fixture
async def signed(databases: Databases, kept_signed: Kept) -> AsyncIterator[Grants]:
    """The same, confirmed by a deliberation, and its agreement with an association is signed."""
    made = await databases.copy(kept_signed.database)
    async with at_desk(replace(kept_signed, database=made)) as found:
        yield found
    await databases.drop(made)


@pytest.fixture
def at_step(request: pytest.FixtureRequest, step: str) -> Grants:
    """A grant at which a step can be taken: it is confirmed first, and all else comes later."""
    found: Grants = request.getfixturevalue("grants" if step == "confirm" else "signed")
    return found

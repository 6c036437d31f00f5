"""What a box's cluster has on its disk after a flush: read as bytes, whatever PostgreSQL says."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from shared.events.voting import FlushRule
from tests.clusters import OwnCluster, own_cluster
from tests.voting.box.conftest import Box
from tests.voting.box.test_epochs import cast, in_log
from tests.voting.box.voters import Voter, bytes_of
from voting.box import flushing

K = 3


@pytest.fixture(scope="module")
async def cluster() -> AsyncIterator[OwnCluster]:
    async with own_cluster("box") as cluster:
        yield cluster


@pytest.fixture
async def box(cluster: OwnCluster) -> AsyncIterator[Box]:
    """A box alone on its cluster."""
    made = await cluster.databases.make("voting.box")
    box = Box(await asyncpg.connect(made.superuser, ssl=False), made.dsn)
    yield box
    await box.database.close()
    box.connection.terminate()
    await cluster.databases.drop(made)


def logged(cluster: OwnCluster, voters: Sequence[Voter]) -> int:
    """Of how many voters the key is in the write-ahead log."""
    log = b"".join(segment.read_bytes() for segment in cluster.log())
    return sum(bytes_of(voter.key) in log for voter in voters)


async def voted(box: Box) -> list[Voter]:
    """Who cast a ballot in a round that is due."""
    round_id = await box.opened(0, flush=FlushRule(k=K, interval=900))
    return await cast(box, round_id, 4 * K)


async def flushed(box: Box) -> None:
    await box.flush(datetime.now(UTC) + timedelta(seconds=901))


async def test_after_a_flush_the_log_has_none_of_its_ballots(cluster: OwnCluster, box: Box) -> None:
    voters = await voted(box)
    await flushed(box)
    assert logged(cluster, voters) == len(voters)  # so that reading the disk finds something
    await flushing.end_log(box.database)
    assert logged(cluster, voters) == 0


async def test_after_the_closing_the_log_has_no_ballot(cluster: OwnCluster, box: Box) -> None:
    voters = await voted(box)
    await box.close(voters[0].round_id)
    await flushing.end_log(box.database)
    assert logged(cluster, voters) == 0


async def test_a_cluster_that_dies_behind_a_flush_has_it_and_ends_its_log_later(
    cluster: OwnCluster, box: Box
) -> None:
    voters = await voted(box)
    await flushed(box)
    name = await box.connection.fetchval("select current_database()")
    await cluster.crash()
    box.connection = await asyncpg.connect(cluster.postgres, database=name, ssl=False)
    assert await box.count("published") == await box.count("outbox") == 3 * K
    assert await box.count("waiting") == K and await in_log(box)
    await flushing.end_log(box.database)
    assert logged(cluster, voters) == 0
    assert (await box.close(voters[0].round_id))["keys"] == len(voters)

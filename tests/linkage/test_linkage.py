"""Nobody who has all that is at rest links voters to ballots; and what would let her is found.

voting-protocol.md §9. The towns vote on real clusters in simulated time (`town.py`), attackers have
the bytes of their disks (`wal.py`, `attackers.py`), and each leak that somebody could make is made
once (`leaks.py`): a measurement that finds nothing must be one that can find something.
"""

import asyncio
import re

import asyncpg
import pytest

from comptoir.postgres import UNTRACED
from comptoir.processes import environment
from tests.clusters import own_cluster
from tests.linkage import wal
from tests.linkage.attackers import K, shares, threshold
from tests.linkage.leaks import LEAKS
from tests.linkage.town import Plan, town

# A line of `pg_waldump`: transaction, address, and the time of a commit.
LINE = re.compile(r"tx: +(\d+), lsn: (\w+)/(\w+), (?:.*desc: COMMIT (\d[^;]* UTC))?")


@pytest.mark.slow
@pytest.mark.parametrize("plan", [Plan(10, 600), Plan(1000, 1000)], ids=lambda p: f"{p.rate:g}/h")
async def test_the_best_attacker_links_no_more_than_one_in_k(plan: Plan) -> None:
    """Both thresholds are more than five standard deviations above what the best one reaches."""
    async with town(plan) as voted:
        await voted.vote(seed=1)
    assert min(map(len, voted.found.batches)) >= K
    assert sum(map(len, voted.found.batches)) == len(voted.found.told) == plan.voters
    found = shares(voted.found, voted.truth)
    # On the roll's side everything is known, down to the moment; the ballots' side gives nothing.
    assert len(found) > 50 and {"transaction", "time"} <= voted.found.voters[0].keys()
    best = next(iter(found))
    assert found[best] <= threshold(plan.voters), f"{best}: {found[best]:.1%}"


@pytest.mark.slow
@pytest.mark.parametrize("name", LEAKS)
async def test_a_planted_leak_is_found(name: str) -> None:
    leak = LEAKS[name]
    plan = Plan(10, 300, **leak.plan)
    async with town(plan) as voted:
        await voted.vote(seed=2)
    found = shares(voted.found, voted.truth)
    best = max((each for each in found if leak.found_by in each), key=lambda each: found[each])
    assert found[best] > threshold(plan.voters), f"{best}: {found[best]:.1%}"


async def test_the_reader_of_logs_reads_what_postgresql_reads() -> None:
    """Also over the end of a segment that was ended early, and over many pages at once."""
    async with own_cluster("log", {**UNTRACED, "autovacuum": "off"}) as cluster:
        connection = await asyncpg.connect(cluster.postgres, ssl=False)
        await connection.execute("create table thing (body bytea)")
        for size in (10, 3000, 30_000, 300_000):
            await connection.execute("insert into thing values ($1)", bytes(range(250)) * size)
            await connection.execute("select pg_switch_wal()")
            await connection.execute("insert into thing values ('')")
        end = await connection.fetchval("select pg_current_wal_flush_lsn()::text")
        await connection.close()
        read = list(wal.records(cluster.log()))
        dump = await asyncio.create_subprocess_exec(
            *(cluster.binaries / "pg_waldump", "-p", cluster.data / "pg_wal"),
            *("--start", f"0/{read[0].address:X}", "--end", end),
            env=environment(),
            stdout=asyncio.subprocess.PIPE,
        )
        dumped, _ = await dump.communicate()
    expected = [LINE.search(line) for line in dumped.decode().splitlines()]
    assert len(expected) > 1000 and sum(each.committed is not None for each in read) > 10
    for record, line in zip(read, expected, strict=True):
        assert line is not None
        transaction, high, low, committed = line.groups()
        assert record.transaction == int(transaction)
        assert record.address == (int(high, 16) << 32) + int(low, 16)
        said = None if record.committed is None else f"{record.committed:%Y-%m-%d %H:%M:%S.%f} UTC"
        assert said == committed

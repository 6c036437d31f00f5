"""Nobody who has all that is at rest links voters to ballots; and what would let her is found.

voting-protocol.md §9. The towns vote on real clusters in simulated time (`town.py`). Attackers have
every row of both (`side.py`), the bytes of their disks (`disk.py`, `wal.py`), what Kafka and the
ledger have, and what was written down in lines (`lines.py`), and compare all with all
(`attackers.py`). Each leak that somebody could make is made once (`leaks.py`): a measurement that
finds nothing must be one that can find something.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from itertools import chain

import asyncpg
import pytest

from comptoir.kafka import Account
from comptoir.postgres import UNTRACED
from comptoir.processes import environment
from tests.clusters import own_broker, own_cluster
from tests.linkage import wal
from tests.linkage.attackers import K, shares, threshold
from tests.linkage.disk import CHUNK, Needles
from tests.linkage.leaks import LEAKS
from tests.linkage.town import Plan, town

# A line of `pg_waldump`: transaction, address, and the time of a commit.
LINE = re.compile(r"tx: +(\d+), lsn: (\w+)/(\w+), (?:.*desc: COMMIT (\d[^;]* UTC))?")


@pytest.fixture(scope="module")
async def broker() -> AsyncIterator[Account]:
    """One for all towns: each finds its own ballots."""
    async with own_broker() as account:
        yield account


# On both sides of a town without a leak somebody is found everywhere that she is expected.
OF_A_VOTER = {
    *("time", "transaction", "size", "address", "trace"),
    *(
        "transaction:token",
        "order:token, on the disk",
        "id:token.blinded",
        "order:file token, first",
    ),
    *("transaction:code", "order:file code, last", "time:outbox.time", "order:outbox.id"),
}
OF_A_BALLOT = {
    *("size", "id:key", "transaction:published", "order:published, on the disk"),
    *("id:published.digest", "order:file published, first", "order:file published_pkey, last"),
    *("transaction:outbox", "order:outbox.id", "order:outbox.position", "time:outbox.time"),
    *("id:outbox.event_id", "order:file outbox, first", "order:file outbox, last"),
    *("order:kafka, offset", "time:kafka, timestamp"),
    *("order:ledger, number", "time:ledger, t", "id:ledger, id"),
}


@pytest.mark.slow
@pytest.mark.parametrize("plan", [Plan(10, 600), Plan(1000, 1000)], ids=lambda p: f"{p.rate:g}/h")
async def test_the_best_attacker_links_no_more_than_one_in_k(plan: Plan, broker: Account) -> None:
    """Both thresholds are more than five standard deviations above what the best one reaches."""
    async with town(plan, broker) as voted:
        await voted.vote(seed=1)
    rest = voted.found
    assert min(map(len, rest.batches)) >= K
    assert {*chain(*rest.batches)} == {*voted.truth.values()}
    assert len(voted.truth) == len(rest.told) == plan.voters
    # On the roll's side everything is known, down to the moment; the ballots' side gives nothing.
    assert all(numbers.keys() >= OF_A_VOTER for numbers in rest.voters.values())
    assert all(numbers.keys() >= OF_A_BALLOT for numbers in rest.ballots.values())
    # No ballot is named in any line, and no address and no trace is anywhere beside one.
    said = {name for numbers in rest.ballots.values() for name in numbers}
    assert not [name for name in said if "lines" in name or name.startswith(("address", "trace"))]
    found = shares(rest, voted.truth)
    assert len(found) > 300
    best = next(iter(found))
    assert found[best] <= threshold(plan.voters), f"{best}: {found[best]:.1%}"


@pytest.mark.slow
@pytest.mark.parametrize("name", LEAKS)
async def test_a_planted_leak_is_found(name: str, broker: Account) -> None:
    leak = LEAKS[name]
    plan = Plan(**{"rate": 10, "voters": 300} | leak.plan)
    async with town(plan, broker) as voted:
        await voted.vote(seed=2)
    found = shares(voted.found, voted.truth)
    best = max((each for each in found if leak.found_by in each), key=lambda each: found[each])
    assert found[best] > threshold(plan.voters), f"{best}: {found[best]:.1%}"


def test_bytes_are_found_wherever_in_a_file_they_are() -> None:
    """Across the ends of the pieces that are read at once, at both ends, and twice."""
    needles = Needles[str]()
    known = {"one": b"anodyne", "other": b"another", "nobody": b"nobody's"}
    for who, needle in known.items():
        needles.add(needle, who)
    content = bytearray(3 * CHUNK + 7)
    places = {0: "other", CHUNK - 2: "other", 2 * CHUNK - 1: "one", 3 * CHUNK: "other"}
    for at, who in places.items():
        content[at : at + 7] = known[who]
    assert dict(needles.places(bytes(content))) == places
    assert not [*needles.places(b""), *needles.places(b"an"), *needles.places(b"nobody")]


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

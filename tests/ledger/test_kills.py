"""SIGKILL at each step of the sequencer's transaction, and two sequencers at once."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from signal import SIGKILL
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from ledger.appending import FAILURE_POINTS
from shared.delivery import Record
from shared.failing import KILL_AT
from shared.inbox import Fenced
from tests.ledger.conftest import PREFIX, Ledger
from tests.ledger.replica import Replica, dumped, record

TOPIC = "submission.projects"
ROOT = Path(__file__).parents[2]
# Before any of these, nothing is there after a crash; behind the last one, everything is.
POINTS = ("inbox.position", *FAILURE_POINTS, "inbox.handled", "inbox.committed")


async def batch(edition: Ledger) -> list[Record]:
    """Events that come by every step: appended, held, rejected, taken, and one that was held."""
    first, second, third, _, fifth, sixth = edition.dossiers(6)
    await edition.take(second)
    lie = edition.published(sixth.event, number=1)
    return [
        record(first, TOPIC),
        record(third, TOPIC, b'{"not":  "canonical"}'),
        record(fifth, TOPIC),
        record(lie, TOPIC),
    ]


async def state(edition: Ledger) -> list[Any]:
    """Everything that the sequencer's transaction writes."""
    found = []
    for table, order in (
        ("entry", "log, index"),
        ("tile", "log, level, index"),
        ("head", "log"),
        ("held", "id"),
        ("quarantine", "bytes"),
        ("filled", "log, src, number"),
        ("position", "topic"),
    ):
        rows = await edition.superuser.fetch(f"select * from {table} order by {order}")
        columns = [[v for k, v in row.items() if k not in ("since",)] for row in rows]
        # Entries of the ledger itself say when they were made; what they say else is compared.
        found.append([[_timeless(v) for v in row] for row in columns])
    return found


def _timeless(value: Any) -> Any:
    return "" if isinstance(value, bytes | UUID) else value


async def run(edition: Ledger, records: list[Record], kill_at: str = "") -> int:
    told = {"dsn": edition.made.dsn, "prefix": PREFIX, "records": dumped(records)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.ledger.replica"),
        cwd=ROOT,
        env={**os.environ, KILL_AT: kill_at},
        stdin=asyncio.subprocess.PIPE,
    )
    await asyncio.wait_for(process.communicate(json.dumps(told).encode()), 60)
    assert process.returncode is not None
    return process.returncode


@pytest.mark.parametrize("point", POINTS)
async def test_a_batch_is_there_whole_or_not_at_all(edition: Ledger, point: str) -> None:
    records = await batch(edition)
    await edition.superuser.execute(
        "insert into position values ($1, 0, 'the topic''s id', 0)", TOPIC
    )
    before = await state(edition)
    assert await run(edition, records, point) == -SIGKILL, f"{point} was not reached"
    after_kill = await state(edition)
    if point == "inbox.committed":
        assert after_kill != before
    else:
        assert after_kill == before
    # It starts again, reads what it had not done, and is given everything once more.
    assert await run(edition, records) == 0
    whole = await state(edition)
    assert await run(edition, records) == 0
    again = await state(edition)
    assert again[:-1] == whole[:-1]
    kinds = [json.loads(entry)["type"] for entry in await edition.entries()]
    assert kinds == [
        "ledger.log-begun.v1",
        "submission.dossier-filed.v1",
        "ledger.ingest-rejected.v1",
        "submission.dossier-filed.v1",
        "ledger.ingest-rejected.v1",
    ]
    assert await edition.count("held") == 1
    assert await edition.count("quarantine") == 2
    await edition.sign()


@pytest.fixture
async def replicas(edition: Ledger) -> AsyncIterator[tuple[Replica, Replica]]:
    async with AsyncExitStack() as closing:
        made = [Replica(edition.made.dsn, PREFIX) for _ in range(2)]
        for each in made:
            closing.push_async_callback(each.close)
        yield made[0], made[1]


async def test_a_sequencer_of_an_earlier_epoch_writes_nothing(
    edition: Ledger, replicas: tuple[Replica, Replica]
) -> None:
    zombie, leader = replicas
    first, second = [record(event, TOPIC) for event in edition.dossiers(2)]
    await zombie.lead()
    await zombie.take(TOPIC, [first])
    await leader.lead()
    before = await state(edition)
    with pytest.raises(Fenced, match="epoch 1 is over"):
        await zombie.take(TOPIC, [second])
    assert await state(edition) == before
    await leader.take(TOPIC, [second])
    assert len(await edition.entries()) == 3


async def test_a_sequencer_begins_when_the_transaction_under_way_has_ended(
    edition: Ledger, replicas: tuple[Replica, Replica]
) -> None:
    """What the one before still commits, the next one has seen."""
    frozen, leader = replicas
    await frozen.lead()
    [event] = edition.dossiers(1)
    # It is stopped in the middle of its batch: entries are written, and not committed.
    blocker = await asyncpg.connect(edition.made.superuser)
    locked = blocker.transaction()
    await locked.start()
    await blocker.execute("lock table tile in access exclusive mode")
    taking = asyncio.create_task(frozen.take(TOPIC, [record(event, TOPIC)]))
    await _waiting(edition, "tile")
    leading = asyncio.create_task(leader.lead())
    await _waiting(edition, "sequencer")
    assert not leading.done()
    await locked.rollback()
    await blocker.close()
    await taking
    await leading
    assert len(await edition.entries()) == 2
    with pytest.raises(Fenced):
        await frozen.take(TOPIC, [record(event, TOPIC)])


async def _waiting(edition: Ledger, what: str) -> None:
    """Return once a statement about this table waits for a lock."""
    async with asyncio.timeout(60):
        while not await edition.superuser.fetchval(  # noqa: ASYNC110  # it asks PostgreSQL
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and wait_event_type = 'Lock' and query like '%' || $1 || '%'",
            what,
        ):
            await asyncio.sleep(0.02)


async def test_two_sequencers_that_take_turns_append_each_event_once(
    edition: Ledger, replicas: tuple[Replica, Replica]
) -> None:
    events = [record(event, TOPIC) for event in edition.dossiers(40)]
    for turn in range(8):
        replica = replicas[turn % 2]
        await replica.lead()
        # Each begins a little before the end of what the other one had.
        await replica.take(TOPIC, events[max(0, turn * 5 - 3) : turn * 5 + 5])
    numbers = [json.loads(entry)["number"] for entry in (await edition.entries())[1:]]
    assert numbers == [*range(1, 41)]
    assert await edition.count("quarantine") == await edition.count("held") == 0

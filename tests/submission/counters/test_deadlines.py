"""What is due is done once, whoever is killed, and however many look."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from shared.contacts import Teller, encoded_key
from shared.database import Database, database_time, raw
from submission.app import TIMERS, SubmissionSettings, application
from submission.carriers.telling import Telling
from submission.deadlines.firing import fire_due
from submission.deadlines.queries import clear_deadline, set_deadline
from submission.rooms import Due
from tests.conftest import DatabaseFactory
from tests.serving import settings
from tests.submission.counters.killed import note
from tests.submission.proposing import KEY

TELLING = Telling(Teller(encoded_key(KEY), source="submission"), "http://submission")
DONE = "select count(*) from answered where key = $1"


@pytest.fixture
async def replica(database: DatabaseFactory) -> AsyncIterator[Database]:
    made = await database("submission")
    found = Database(made.dsn, name="test", pool_size=20)
    yield found
    await found.close()


async def due(database: Database, subject: UUID, after: timedelta = timedelta(0)) -> None:
    async with database.begin() as session:
        await set_deadline(session, "noted", subject, await database_time(session) + after)


async def done(database: Database, subject: UUID) -> int:
    async with database.begin() as session:
        found: int = await (await raw(session)).fetchval(DONE, str(subject))
    return found


async def test_it_is_done_when_its_time_has_come_and_no_second_time(replica: Database) -> None:
    subject = uuid4()
    await due(replica, subject, timedelta(hours=1))
    await fire_due(replica, {"noted": note}, TELLING)
    assert await done(replica, subject) == 0
    await due(replica, subject)
    for _ in range(3):
        await fire_due(replica, {"noted": note}, TELLING)
    assert await done(replica, subject) == 1


async def test_many_replicas_do_each_thing_once(replica: Database) -> None:
    subjects = [uuid4() for _ in range(120)]
    for subject in subjects:
        await due(replica, subject)
    await asyncio.gather(*(fire_due(replica, {"noted": note}, TELLING) for _ in range(6)))
    await fire_due(replica, {"noted": note}, TELLING)
    assert [await done(replica, subject) for subject in subjects] == [1] * 120


async def test_what_fails_is_not_done_in_part_and_holds_nothing_up(replica: Database) -> None:
    broken, whole = uuid4(), uuid4()
    await due(replica, broken)
    await due(replica, whole)
    failing = True

    async def once(due: Due) -> None:
        await note(due)
        if due.subject == broken and failing:
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        await fire_due(replica, {"noted": once}, TELLING)
    assert (await done(replica, broken), await done(replica, whole)) == (0, 1)
    failing = False
    await fire_due(replica, {"noted": once}, TELLING)
    assert (await done(replica, broken), await done(replica, whole)) == (1, 1)


async def test_a_process_that_is_killed_at_it_leaves_it_to_the_next_one(replica: Database) -> None:
    subject = uuid4()
    await due(replica, subject)
    command = [sys.executable, "-m", "tests.submission.counters.killed", replica.dsn]
    killed = await asyncio.to_thread(subprocess.run, command, check=False, timeout=60)
    assert killed.returncode == -9, "it died between the work and its commit"
    assert await done(replica, subject) == 0
    await fire_due(replica, {"noted": note}, TELLING)
    assert await done(replica, subject) == 1


async def test_what_is_cleared_or_put_off_while_it_is_looked_at_is_left_alone(
    replica: Database,
) -> None:
    cleared, put_off = uuid4(), uuid4()
    for subject in (cleared, put_off):
        await due(replica, subject)

    async def overtaken(due: Due) -> None:
        async with replica.begin() as session:
            now = await database_time(session)
            if due.subject == cleared:
                await clear_deadline(session, "noted", cleared)
            else:
                await set_deadline(session, "noted", put_off, now + timedelta(hours=1))
        await note(due)

    await fire_due(replica, {"noted": overtaken}, TELLING)
    assert (await done(replica, cleared), await done(replica, put_off)) == (0, 0)


async def test_what_is_set_again_is_due_again(replica: Database) -> None:
    subject, times = uuid4(), list[datetime]()

    async def count(due: Due) -> None:
        if (now := await due.take()) is not None:
            times.append(now)

    for _ in range(2):
        await due(replica, subject)
        await fire_due(replica, {"noted": count}, TELLING)
    assert len(times) == 2 and times[0] < times[1]


async def test_deadlines_are_among_what_a_restored_backup_leaves_alone(replica: Database) -> None:
    """`Process.every` is silent while a database may be one (tests/shared/test_process.py)."""
    app = application(settings(SubmissionSettings, replica.dsn), kafka=False)
    process = app.state.process
    [_] = [work for work in process._work if "deadlines" in getattr(work, "args", ())]
    assert set(TIMERS) == {
        *("handoff", "handoff-reminder", "handoff-cancelled"),
        *("gathering-places", "gathering-held"),
    }

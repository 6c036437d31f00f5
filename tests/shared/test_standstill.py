"""Whether a database may be a backup: what is known of it by its checkpoints, and by its mark."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

from shared.covering import Behind, Standing, Unheard
from shared.kafka import Kafka, TopicState, Unavailable
from shared.mark import Known, Mark
from shared.settings import KafkaSettings
from shared.standstill import Stand
from tests.conftest import TopicFactory
from tests.shared.conftest import Store, StoreFactory, eventually, running
from tests.shared.test_covering import Checkpoints

AWAY = Kafka(KafkaSettings(bootstrap="127.0.0.1:9", username="nobody", password="none"))


@pytest.fixture
async def things(store: StoreFactory) -> Store:
    return await store()


@pytest.fixture
def file(tmp_path: Path) -> Mark:
    return Mark(tmp_path / "marks" / "tests")


class Away(Standing):
    """What `Kafka` says after twelve seconds, at once."""

    async def ends(self) -> TopicState:
        raise Unavailable("no answer")


def away() -> Standing:
    """Kafka gives no answer."""
    return Away("tests", AWAY)


async def numbers(things: Store) -> list[int]:
    return [row["number"] for row in await things.fetch("select number from database_mark")]


async def worked(things: Store, file: Mark) -> None:
    """A process stood on this database once."""
    stand = Stand(away(), things.database, file)
    stand.known.set()
    await stand.look()
    assert file.known() is not None


async def test_while_kafka_is_away_from_the_start_nothing_may_change(things: Store) -> None:
    stand = Stand(Standing("tests", AWAY), things.database)
    for _ in range(2):
        assert isinstance(await stand.look(), Unheard)
        assert not stand.known.is_set()
        assert isinstance(stand.refusal, Unheard)


async def test_what_was_known_once_stays_known_while_kafka_is_away(things: Store) -> None:
    stand = Stand(away(), things.database)
    stand.known.set()
    assert isinstance(await stand.look(), Unheard)
    assert stand.known.is_set() and stand.refusal is None


async def test_a_database_that_worked_last_goes_on_without_kafka(things: Store, file: Mark) -> None:
    """Voters keep voting: the box is started again while Kafka is down."""
    await worked(things, file)
    started = Stand(away(), things.database, file, patience=0)
    assert isinstance(await started.look(), Unheard)  # nothing is published all the same
    assert started.known.is_set() and started.refusal is None


async def test_the_checkpoints_come_first_where_they_come_soon(things: Store, file: Mark) -> None:
    """A machine's copy may have restored database and file together."""
    await worked(things, file)
    started = Stand(away(), things.database, file, patience=60)
    await started.look()
    assert not started.known.is_set()


async def test_a_backup_is_found_by_its_mark_and_closed_once(things: Store, file: Mark) -> None:
    await worked(things, file)
    await worked(things, file)
    await things.fetch("update database_mark set number = 1")
    standing = away()
    started = Stand(standing, things.database, file, patience=0)
    assert standing.marks_unread
    await started.look()
    assert not started.known.is_set()
    assert "the mark beside it is 2, its own is 1" in str(started.refusal)
    assert isinstance(started.refusal, Behind)
    # Nothing agrees with it: whoever opens it has heard the ledger first.
    assert file.known() is None
    await things.fetch("update outbox_recovered set ended_at = now()")
    await started.look()
    assert isinstance(started.refusal, Unheard)
    await things.fetch("update outbox_recovered set reopened_at = now(), reopened_because = 'x'")
    await started.look()
    assert not started.known.is_set()
    assert await numbers(things) == [2]


async def test_a_new_database_is_not_the_one_that_was_lost(things: Store, file: Mark) -> None:
    file.write(Known(uuid4(), 1))
    started = Stand(away(), things.database, file, patience=0)
    await started.look()
    assert "another database's" in str(started.refusal)
    assert await numbers(things) == [1]


async def test_a_database_that_is_replaced_under_its_process_is_found(
    things: Store, file: Mark
) -> None:
    stand = Stand(away(), things.database, file)
    stand.known.set()
    await stand.look()
    await things.fetch("update database_mark set number = 0")
    await stand.look()
    assert isinstance(stand.refusal, Behind)
    assert not stand.known.is_set()


async def test_a_mark_that_is_none_stops_everything_until_somebody_looked(
    things: Store, tmp_path: Path
) -> None:
    place = tmp_path / "mark"
    for content in ("", "[]", '{"lineage": "x", "number": 1}', '{"number": 1}'):
        place.write_text(content)
        stand = Stand(away(), things.database, Mark(place), patience=0)
        with pytest.raises(ValueError, match="is no mark"):
            await stand.look()
        assert not stand.known.is_set()


async def test_a_database_that_stands_by_its_checkpoints_has_a_mark_from_then_on(
    things: Store, file: Mark, topic: TopicFactory
) -> None:
    checkpoints = Checkpoints(things, await topic(1))
    await checkpoints.publish(1)
    stand = Stand(checkpoints.standing, things.database, file, patience=0)
    assert isinstance(await stand.look(), Unheard)
    assert not stand.known.is_set()
    async with running(checkpoints.inbox()):
        await eventually(checkpoints.covered, bool)
        assert await stand.look() is None
        assert isinstance(stand.refusal, Behind)
        await things.fetch("insert into outbox_number values ('edition', 1)")
        await stand.look()
        assert stand.known.is_set() and file.known() is None
        await stand.look()
    known = file.known()
    assert known is not None and [known.number] == await numbers(things)


async def test_an_inbox_waits_until_the_mark_is_read(
    things: Store, file: Mark, topic: TopicFactory
) -> None:
    """It would handle what the database had handled, before anybody knows that it is a backup."""
    checkpoints = Checkpoints(things, await topic(1))
    await worked(things, file)
    await things.fetch("update database_mark set number = 0")
    standing = checkpoints.standing
    stand = Stand(standing, things.database, file)
    await things.announce("a", 1)
    async with running(checkpoints.inbox(), things.relay(), things.inbox(standing=standing)):
        await things.sent(1)
        with pytest.raises(AssertionError, match="not so within"):
            await eventually(things.effects, bool, within=2)
        await stand.look()
        assert isinstance(stand.refusal, Behind)
        with pytest.raises(AssertionError, match="not so within"):
            await eventually(things.effects, bool, within=1)


async def test_no_transaction_waits_for_the_broker(things: Store) -> None:
    """PostgreSQL ends one that is idle for ten seconds."""
    stand = Stand(Standing("tests", AWAY), things.database)
    looking = asyncio.create_task(stand.look())
    # For a moment each one is, between two statements.
    query = (
        "select count(*) from pg_stat_activity where datname = current_database()"
        " and state = 'idle in transaction' and state_change < clock_timestamp() - interval '1 s'"
    )
    most = 0
    while not looking.done():
        (row,) = await things.fetch(query)
        most = max(most, row["count"])
        await asyncio.wait({looking}, timeout=0.2)
    assert most == 0

"""Whether a database may be a backup: what is known of it by its checkpoints, and by its mark."""

import asyncio
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from shared.covering import Behind, Standing, Unheard, Unread, close
from shared.database import raw
from shared.kafka import Kafka, TopicState, Unavailable
from shared.mark import AHEAD, Known, Mark
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


async def test_the_checkpoints_come_first_where_the_broker_answers(
    things: Store, file: Mark, topic: TopicFactory
) -> None:
    """However long that takes: a machine's copy may have restored database and file together."""
    checkpoints = Checkpoints(things, await topic(1))
    await checkpoints.publish(1)
    await worked(things, file)
    started = Stand(checkpoints.standing, things.database, file, patience=0)
    for _ in range(2):
        assert isinstance(await started.look(), Unread)
        assert not started.known.is_set()
    async with running(checkpoints.inbox()):
        await eventually(checkpoints.covered, bool)
    await started.look()
    assert isinstance(started.refusal, Behind)


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
    known = file.known()
    assert known is not None and known.closed
    await things.fetch("update outbox_recovered set ended_at = now()")
    await started.look()
    assert isinstance(started.refusal, Unheard)
    await opened(things)
    await started.look()
    assert not started.known.is_set()
    assert await numbers(things) == [known.number] == [2 + AHEAD]
    # It stands again: so does its mark.
    started.known.set()
    await started.look()
    assert file.known() == replace(known, number=known.number + 1, closed=False)


async def opened(things: Store) -> None:
    await things.fetch(
        "update outbox_recovered set ended_at = coalesce(ended_at, now()), reopened_at = now(),"
        " reopened_because = 'x'"
    )


async def test_another_backup_after_the_first_is_found_as_well(things: Store, file: Mark) -> None:
    await worked(things, file)
    await worked(things, file)
    for number in (1, 0, 1, 2):  # the last one is from right before the first was restored
        await things.fetch("delete from outbox_recovered")
        await things.fetch(f"update database_mark set number = {number}")
        started = Stand(away(), things.database, file, patience=0)
        await started.look()
        assert isinstance(started.refusal, Behind), number
        assert len(await things.fetch("select from outbox_recovered")) == 1
        assert not started.known.is_set()


async def test_what_an_officer_closed_is_closed_in_its_mark_too(things: Store, file: Mark) -> None:
    await worked(things, file)
    stand = Stand(away(), things.database, file, patience=0)
    await stand.look()
    assert stand.known.is_set()
    async with things.database.begin() as session:
        await close(await raw(session), "restored, nobody noticed")
    await stand.look()
    known = file.known()
    assert known is not None and known.closed and [known.number] == await numbers(things)
    # The backup that he closed, restored once more.
    await things.fetch("delete from outbox_recovered")
    await things.fetch("update database_mark set number = 1")
    await stand.look()
    assert isinstance(stand.refusal, Behind)


async def test_a_closed_mark_is_written_at_the_next_look_where_it_was_not(
    things: Store, tmp_path: Path
) -> None:
    """Killed after the database was closed, or without a disk for the file."""
    place = tmp_path / "marks" / "mark"
    file = Mark(place)
    await worked(things, file)
    place.parent.rename(tmp_path / "kept")
    place.parent.write_text("a file")
    stand = Stand(away(), things.database, file, patience=0)
    async with things.database.begin() as session:
        await close(await raw(session), "by its mark")
    await stand.look()
    assert stand.mark_trouble is not None
    place.parent.unlink()
    (tmp_path / "kept").rename(place.parent)
    await stand.look()
    known = file.known()
    assert stand.mark_trouble is None
    assert known is not None and known.closed and [known.number] == await numbers(things)


async def test_a_host_that_comes_back_with_a_mark_of_before_closes_nothing(
    things: Store, file: Mark, tmp_path: Path
) -> None:
    other = Mark(tmp_path / "other")
    await worked(things, file)
    known = file.known()
    assert known is not None
    other.write(replace(known, number=50))  # of a host that was away since, and had counted on
    await things.fetch("update database_mark set number = 0")
    await Stand(away(), things.database, file, patience=0).look()
    await opened(things)
    back = Stand(away(), things.database, other, patience=0)
    await back.look()
    assert back.known.is_set()
    assert len(await things.fetch("select from outbox_recovered where reopened_at is null")) == 0


async def test_a_new_database_is_not_the_one_that_was_lost(things: Store, file: Mark) -> None:
    file.write(Known(uuid4(), 1))
    started = Stand(away(), things.database, file, patience=0)
    await started.look()
    assert "another database's" in str(started.refusal)
    assert await numbers(things) == [1 + AHEAD]


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


async def test_a_mark_that_is_none_says_nothing_and_is_left_alone(
    things: Store, tmp_path: Path
) -> None:
    place = tmp_path / "mark"
    for content in ("[]", '{"lineage": "x", "number": 1}', '{"number": 1}', "x"):
        place.write_text(content)
        stand = Stand(away(), things.database, Mark(place), patience=0)
        await stand.look()
        assert "is no mark" in str(stand.mark_trouble)
        assert not stand.known.is_set()
        # The checkpoints decide; it may be anybody's file.
        stand.known.set()
        await stand.look()
        assert stand.known.is_set() and place.read_text() == content
    place.write_text("")  # as it has to be there to be mounted
    await stand.look()
    assert stand.mark_trouble is None and Mark(place).known() is not None


async def test_a_mark_that_cannot_be_written_is_said_and_leaves_nothing_behind(
    things: Store, tmp_path: Path
) -> None:
    place = tmp_path / "marks" / "mark"
    place.mkdir(parents=True)
    with pytest.raises(OSError):
        Mark(place).write(Known(uuid4(), 1))
    assert list(place.parent.iterdir()) == [place]
    (tmp_path / "file").write_text("")
    for unusable in (place, tmp_path / "file" / "mark", Path("/proc/none/mark")):
        stand = Stand(away(), things.database, Mark(unusable), patience=0)
        stand.known.set()
        await stand.look()
        assert stand.mark_trouble is not None and stand.known.is_set()
    # It is tried every few seconds, and not at each look.
    await stand.look()
    assert await numbers(things) == [1]


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
        await stand.look()
        assert stand.known.is_set()
    known = file.known()
    assert known is not None and not known.closed
    assert [known.number] == await numbers(things)


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

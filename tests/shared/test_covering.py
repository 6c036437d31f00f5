"""End-to-end acknowledgement: the outbox keeps, and sends again, what no checkpoint covers."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from signal import SIGKILL
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka.admin import NewTopic  # type: ignore[attr-defined]  # it does export it

from shared import covering, relay
from shared.covering import Behind, Closed, Overdue, Standing, Unheard, keep_covered
from shared.envelope import Envelope
from shared.events.ledger import CheckpointPublished
from shared.events.submission import TextPublished
from shared.failing import KILL_AT
from shared.inbox import Inbox, Subscription
from shared.outbox import announce
from shared.telemetry import Metrics
from tests.conftest import TopicFactory
from tests.shared.conftest import (
    SOURCE,
    Store,
    StoreFactory,
    ThingCounted,
    account_settings,
    eventually,
    running,
)
from tests.shared.test_relay import numbers, once, values


@dataclass
class Checkpoints:
    """A topic of checkpoints of its own, and a ledger that says what a test wants."""

    things: Store
    topic: str

    @property
    def standing(self) -> Standing:
        return Standing("tests", self.things.kafka, self.topic)

    def inbox(self) -> Inbox:
        kind = type("Here", (CheckpointPublished,), {"topic": self.topic})
        subscription = Subscription(
            name="checkpoints",
            topics=(self.topic,),
            handlers={CheckpointPublished.type: keep_covered(SOURCE, self.topic)},
            types={CheckpointPublished.type: kind},
            remembers=False,
        )
        things = self.things
        return Inbox(subscription, things.database, things.kafka, Metrics(), process="tests")

    async def publish(
        self, number: int, *, log: str = "edition", source: str = SOURCE, frozen: bool = False
    ) -> None:
        event = CheckpointPublished(
            log=log,
            origin=f"ledger.test/{log}",
            size=number,
            root=f"{number:064x}",
            note="signed",
            numbers={source: number, "another": 1_000_000},
            frozen=True if frozen else None,
        )
        (row,) = await self.things.fetch("select now() as time")
        envelope = Envelope(uuid4(), event.type, "ledger", event.subject, row["time"])
        producer = AIOKafkaProducer(**account_settings(self.things.account))
        await producer.start()
        try:
            await producer.send_and_wait(
                self.topic, event.body(), key=log.encode(), headers=envelope.headers()
            )
        finally:
            await producer.stop()

    async def anew(self) -> None:
        """The topic's disk is lost: it is there again, empty, under another id."""
        admin = self.things.account.admin()
        await asyncio.to_thread(admin.delete_topics([self.topic])[self.topic].result, 10)
        made = admin.create_topics([NewTopic(self.topic, 1, 1)])[self.topic]
        await asyncio.to_thread(made.result, 10)

    async def covered(self) -> dict[str, int]:
        rows = await self.things.fetch("select log, number from outbox_covered")
        return {row["log"]: row["number"] for row in rows}

    async def heard(self) -> dict[str, int]:
        rows = await self.things.fetch("select log, size, root from heard_checkpoint")
        assert all(int.from_bytes(row["root"]) == row["size"] for row in rows)
        return {row["log"]: row["size"] for row in rows}


@pytest.fixture
async def things(store: StoreFactory) -> Store:
    return await store()


@pytest.fixture
async def checkpoints(things: Store, topic: TopicFactory) -> Checkpoints:
    return Checkpoints(things, await topic(1))


async def connected(things: Store) -> asyncpg.Connection:
    return await asyncpg.connect(things.dsn, ssl=False)


async def test_the_highest_number_of_each_log_is_known_whatever_the_order(
    things: Store, checkpoints: Checkpoints
) -> None:
    await things.fetch("insert into outbox_number values ('edition', 10), ('platform', 10)")
    async with running(checkpoints.inbox()):
        await checkpoints.publish(4)
        await checkpoints.publish(9)
        await checkpoints.publish(7)
        await checkpoints.publish(2, log="platform")
        await checkpoints.publish(3, log="strange", source="somebody.else")
        await eventually(checkpoints.covered, lambda now: now == {"edition": 9, "platform": 2})
        # And of every log, whoever publishes in it, the last checkpoint is kept.
        await eventually(checkpoints.heard, lambda now: len(now) == 3)
        assert await checkpoints.heard() == {"edition": 9, "platform": 2, "strange": 3}


async def test_a_log_that_ended_before_anything_of_a_publisher_was_covered_has_ended(
    things: Store, checkpoints: Checkpoints
) -> None:
    await things.announce("a", 1)
    await things.fetch("select number_outbox(10)")
    connection = await connected(things)
    assert await covering.uncovered_logs(connection) == {"edition": 0}
    async with running(checkpoints.inbox()):
        await checkpoints.publish(4, source="somebody.else", frozen=True)
        await eventually(checkpoints.covered, lambda now: now == {"edition": 0})
    assert await covering.frozen_logs(connection) == {"edition"}
    assert await covering.uncovered_logs(connection) == {}
    assert await covering.restored_logs(connection) == {}
    await connection.close()


async def pruned(things: Store, standing: Standing) -> None:
    """Let the relay forget, everything having been sent."""
    await things.fetch("select number_outbox(100)")
    sender = things.relay(standing=standing)
    (row,) = await things.fetch("select position from outbox_counter")
    sender._acknowledged = row["position"]
    connection = await connected(things)
    try:
        await sender._prune(connection)
    finally:
        await connection.close()


async def test_old_rows_go_only_as_far_as_a_checkpoint_covers_them(
    things: Store, checkpoints: Checkpoints
) -> None:
    await things.announce("a", *range(10))
    await things.announce("b", *range(4), log="other")
    await things.fetch("update outbox set time = now() - interval '15 days'")
    await things.announce("a", 10)
    await things.fetch("insert into outbox_covered values ('edition', 6, 'id')")
    await pruned(things, checkpoints.standing)
    rows = await things.fetch(
        "select log, array_agg(number order by number) n from outbox group by 1"
    )
    assert {row["log"]: row["n"] for row in rows} == {
        "edition": [7, 8, 9, 10, 11],
        "other": [1, 2, 3, 4],
    }
    # What is covered stays for fourteen days all the same.
    await things.fetch("update outbox_covered set number = 11")
    await pruned(things, checkpoints.standing)
    rows = await things.fetch("select number from outbox where log = 'edition'")
    assert [row["number"] for row in rows] == [11]


async def test_of_state_the_last_word_about_each_thing_is_never_forgotten(
    things: Store, checkpoints: Checkpoints
) -> None:
    async with things.database.begin() as session:
        for content in ("a", "b", "a", "c", "a"):
            event = TextPublished(content_id=content * 64, value="words", salt="0" * 64)
            announce(session, event, source=SOURCE, late=True)
            await session.flush()
    await things.fetch("update outbox set time = now() - interval '90 days'")
    await pruned(things, checkpoints.standing)
    rows = await things.fetch("select left(key, 1) as key, position from outbox order by position")
    assert [tuple(row) for row in rows] == [("b", 2), ("c", 4), ("a", 5)]


def test_coverage_that_stands_still_for_a_minute_is_overdue_and_then_ever_more_seldom() -> None:
    overdue, sent = Overdue(), {"edition": 10, "quiet": 3}
    covered = {"edition": 4, "quiet": 3}
    due = [now for now in range(0, 4 * 3600, 5) if overdue.logs(sent, covered, now)]
    assert due[:5] == [60, 180, 420, 900, 1860]
    assert {after - before for before, after in pairwise(due[6:])} == {3600}


def test_coverage_that_moves_is_never_overdue() -> None:
    overdue = Overdue()
    for now in range(0, 3600, 5):
        assert overdue.logs({"edition": 100_000}, {"edition": now // 50}, now) == []


async def test_what_no_checkpoint_covers_is_sent_again_in_its_order_and_nothing_before_it(
    things: Store, checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The records are on the topic; that the ledger has them, nobody said."""
    monkeypatch.setattr(covering, "AFTER", 0.5)
    monkeypatch.setattr(relay, "CHECK_EVERY", 0.1)
    await things.announce("a", *range(8))
    await things.announce("b", *range(3), log="other")
    async with running(checkpoints.inbox(), things.relay(standing=checkpoints.standing)):
        await things.sent(11)
        await checkpoints.publish(5)
        await checkpoints.publish(3, log="other")
        await eventually(checkpoints.covered, lambda now: now == {"edition": 5, "other": 3})
        before = len(await things.all_sent(11))
        records = await eventually(
            lambda: things.all_sent(before), lambda found: len(found) >= before + 3
        )
        again = records[before : before + 3]
        assert numbers(again) == {"edition": [6, 7, 8]}
        await checkpoints.publish(8)
        await eventually(checkpoints.covered, lambda now: now["edition"] == 8)
    assert values(once(records)) == {"a": list(range(8)), "b": list(range(3))}
    assert things.metrics.relay_uncovered._value.get() >= 3


async def test_what_comes_to_a_log_that_has_ended_is_sent_once_and_forgotten_in_time(
    things: Store, checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger refuses it in public: no checkpoint will ever cover it."""
    monkeypatch.setattr(covering, "AFTER", 0.5)
    monkeypatch.setattr(relay, "CHECK_EVERY", 0.1)
    await things.announce("a", *range(8))
    await things.fetch("select number_outbox(100)")
    async with running(checkpoints.inbox(), things.relay(standing=checkpoints.standing)):
        await checkpoints.publish(5, frozen=True)
        await checkpoints.publish(5)  # one that was under way
        await eventually(checkpoints.covered, lambda now: now == {"edition": 5})
        await things.sent(8)
        with pytest.raises(AssertionError, match="not so within"):
            await eventually(lambda: things.all_sent(8), lambda found: len(found) > 8, within=2)
    connection = await connected(things)
    assert await covering.uncovered_logs(connection) == {}
    await connection.close()
    await things.fetch("update outbox set time = now() - interval '15 days'")
    await pruned(things, checkpoints.standing)
    assert await things.fetch("select from outbox") == []


def _headers(source: str, number: int) -> list[tuple[str, bytes]]:
    now = datetime.now(UTC)
    return Envelope(uuid4(), ThingCounted.type, source, "a", now, "edition", number).headers()


async def test_a_restored_backup_sends_nothing_and_handles_nothing(
    things: Store, checkpoints: Checkpoints
) -> None:
    """Its number 4 would be given a second time, to another event."""
    await things.announce("a", *range(3))
    await things.fetch("select number_outbox(100)")
    await things.announce("a", 3)
    await checkpoints.publish(7)
    await things.produce((b'{"thing":"theirs","value":9}', _headers("tests.others", 1)))
    standing = checkpoints.standing
    async with running(
        checkpoints.inbox(), things.relay(standing=standing), things.inbox(standing=standing)
    ):
        await eventually(checkpoints.covered, lambda now: now == {"edition": 7})
        connection = await connected(things)
        with pytest.raises(Behind, match="edition 3 of 7"):
            await standing.check(connection)
        with pytest.raises(AssertionError, match="not so within"):
            await eventually(things.effects, bool, within=2)
        (state,) = await things.fetch("select epoch, acknowledged from outbox_relay")
        assert tuple(state) == (0, 0)
        assert await things.fetch("select from outbox where position > 3") == []
        # As soon as it knows its numbers, it goes on behind them.
        await things.fetch("update outbox_number set number = 7")
        _, *records = await things.sent(5)
        assert numbers(records) == {"edition": [1, 2, 3, 8]}
        await eventually(things.effects, lambda found: len(found) == 5)
        await connection.close()


async def test_nothing_leaves_before_the_checkpoints_were_read_to_their_end(
    things: Store, checkpoints: Checkpoints
) -> None:
    await checkpoints.publish(1)
    await things.announce("a", 1)
    connection = await connected(things)
    with pytest.raises(Unheard, match="not read"):
        await checkpoints.standing.check(connection)
    async with running(checkpoints.inbox()):
        await eventually(checkpoints.covered, lambda now: now == {"edition": 1})
    with pytest.raises(Behind):
        await checkpoints.standing.check(connection)
    await connection.close()


async def test_a_topic_of_checkpoints_that_begins_anew_says_nothing_before_each_log_was_told_again(
    things: Store, checkpoints: Checkpoints
) -> None:
    """Database and Kafka were lost on one day: an empty topic is no proof of anything."""
    await things.fetch("insert into outbox_number values ('edition', 5), ('other', 5)")
    async with running(checkpoints.inbox()):
        await checkpoints.publish(5)
        await checkpoints.publish(5, log="other")
        await eventually(checkpoints.covered, lambda now: now == {"edition": 5, "other": 5})
        connection = await connected(things)
        await checkpoints.standing.check(connection)
    await checkpoints.anew()
    async with running(checkpoints.inbox()):
        await checkpoints.publish(5)

        async def verdict() -> str:
            try:
                await checkpoints.standing.check(connection)
            except (Unheard, Behind) as error:
                return str(error)
            return "stands"

        await eventually(verdict, lambda said: "for 1 logs" in said)
        await checkpoints.publish(6, log="other")
        await eventually(verdict, lambda said: "other 5 of 6" in said)
        await things.fetch("update outbox_number set number = 6 where log = 'other'")
        await eventually(verdict, lambda said: said == "stands")
    await connection.close()


async def test_what_was_recovered_stays_closed_until_it_is_opened(
    things: Store, checkpoints: Checkpoints
) -> None:
    connection = await connected(things)
    await things.fetch("insert into outbox_recovered (because) values ('an officer said so')")
    with pytest.raises(Behind, match=r"an officer said so.*comptoir recover tests"):
        await checkpoints.standing.unchanged(connection)
    await things.fetch("update outbox_recovered set ended_at = now()")
    with pytest.raises(Closed, match="--reopen"):
        await checkpoints.standing.unchanged(connection)
    with pytest.raises(asyncpg.UniqueViolationError):  # it is closed once
        await things.fetch("insert into outbox_recovered default values")
    await things.fetch("update outbox_recovered set reopened_at = now(), reopened_because = 'x'")
    await checkpoints.standing.unchanged(connection)
    await connection.close()


@pytest.mark.parametrize("point", ["relay.acknowledged", "relay.uncovered"])
async def test_a_relay_killed_behind_kafka_s_acknowledgement_loses_nothing(
    things: Store, checkpoints: Checkpoints, point: str
) -> None:
    await things.announce("a", *range(20))
    await checkpoints.publish(4)
    account = things.account
    told = {
        "dsn": things.dsn,
        "account": [account.bootstrap, account.username, account.password],
        "topic": things.topic,
        "checkpoints": checkpoints.topic,
    }
    await things.fetch("select number_outbox(100)")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.shared.relayed"),
        env={**os.environ, KILL_AT: point},
        cwd=Path(__file__).parents[2],
        stdin=asyncio.subprocess.PIPE,
    )
    await asyncio.wait_for(process.communicate(json.dumps(told).encode()), 60)
    assert process.returncode == -SIGKILL, f"{point} was not reached"
    (state,) = await things.fetch("select acknowledged from outbox_relay")
    assert state["acknowledged"] == (0 if point == "relay.acknowledged" else 20)
    async with running(checkpoints.inbox(), things.relay(standing=checkpoints.standing)):
        await things.announce("a", 20)
        records = await eventually(
            lambda: things.all_sent(21), lambda found: len(once(found)) == 21
        )
    assert values(once(records)) == {"a": list(range(21))}
    assert numbers(once(records)) == {"edition": list(range(1, 22))}

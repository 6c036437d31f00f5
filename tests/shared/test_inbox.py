"""The inbox: each event has its effect once, whatever dies, and a bad record stops nothing else."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from uuid import uuid4

import pytest
from confluent_kafka.admin import NewTopic  # type: ignore[attr-defined]  # it does export it
from sqlmodel.ext.asyncio.session import AsyncSession

from comptoir.kafka import Account
from shared.delivery import Dead, Delivered, record_of
from shared.events.dead import DeadLetter
from tests.shared.conftest import (
    SOURCE,
    Store,
    StoreFactory,
    ThingCounted,
    eventually,
    keep_effects,
    running,
)


def headers(number: int | None = 1, **others: str | None) -> list[tuple[str, bytes]]:
    """The headers of an event of these tests."""
    given: dict[str, str | None] = {
        "ce_specversion": "1.0",
        "ce_id": str(uuid4()),
        "ce_type": ThingCounted.type,
        "ce_source": SOURCE,
        "ce_subject": "a",
        "ce_time": "2026-09-01T12:00:00Z",
        "ce_log": "edition",
        "ce_number": None if number is None else str(number),
    } | others
    return [(name, value.encode()) for name, value in given.items() if value is not None]


def body(thing: str, value: int) -> bytes:
    return b'{"thing":"%b","value":%d}' % (thing.encode(), value)


async def test_what_one_process_announces_has_its_effect_in_another_once(
    store: StoreFactory,
) -> None:
    publisher = await store(partitions=3)
    consumer = await store(topic_name=publisher.topic)
    async with running(publisher.relay(), consumer.inbox()):
        for start in range(0, 100, 10):
            for thing in ("a", "b", "c"):
                await publisher.announce(thing, *range(start, start + 10))
        effects = await eventually(consumer.effects, lambda found: len(found) == 300)
    by_thing = defaultdict(list)
    for thing, value in effects:
        by_thing[thing].append(value)
    assert by_thing == {thing: list(range(100)) for thing in "abc"}


async def test_an_event_that_is_published_again_has_no_second_effect(store: StoreFactory) -> None:
    things = await store()
    once, twice = headers(1), headers(2)
    await things.produce(
        (body("a", 1), once), (body("b", 2), twice), (body("b", 2), twice), (body("a", 1), once)
    )
    async with running(things.inbox()):
        await eventually(things.effects, lambda found: len(found) == 2)
        await things.produce((body("a", 1), once), (body("c", 3), headers(3)))
        effects = await eventually(things.effects, lambda found: len(found) == 3)
    assert effects == [("a", 1), ("b", 2), ("c", 3)]


async def test_two_replicas_whose_sessions_are_cut_share_the_work_exactly(
    store: StoreFactory,
) -> None:
    publisher = await store(partitions=2)
    consumer = await store(topic_name=publisher.topic)
    async with running(publisher.relay(), consumer.inbox(), consumer.inbox()):
        for start in range(0, 600, 20):
            await publisher.announce(f"thing-{start % 7}", *range(start, start + 20))
            if start % 200 == 100:
                await consumer.fetch(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and pid <> pg_backend_pid()"
                )
        effects = await eventually(consumer.effects, lambda found: len(found) >= 600)
    assert sorted(value for _, value in effects) == list(range(600))


async def test_a_batch_counts_only_from_where_it_was_expected(store: StoreFactory) -> None:
    """A zombie's batch: another consumer moved the position while it was frozen."""
    things = await store()
    held = asyncio.Event()
    proceed = asyncio.Event()

    async def keep_slowly(session: AsyncSession, them: Sequence[Delivered[ThingCounted]]) -> None:
        held.set()
        await proceed.wait()
        await keep_effects(session, them)

    await things.produce((body("a", 1), headers(1)))
    async with running(things.inbox(keep_slowly, process="zombie")):
        await held.wait()
        # The zombie's session is cut in the middle of its transaction; a second takes over.
        await things.fetch(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        async with running(things.inbox(process="zombie")):
            await eventually(things.effects, lambda found: len(found) == 1)
            proceed.set()
            await things.produce((body("a", 2), headers(2)))
            effects = await eventually(things.effects, lambda found: len(found) >= 2)
    assert effects == [("a", 1), ("a", 2)]


async def test_a_position_that_another_consumer_moved_is_not_moved_by_this_one(
    store: StoreFactory,
) -> None:
    """A zombie that still reads: what the other one handled, it must leave alone."""
    things = await store()
    sent = [(body("a", value), headers(value + 1)) for value in range(6)]
    await things.produce(*sent[:3])
    async with running(things.inbox()):
        await eventually(things.effects, lambda found: len(found) == 3)
        last = dict(sent[4][1])["ce_id"].decode()
        await things.fetch("update position set next = 5, last_event = $1", last)
        await things.produce(*sent[3:])
        effects = await eventually(things.effects, lambda found: ("a", 5) in found)
    assert effects == [("a", 0), ("a", 1), ("a", 2), ("a", 5)]


BAD = [
    (b"not JSON", headers(1), "the body is not JSON"),
    (b"\xff\xfe\x00", headers(1), "the body is not JSON"),
    (b'{"thing":"a"}', headers(1), "value: Field required"),
    (b'{"thing":"a","value":"many"}', headers(1), "value: Input should be a valid integer"),
    (b'{"value":1,"thing":"a"}', headers(1), "not in RFC 8785 form"),
    (body("a", 1), headers(1, ce_type="tests.thing-forgotten.v1"), "is unknown on"),
    (body("a", 1), headers(1, ce_type="voting.round-closed.v1"), "is unknown on"),
    (body("a", 1), headers(1, ce_id=None), "ce_id is missing"),
    (body("a", 1), [*headers(1)[:2], ("ce_type", b"\xff")], "ce_type is not UTF-8"),
    (body("a", 1), headers(None, ce_log=None), "without ce_log and ce_number"),
    (None, headers(1), "a tombstone"),
    (body("a", 1), [], "ce_specversion"),
]


@pytest.mark.parametrize(("value", "its_headers", "reason"), BAD)
async def test_what_cannot_be_read_becomes_a_dead_letter_and_the_rest_goes_on(
    store: StoreFactory, value: bytes | None, its_headers: list[tuple[str, bytes]], reason: str
) -> None:
    things = await store()
    await things.produce(
        (body("a", 1), headers(1)), (value, its_headers), (body("a", 3), headers(3))
    )
    async with running(things.inbox()):
        effects = await eventually(things.effects, lambda found: len(found) == 2)
    (row,) = await things.fetch("select topic, type, body from outbox")
    letter = DeadLetter.from_body(row["body"])
    assert effects == [("a", 1), ("a", 3)]
    assert row["topic"] == f"{things.topic}.dead"
    assert reason in letter.reason
    assert (letter.process, letter.origin) == ("tests", things.topic)
    assert (letter.partition, letter.offset) == (0, 1)


async def test_a_dead_letter_can_be_handled_after_the_fix_and_then_only_once(
    store: StoreFactory,
) -> None:
    things = await store()
    event_id = str(uuid4())
    await things.produce((b'{"thing":"a","value":1,"more":1.5}', headers(1, ce_id=event_id)))
    async with running(things.inbox()):
        rows = await eventually(
            lambda: things.fetch("select body from outbox"), lambda found: len(found) == 1
        )
    letter = DeadLetter.from_body(rows[0]["body"])
    inbox = things.inbox()
    with pytest.raises(Dead, match="not an integer"):
        await inbox.replay(letter)
    assert await things.effects() == []
    # The fix: this version can read it.
    mended = letter.model_copy(update={"value": "eyJ0aGluZyI6ImEiLCJ2YWx1ZSI6MX0="})
    await inbox.replay(mended)
    await inbox.replay(mended)
    assert await things.effects() == [("a", 1)]


async def test_a_record_whose_handler_fails_waits_alone_and_is_not_retried_in_a_spin(
    store: StoreFactory,
) -> None:
    things = await store(partitions=2)
    attempts: list[float] = []

    async def fail_on_poison(
        session: AsyncSession, them: Sequence[Delivered[ThingCounted]]
    ) -> None:
        if any(delivered.event.thing == "poison" for delivered in them):
            attempts.append(asyncio.get_running_loop().time())
            raise ZeroDivisionError
        await keep_effects(session, them)

    publisher = await store(topic_name=things.topic)
    async with running(publisher.relay(), things.inbox(fail_on_poison)):
        await publisher.announce("a", *range(50))
        await eventually(things.effects, lambda found: len(found) == 50)
        await publisher.announce("poison", 0)
        other = await _key_elsewhere(publisher, than="poison")
        for value in range(100):
            await publisher.announce(other, value)
        effects = await eventually(
            things.effects, lambda found: sum(thing == other for thing, _ in found) == 100
        )
        await eventually(_returning(attempts), lambda found: len(found) >= 3)
    assert [value for thing, value in effects if thing == other] == list(range(100))
    pauses = [after - before for before, after in pairwise(attempts)]
    assert pauses == sorted(pauses) and pauses[0] > 0.5  # each longer: 20 a minute is out of reach


async def test_a_failing_batch_is_halved_down_to_the_record_that_fails(
    store: StoreFactory,
) -> None:
    things = await store()
    attempts = []

    async def fail_on_poison(
        session: AsyncSession, them: Sequence[Delivered[ThingCounted]]
    ) -> None:
        attempts.append(len(them))
        if any(delivered.event.thing == "poison" for delivered in them):
            raise ZeroDivisionError
        await keep_effects(session, them)

    good = [(body("a", value), headers(value + 1)) for value in range(60)]
    await things.produce(*good[:30], (body("poison", 0), headers(61)), *good[30:])
    async with running(things.inbox(fail_on_poison)):
        effects = await eventually(things.effects, lambda found: len(found) == 30)
    assert effects == [("a", value) for value in range(30)]
    assert len(attempts) < 20


def _returning[T](value: T):  # type: ignore[no-untyped-def]
    async def give() -> T:
        return value

    return give


async def _key_elsewhere(things: Store, than: str) -> str:
    """A key of the other partition."""
    from aiokafka.partitioner import murmur2

    def partition(key: str) -> int:
        return int((murmur2(key.encode()) & 0x7FFFFFFF) % 2)

    return next(f"key-{n}" for n in range(100) if partition(f"key-{n}") != partition(than))


async def test_a_topic_that_was_made_anew_is_read_from_its_beginning(store: StoreFactory) -> None:
    """Also where the new log is longer than the old position, which then still seems to fit."""
    things = await store()
    known = [(body("a", value), headers(value + 1)) for value in range(10)]
    await things.produce(*known)
    async with running(things.inbox()):
        await eventually(things.effects, lambda found: len(found) == 10)
    admin = things.account.admin()
    await asyncio.to_thread(admin.delete_topics([things.topic])[things.topic].result, 10)
    await asyncio.to_thread(
        lambda: admin.create_topics([NewTopic(things.topic, 1, 1)])[things.topic].result(10)
    )
    fresh = [(body("b", value), headers(value + 11)) for value in range(25)]
    await things.produce(*fresh[:20], *known, *fresh[20:])
    async with running(things.inbox()):
        effects = await eventually(things.effects, lambda found: len(found) == 35)
    assert sorted(effects) == sorted([("a", v) for v in range(10)] + [("b", v) for v in range(25)])


async def test_a_running_consumer_notices_that_its_topic_is_another_one(
    store: StoreFactory,
) -> None:
    things = await store()
    await things.produce(*[(body("a", value), headers(value + 1)) for value in range(10)])
    async with running(things.inbox()):
        await eventually(things.effects, lambda found: len(found) == 10)
        admin = things.account.admin()
        await asyncio.to_thread(admin.delete_topics([things.topic])[things.topic].result, 10)
        await asyncio.to_thread(
            lambda: admin.create_topics([NewTopic(things.topic, 1, 1)])[things.topic].result(10)
        )
        await things.produce(*[(body("b", value), headers(value + 1)) for value in range(30)])
        effects = await eventually(things.effects, lambda found: len(found) == 40)
    assert sorted(effects)[10:] == [("b", value) for value in range(30)]


async def test_a_log_that_is_shorter_or_another_than_what_was_read_is_read_from_its_beginning(
    store: StoreFactory,
) -> None:
    """As after a power loss: the same topic id, but the record before the position is not ours."""
    things = await store()
    known = [(body("a", value), headers(value + 1)) for value in range(10)]
    await things.produce(*known)
    # What a consumer would have stored had it read ten records that the log then lost.
    await things.fetch("insert into inbox select gen_random_uuid() from generate_series(1, 10)")
    topic_id = (await things.kafka.topics([things.topic]))[things.topic].id
    for position in (10, 14):
        await things.fetch("delete from position")
        await things.fetch("delete from inbox")
        await things.fetch("delete from effect")
        await things.fetch(
            "insert into position values ($1, 0, $2, $3, $4)",
            things.topic,
            topic_id,
            position,
            uuid4(),
        )
        async with running(things.inbox()):
            effects = await eventually(things.effects, lambda found: len(found) == 10)
        assert effects == [("a", value) for value in range(10)]


async def test_stopping_with_no_broker_is_bounded(store: StoreFactory) -> None:
    things = await store()
    things.account = Account("127.0.0.1:1", "admin", "none")
    async with running(things.relay(), things.inbox()):
        await things.announce("a", 1)
        await eventually(
            lambda: things.fetch("select epoch from outbox_relay"), lambda r: r[0]["epoch"] == 1
        )


async def test_a_transaction_that_fails_leaves_neither_position_nor_inbox(
    store: StoreFactory,
) -> None:
    things = await store()

    async def fail(session: AsyncSession, them: Sequence[Delivered[ThingCounted]]) -> None:
        await keep_effects(session, them)
        raise ZeroDivisionError

    await things.produce((body("a", 1), headers(1)))
    inbox = things.inbox(fail)
    async with running(inbox):
        await eventually(_returning(inbox), lambda it: any(p.failures for p in it._places.values()))
    (position,) = await things.fetch("select next from position")
    assert position["next"] == 0
    assert await things.fetch("select 1 from inbox") == []
    assert await things.effects() == []


async def test_dead_letters_keep_every_byte(store: StoreFactory) -> None:
    things = await store()
    value = bytes(range(256)) * 1000
    await things.produce((value, [("ce_id", b"\xff\x00"), ("x", b"")]))
    async with running(things.inbox()):
        rows = await eventually(
            lambda: things.fetch("select body from outbox"), lambda found: len(found) == 1
        )
    letter = DeadLetter.from_body(rows[0]["body"])
    record = record_of(letter)
    assert record.value == value
    assert list(record.headers) == [("ce_id", b"\xff\x00"), ("x", b"")]
    assert record.key == b"raw"
    assert json.loads(rows[0]["body"])["origin"] == things.topic


async def test_a_handler_that_remembers_by_itself_is_given_what_comes_again(
    store: StoreFactory,
) -> None:
    things = await store()
    again = headers(1)
    await things.produce((body("a", 1), again), (body("a", 2), again))
    inbox = things.inbox()
    object.__setattr__(inbox.subscription, "remembers", False)
    async with running(inbox):
        effects = await eventually(things.effects, lambda found: len(found) == 2)
    assert effects == [("a", 1), ("a", 2)]
    assert await things.fetch("select 1 from inbox") == []

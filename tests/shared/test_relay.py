"""The relay: everything committed reaches Kafka, in order, numbered without a gap."""

import asyncio
import time
from collections import defaultdict

import pytest
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord
from confluent_kafka.admin import NewTopic  # type: ignore[attr-defined]  # it does export it

from shared.envelope import Envelope
from shared.kafka import abort_producer
from shared.outbox import announce, number_all
from shared.relay import Gate
from tests.shared.conftest import SOURCE, Store, StoreFactory, ThingCounted, eventually, running

Records = list[ConsumerRecord[bytes, bytes]]


def once(records: Records) -> Records:
    """What a consumer sees: each event once, at its first arrival."""
    seen: dict[bytes, ConsumerRecord[bytes, bytes]] = {}
    for record in records:
        seen.setdefault(dict(record.headers)["ce_id"], record)
    return list(seen.values())


def values(records: Records) -> dict[str, list[int]]:
    """Per key, what arrived in which order."""
    found = defaultdict(list)
    for record in records:
        event = ThingCounted.from_body(record.value or b"")
        found[event.thing].append(event.value)
    return dict(found)


def numbers(records: Records) -> dict[str, list[int]]:
    """Per log, the numbers in the order of their arrival."""
    found = defaultdict(list)
    for record in records:
        envelope = Envelope.from_headers(record.headers)
        found[envelope.log or ""].append(envelope.number or 0)
    return dict(found)


async def test_events_of_one_key_arrive_in_the_order_of_their_announcement(
    store: StoreFactory,
) -> None:
    things = await store(partitions=3)

    async def count(thing: str) -> None:
        for start in range(0, 60, 3):
            await things.announce(thing, start, start + 1, start + 2)

    async with running(things.relay()):
        await asyncio.gather(*(count(f"thing-{n}") for n in range(7)))
        records = await things.sent(7 * 60)
    by_thing = values(sorted(records, key=lambda r: (r.partition, r.offset)))
    assert by_thing == {f"thing-{n}": list(range(60)) for n in range(7)}


async def test_numbers_are_gapless_per_log_though_transactions_roll_back(
    store: StoreFactory,
) -> None:
    things = await store()

    async def sometimes_fail(log: str, value: int) -> None:
        try:
            async with things.database.begin() as session:
                event = ThingCounted(thing=log, value=value)
                announce(session, event, source=SOURCE, log=log, topic=things.topic)
                await session.flush()
                if value % 3 == 0:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            return

    async with running(things.relay()):
        await asyncio.gather(
            *(sometimes_fail(log, value) for value in range(90) for log in ("one", "other"))
        )
        records = await things.sent(120)
    assert numbers(records) == {"one": list(range(1, 61)), "other": list(range(1, 61))}


async def test_the_body_and_the_envelope_are_those_that_were_announced(
    store: StoreFactory,
) -> None:
    things = await store()
    await things.announce("a bench", 17)
    async with running(things.relay()):
        (record,) = await things.sent(1)
    envelope = Envelope.from_headers(record.headers)
    (row,) = await things.fetch("select event_id, number, time from outbox")
    assert record.value == b'{"thing":"a bench","value":17}'
    assert record.key == b"a bench"
    assert (envelope.id, envelope.number, envelope.time) == tuple(row)
    assert (envelope.source, envelope.log, envelope.subject) == (SOURCE, "edition", "a bench")


async def test_a_standby_goes_on_where_the_leader_s_session_was_cut(store: StoreFactory) -> None:
    things = await store()
    async with running(things.relay("first"), things.relay("second")):
        for start in range(0, 400, 20):
            await things.announce("a", *range(start, start + 20))
            if start in (100, 240):
                await things.fetch(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where application_name like '% relay'"
                )
        records = await eventually(
            lambda: things.all_sent(400), lambda found: len(once(found)) == 400
        )
    assert values(once(records)) == {"a": list(range(400))}
    assert numbers(once(records)) == {"edition": list(range(1, 401))}


async def test_only_one_relay_leads(store: StoreFactory) -> None:
    things = await store()
    async with running(*(things.relay(f"relay {n}") for n in range(4))):
        await things.announce("a", *range(200))
        records = await things.all_sent(200)
        assert len(records) == 200
        (state,) = await things.fetch("select epoch, acknowledged from outbox_relay")
    assert state["epoch"] == 1


async def test_a_relay_of_a_past_epoch_moves_nothing(store: StoreFactory) -> None:
    things = await store()
    await things.announce("a", *range(10))
    async with running(things.relay()):
        await things.sent(10)
        await eventually(
            lambda: things.fetch("select acknowledged from outbox_relay"),
            lambda rows: rows[0]["acknowledged"] == 10,
        )
        await things.fetch("update outbox_relay set epoch = epoch + 1")
        await things.announce("a", *range(10, 20))
        # Fenced, it gives up the lock, and comes back in an epoch of its own.
        records = await eventually(
            lambda: things.all_sent(20), lambda found: len(once(found)) == 20
        )
    assert values(once(records)) == {"a": list(range(20))}
    (state,) = await things.fetch("select epoch, acknowledged from outbox_relay")
    assert (state["epoch"], state["acknowledged"]) == (3, 20)


async def test_nothing_leaves_a_producer_whose_lease_is_over(store: StoreFactory) -> None:
    """What aiokafka's sender still held when its process was frozen."""
    things = await store()
    relay = things.relay()
    producer = things.kafka.producer()
    gate = Gate()
    relay._guard(producer, gate)
    await producer.start()
    try:
        gate.lease_until = time.monotonic() + 60
        await producer.send_and_wait(things.topic, b"within", headers=[("ce_id", b"1")])
        gate.lease_until = time.monotonic() - 0.001
        with pytest.raises(KafkaError, match="lease"):
            await producer.send_and_wait(things.topic, b"after", headers=[("ce_id", b"2")])
        gate.lease_until = time.monotonic() + 60
        with pytest.raises(KafkaError, match="ended"):  # for good: another one begins instead
            await producer.send_and_wait(things.topic, b"later", headers=[("ce_id", b"3")])
    finally:
        await abort_producer(producer)
    assert [record.value for record in await things.all_sent(1)] == [b"within"]


async def test_a_topic_that_was_made_anew_gets_everything_again(store: StoreFactory) -> None:
    things = await store()
    await things.announce("a", *range(50))
    async with running(things.relay()):
        await things.sent(50)
        admin = things.account.admin()
        await asyncio.to_thread(admin.delete_topics([things.topic])[things.topic].result, 10)
        await asyncio.to_thread(_create, things)
        await things.announce("a", *range(50, 60))
        records = await eventually(lambda: things.all_sent(1), lambda found: len(once(found)) == 60)
    # Without a broken connection the relay learns of it from the first acknowledgement.
    assert sorted(values(once(records))["a"]) == list(range(60))
    assert sorted(numbers(once(records))["edition"]) == list(range(1, 61))


def _create(things: Store) -> None:
    admin = things.account.admin()
    admin.create_topics([NewTopic(things.topic, 1, 1)])[things.topic].result(10)


async def test_an_event_whose_words_were_erased_leaves_as_a_tombstone(store: StoreFactory) -> None:
    things = await store()
    async with things.database.begin() as session:
        for thing in ("kept", "erased"):
            announce(
                session,
                ThingCounted(thing=thing, value=1),
                source=SOURCE,
                log="edition",
                topic=things.topic,
                late=True,
            )

    async def bodies(_: object, keys: object) -> dict[str, bytes | None]:
        return {"kept": b'{"thing":"kept","value":1}', "erased": None}

    relay = things.relay()
    relay._late_bodies[things.topic] = bodies
    async with running(relay):
        records = await things.sent(2)
    assert {r.key: r.value for r in records} == {
        b"kept": b'{"thing":"kept","value":1}',
        b"erased": None,
    }


async def test_numbering_within_a_transaction_tells_the_last_number_before_it(
    store: StoreFactory,
) -> None:
    things = await store()
    await things.announce("a", 1, 2, 3)
    connection = await _connected(things)
    async with connection.transaction():
        assert await number_all(connection, "edition") == 3
        assert await number_all(connection, "unheard-of") == 0
    await connection.close()
    await things.announce("a", 4)
    async with running(things.relay()):
        records = await things.sent(4)
    assert numbers(records) == {"edition": [1, 2, 3, 4]}


async def test_numbering_at_the_same_time_gives_each_number_once(store: StoreFactory) -> None:
    things = await store()
    await asyncio.gather(*(things.announce(f"thing-{n}", *range(40)) for n in range(10)))

    async def number() -> None:
        connection = await _connected(things)
        while await connection.fetchval("select number_outbox(7)"):
            pass
        await connection.close()

    await asyncio.gather(*(number() for _ in range(8)))
    rows = await things.fetch("select position, number from outbox order by position")
    assert [row["position"] for row in rows] == list(range(1, 401))
    assert [row["number"] for row in rows] == list(range(1, 401))


async def test_a_log_that_begins_while_others_are_numbered_has_its_first_number(
    store: StoreFactory,
) -> None:
    things = await store()
    announced = asyncio.Event()

    async def number() -> None:
        connection = await _connected(things)
        while not announced.is_set():
            await connection.fetchval("select number_outbox(50)")
        while await connection.fetchval("select number_outbox(50)"):
            pass
        await connection.close()

    numbering = asyncio.create_task(number())
    for start in range(0, 400, 8):
        logs = (f"log-{n}" for n in range(start, start + 8))
        await asyncio.gather(*(things.announce("a", 1, 2, log=log) for log in logs))
    announced.set()
    await numbering
    rows = await things.fetch(
        "select log, array_agg(number order by id) as n from outbox group by 1"
    )
    assert len(rows) == 400
    assert all(row["n"] == [1, 2] for row in rows)


async def _connected(things: Store):  # type: ignore[no-untyped-def]
    import asyncpg

    return await asyncpg.connect(things.dsn, ssl=False)


@pytest.mark.parametrize("log", [None])
async def test_an_edition_s_event_without_its_log_is_a_mistake(
    store: StoreFactory, log: str | None
) -> None:
    things = await store()
    with pytest.raises(RuntimeError, match="which one"):
        async with things.database.begin() as session:
            announce(session, ThingCounted(thing="a", value=1), source=SOURCE, log=log)

"""A restored database takes from the ledger's entries what it published, and no more."""

import asyncio
import base64
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from signal import SIGKILL
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.delivery import Delivered
from shared.envelope import Envelope, leaf_bytes
from shared.events.voting import CountKeyAnnounced, ServiceReopened
from shared.failing import KILL_AT
from shared.inbox import Inbox, Subscription
from shared.outbox import announce, envelope_of
from shared.proving import Entry, NotProven, set_aside
from shared.recovering import (
    Contradicted,
    NotAnEntry,
    NotRestored,
    Recovery,
    StateMissing,
    StillBehind,
    TwoOfficersNeeded,
    delivered_of,
)
from shared.reopening import open_recovered, reopening_subscription
from shared.telemetry import Metrics
from tests.shared.conftest import Store, StoreFactory
from tests.shared.proven import heard, proven
from tests.shared.recovered_once import LOG, SOURCE, recover

ROOT = Path(__file__).parents[2]
ALL = {LOG: 1_000}
OUTBOX = "select event_id, topic, key, type, source, subject, log, body, number from outbox"


def key(number: int) -> CountKeyAnnounced:
    return CountKeyAnnounced(service_key=base64.b64encode(bytes([number] * 32)).decode())


async def publish(things: Store, *numbers: int) -> list[UUID]:
    """Announce an event for each of these."""
    async with things.database.begin() as session:
        return [announce(session, key(number), source=SOURCE) for number in numbers]


async def entries(things: Store) -> list[str]:
    """What the ledger makes of everything that is published here."""
    await things.fetch("select number_outbox(1000)")
    rows = await things.fetch("select * from outbox order by number")
    return [leaf_bytes(envelope_of(row), row["body"]).decode() for row in rows]


async def published(things: Store) -> list[tuple[object, ...]]:
    rows = await things.fetch(f"{OUTBOX} where number is not null order by number")
    return [tuple(row) for row in rows]


class Case:
    """A publisher, its backup from when it had published two events, and the ledger's five."""

    def __init__(self, lived: Store, backup: Store, ledger: list[Entry]) -> None:
        self.lived, self.backup, self.ledger = lived, backup, ledger

    @property
    def recovery(self) -> Recovery:
        return Recovery(SOURCE, self.backup.database, (), {})


async def copied(lived: Store, backup: Store) -> None:
    """As `pg_dump` and `pg_restore` do with what matters here."""
    columns = "event_id, topic, key, type, source, subject, time, log, body, position, number"
    connection = await asyncpg.connect(backup.dsn, ssl=False)
    await connection.executemany(
        f"insert into outbox ({columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        [tuple(r) for r in await lived.fetch(f"select {columns} from outbox order by id")],
    )
    for table in ("outbox_number", "outbox_counter"):
        rows = [tuple(row) for row in await lived.fetch(f"select * from {table}")]
        await connection.execute(f"delete from {table}")
        await connection.executemany(f"insert into {table} values ($1, $2)", rows)
    await connection.close()


@pytest.fixture
async def case(store: StoreFactory) -> Case:
    lived, backup = await store(), await store()
    await publish(lived, 1, 2)
    await lived.fetch("select number_outbox(10)")
    await publish(lived, 3)  # announced before the backup, numbered after it
    await copied(lived, backup)
    await publish(lived, 4, 5)
    leaves = await entries(lived)
    await backup.fetch("insert into outbox_covered values ('platform', 5, 'id')")
    ledger = [await heard_by(each, leaves) for each in (lived, backup)][-1]
    return Case(lived, backup, ledger)


async def heard_by(things: Store, leaves: list[str]) -> list[Entry]:
    """The entries of a log with these, as the checkpoint proves them that was heard here."""
    connection = await asyncpg.connect(things.dsn, ssl=False)
    try:
        return await heard(connection, LOG, leaves)
    finally:
        await connection.close()


async def test_what_was_published_since_the_backup_is_there_again_under_its_id_and_number(
    case: Case,
) -> None:
    assert await case.recovery.take(LOG, case.ledger) == 3
    await case.recovery.end(ALL)
    assert await published(case.backup) == await published(case.lived)
    # What is new is behind it, in the outbox's order too.
    await publish(case.backup, 6)
    await case.backup.fetch("select number_outbox(10)")
    rows = await case.backup.fetch("select number from outbox order by position")
    assert [row["number"] for row in rows] == [1, 2, 3, 4, 5, 6]


async def test_what_was_covered_after_the_logs_were_fetched_is_still_missing(case: Case) -> None:
    """A number whose entry nobody took is not claimed: it may be an event of this publisher."""
    await case.backup.fetch("update outbox_covered set number = 8")
    await case.recovery.take(LOG, case.ledger)
    await case.recovery.end({LOG: 6})
    assert (await case.recovery.state())["behind"] == {LOG: {"known": 6, "covered": 8}}
    with pytest.raises(StillBehind):
        await case.recovery.reopen("too early", by_hand=True)


async def test_a_database_that_is_behind_is_handed_nothing_to_read(
    case: Case,
) -> None:
    """Its handlers would announce, under numbers that were given."""
    with pytest.raises(StillBehind, match="recover it first"):
        await case.recovery.read(LOG, case.ledger)
    await case.recovery.take(LOG, case.ledger)
    with pytest.raises(StillBehind, match="closed as a restored backup"):
        await case.recovery.read(LOG, case.ledger)
    await case.recovery.end(ALL)
    assert await case.recovery.read(LOG, case.ledger) == 0


async def test_a_restored_database_that_lacks_no_number_is_closed_by_an_officer(
    case: Case,
) -> None:
    lived = Recovery(SOURCE, case.lived.database, (), {}, opened_by_two=True)
    await lived.close("restored from Tuesday's backup")
    state = await lived.state()
    assert (state["closed_because"], state["recovery"]) == ("restored from Tuesday's backup", None)
    # Nobody opens it before it was recovered, though it is behind in nothing that has a number.
    (row,) = await case.lived.fetch("select recovery from outbox_recovered")
    assert not await decided(case, str(row["recovery"]), things=case.lived)
    assert await lived.take(LOG, case.ledger) == 0
    await lived.end(ALL)
    assert await decided(case, (await lived.state())["recovery"], things=case.lived)
    # Restored once more while it is closed: it has to be recovered again.
    await case.lived.fetch(
        "update outbox_recovered set reopened_at = null, reopened_because = null"
    )
    await lived.close("and once more")
    assert (await lived.state())["recovery"] is None


async def test_the_same_entries_again_change_nothing(case: Case) -> None:
    await case.recovery.take(LOG, case.ledger)
    before = await case.backup.fetch("select * from outbox order by id")
    assert await case.recovery.take(LOG, case.ledger) == 0
    assert await case.backup.fetch("select * from outbox order by id") == before


@pytest.mark.parametrize("point", ["recovery.taken", "recovery.committed"])
async def test_a_process_killed_while_it_recovers_goes_on_afterwards(
    case: Case, point: str
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.shared.recovered_once", case.backup.dsn),
        env={**os.environ, KILL_AT: point},
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
    )
    await process.communicate(json.dumps([each.model_dump() for each in case.ledger]).encode())
    assert process.returncode == -SIGKILL
    (closed,) = await case.backup.fetch("select count(*) from outbox_recovered")
    assert closed["count"] == (1 if point == "recovery.committed" else 0)
    assert await recover(case.backup.dsn, case.ledger) == (0 if closed["count"] else 3)
    assert await published(case.backup) == await published(case.lived)


async def test_a_number_that_ledger_and_database_give_to_two_events_is_for_a_human(
    case: Case, store: StoreFactory
) -> None:
    other = await store()
    await publish(other, 1, 2, 3, 4, 5)
    with pytest.raises(Contradicted, match="number 1 of platform"):
        await case.recovery.take(LOG, await heard_by(case.backup, await entries(other)))
    assert await case.backup.fetch("select from outbox_recovered") == []


async def test_a_database_that_lacks_nothing_takes_nothing(case: Case) -> None:
    await case.lived.fetch("insert into outbox_covered values ('platform', 5, 'id')")
    with pytest.raises(NotRestored):
        await Recovery(SOURCE, case.lived.database, (), {}).take(LOG, case.ledger)


async def test_a_number_that_was_given_up_is_used_all_the_same(case: Case) -> None:
    """The ledger covers seven, of which two are entries of the ledger itself."""
    await case.backup.fetch("update outbox_covered set number = 7")
    await case.recovery.take(LOG, case.ledger)
    with pytest.raises(StillBehind):
        await case.recovery.reopen("too early")
    await case.recovery.end(ALL)
    await case.recovery.reopen("all is there", by_hand=True)
    await publish(case.backup, 8)
    await case.backup.fetch("select number_outbox(10)")
    assert (await case.backup.fetch("select max(number) from outbox"))[0]["max"] == 8
    with pytest.raises(NotRestored):
        await case.recovery.reopen("twice")


async def test_what_cannot_be_rebuilt_keeps_a_process_closed_until_somebody_did_it_by_hand(
    case: Case,
) -> None:
    await case.recovery.take(LOG, case.ledger)
    await case.recovery.take(LOG, case.ledger)
    await case.recovery.end(ALL)
    with pytest.raises(StateMissing, match="3 events that"):
        await case.recovery.reopen("let us hope")
    assert (await case.recovery.state())["without_state"] == 3
    await case.recovery.reopen("rounds entered again by Ada", by_hand=True)
    assert (await case.recovery.state())["closed_since"] is None


async def decided(case: Case, recovery: str, **others: Any) -> bool:
    """What two officers decided arrives at the backup; whether it is open afterwards."""
    event = ServiceReopened(
        service=others.get("service", "voting.box"),
        recovery=UUID(recovery),
        reason="disk-lost",
        by_hand=others.get("by_hand", True),
        officers=(uuid4(), uuid4()),
    )
    now = datetime.now(UTC)
    envelope = Envelope(uuid4(), event.type, "voting.count", event.subject, now, "platform", 1)
    things: Store = others.get("things", case.backup)
    async with things.database.begin() as session:
        reopen = open_recovered("voting.box", by_hand_alone=others.get("by_hand_alone", False))
        await reopen(session, [Delivered(envelope, event, event.body())])
    return not await things.fetch("select from outbox_recovered where reopened_at is null")


async def test_what_two_officers_open_opens_at_nobody_s_single_word(case: Case) -> None:
    recovery = Recovery(SOURCE, case.backup.database, (), {}, opened_by_two=True)
    await recovery.take(LOG, case.ledger)
    await recovery.end(ALL)
    with pytest.raises(TwoOfficersNeeded):
        await recovery.reopen("it is urgent", by_hand=True)
    state = await recovery.state()
    assert state["closed_since"] is not None and state["opened_by_two"]
    assert await decided(case, state["recovery"])


async def test_two_officers_open_the_recovery_that_they_name_and_no_other(case: Case) -> None:
    await case.recovery.take(LOG, case.ledger)
    await case.recovery.end(ALL)
    named = (await case.recovery.state())["recovery"]
    assert not await decided(case, str(uuid4()))
    assert not await decided(case, named, service="voting.roll")
    assert not await decided(case, named, by_hand=False)  # three events are numbers alone
    assert await decided(case, named)
    assert await decided(case, named)  # told twice
    # The next time it is restored, it hears all of it again.
    await case.backup.fetch("update outbox_covered set number = 9")
    await case.recovery.take(LOG, [])
    await case.recovery.end(ALL)
    assert not await decided(case, named)


def reopened(recovery: str, service: str = "voting.box") -> str:
    """What somebody with the desk's key made up: two officers that never were open a box."""
    event = ServiceReopened(
        service=service,
        recovery=UUID(recovery),
        reason="disk-lost",
        by_hand=True,
        officers=(uuid4(), uuid4()),
    )
    now = datetime(2026, 11, 28, tzinfo=UTC)
    envelope = Envelope(uuid4(), event.type, "voting.count", event.subject, now, LOG, 99)
    return leaf_bytes(envelope, event.body()).decode()


async def test_one_officer_alone_opens_nothing_by_an_entry_that_no_log_has(case: Case) -> None:
    inbox = Inbox(
        reopening_subscription("voting.box"),
        case.backup.database,
        case.backup.kafka,
        Metrics(),
        process="tests",
    )
    box = Recovery(SOURCE, case.backup.database, (inbox,), {}, opened_by_two=True)
    await box.take(LOG, case.ledger)
    await box.end(ALL)
    forged = reopened((await box.state())["recovery"])
    # Whatever he says of it: another entry's path, a log of his own, no path at all.
    _, own = proven([forged])
    for each in (*own, *(one.model_copy(update={"entry": forged}) for one in case.ledger)):
        with pytest.raises(NotProven):
            await box.read(LOG, [*case.ledger, each])
        with pytest.raises(NotProven):
            await box.take(LOG, [each])
    assert (await box.state())["closed_since"] is not None
    # The same in the ledger is what two officers decided.
    leaves = [each.entry for each in case.ledger]
    assert await box.read(LOG, await heard_by(case.backup, [*leaves, forged])) == 6
    assert (await box.state())["closed_since"] is None


async def test_what_a_checkpoint_proves_stays_proven_while_the_log_grows(case: Case) -> None:
    leaves = [each.entry for each in case.ledger]
    root, longer = proven([*leaves, "more"])
    await case.backup.fetch("update heard_checkpoint set size = $1, root = $2", len(longer), root)
    assert await case.recovery.take(LOG, case.ledger) == 3
    with pytest.raises(NotProven, match="of 5 entries"):
        await case.recovery.take(LOG, longer[:1])
    async with case.backup.database.begin() as session:
        assert await set_aside(await raw(session)) == {LOG: 6}
    assert await case.recovery.take(LOG, longer[:1]) == 0


async def test_nothing_is_proven_before_a_checkpoint_was_set_aside(case: Case) -> None:
    await case.backup.fetch("delete from proving_checkpoint")
    with pytest.raises(NotProven, match="begin with that"):
        await case.recovery.take(LOG, case.ledger)


async def test_what_the_record_never_gives_back_people_have_to_have_seen_to(case: Case) -> None:
    """The roll lacks no number, and does not know who was issued a token."""
    lived = Recovery(SOURCE, case.lived.database, (), {}, opened_by_two=True)
    await lived.close("restored")
    await lived.end(ALL)
    state = await lived.state()
    assert state["without_state"] == 0
    for by_hand in (False, True):
        said: Any = {"things": case.lived, "by_hand": by_hand, "by_hand_alone": True}
        assert await decided(case, state["recovery"], **said) is by_hand


async def test_what_was_decided_of_a_recovery_before_its_end_opens_nothing(case: Case) -> None:
    """As in a backup that was made while its database was closed."""
    await case.recovery.take(LOG, case.ledger[:-1])
    assert (await case.recovery.state())["recovery"] is None
    (row,) = await case.backup.fetch("select recovery from outbox_recovered")
    early = str(row["recovery"])
    assert not await decided(case, early)  # it is behind
    await case.recovery.take(LOG, case.ledger)
    await case.recovery.end(ALL)
    assert not await decided(case, early)
    assert await decided(case, (await case.recovery.state())["recovery"])


async def test_an_entry_is_read_as_the_event_that_was_announced(case: Case) -> None:
    (row, *_) = await case.lived.fetch("select * from outbox order by number")
    found = delivered_of(LOG, case.ledger[0].entry)
    assert (found.envelope.id, found.envelope.number) == (row["event_id"], 1)
    assert (found.event.topic, found.event.key) == (row["topic"], row["key"])
    assert (found.body, found.envelope.subject) == (row["body"], row["subject"])


@pytest.mark.parametrize(
    "altered",
    [
        "",
        "[]",
        "{}",
        '{"body":{}}',
        "number",
        "space",
        "type",
        "time",
    ],
)
async def test_what_is_no_entry_is_refused(case: Case, altered: str) -> None:
    entry = case.ledger[0].entry
    match altered:
        case "number":
            entry = entry.replace('"number":1', '"number":"1"')
        case "space":
            entry = entry.replace('"number":1', '"number": 1')
        case "type":
            entry = entry.replace("voting.count-key", "voting.no-such-key")
        case "time":
            entry = entry.replace('Z","type"', '0Z","type"')
        case _:
            entry = altered
    with pytest.raises(NotAnEntry):
        delivered_of(LOG, entry)


async def test_what_restores_state_is_given_each_event_once_in_the_order_of_the_log(
    case: Case,
) -> None:
    given: list[int | None] = []

    async def restore(session: AsyncSession, keys: Sequence[Delivered[CountKeyAnnounced]]) -> None:
        given.extend(each.envelope.number for each in keys)

    recovery = Recovery(SOURCE, case.backup.database, (), {CountKeyAnnounced.type: restore})
    await recovery.take(LOG, case.ledger[:4])
    await recovery.take(LOG, case.ledger)
    assert given == [3, 4, 5]
    # Another publisher, which makes state of what this one said: what it knew is left out.
    given.clear()
    await case.backup.fetch("insert into inbox select event_id from outbox where number = 2")
    reader = Recovery("voting.roll", case.backup.database, (), {CountKeyAnnounced.type: restore})
    await reader.take(LOG, case.ledger)
    await reader.take(LOG, case.ledger)
    assert given == [1, 3, 4, 5]


async def test_a_consumer_far_behind_is_handed_what_kafka_lost_each_event_once(
    case: Case,
) -> None:
    """It knew the second event. Nothing is left of the topic."""

    async def keep(session: AsyncSession, keys: Sequence[Delivered[CountKeyAnnounced]]) -> None:
        await (await raw(session)).executemany(
            "insert into effect (thing, value, event_id) values ('key', $1, $2)",
            [(each.envelope.number, each.envelope.id) for each in keys],
        )

    things = case.backup
    subscription = Subscription(
        name="keys",
        topics=(CountKeyAnnounced.topic,),
        handlers={CountKeyAnnounced.type: keep},
    )
    inbox = Inbox(subscription, things.database, things.kafka, Metrics(), process="tests")
    reader = Recovery("voting.roll", things.database, (inbox,), {})
    await things.fetch("delete from outbox_covered")  # it is no backup
    assert reader.reads == {CountKeyAnnounced.type}
    second = delivered_of(LOG, case.ledger[1].entry).envelope.id
    await things.fetch("insert into inbox values ($1)", second)
    assert await reader.read(LOG, case.ledger) == 4
    assert await reader.read(LOG, case.ledger) == 0
    assert await things.effects() == [("key", 1), ("key", 3), ("key", 4), ("key", 5)]

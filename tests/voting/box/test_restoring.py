"""A box that lost its database gets back all that it published, and closes nothing twice."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from shared.envelope import Envelope, leaf_bytes
from shared.events import Event
from shared.events.voting import BoxClosed, RoundClosed, ServiceReopened
from shared.outbox import envelope_of
from shared.recovering import Recovery, TwoOfficersNeeded
from tests.conftest import DatabaseFactory
from tests.shared.proven import heard
from tests.voting.box.conftest import LOG, Box, box_app, delivered, listed, opened
from tests.voting.box.voters import Voter
from voting.box.app import RESTORES


@pytest.fixture
async def empty(database: DatabaseFactory) -> Box:
    """A box's database without anything: there was no backup of it."""
    made = await database("voting.box")
    return Box(await asyncpg.connect(made.superuser, ssl=False), made.dsn)


def entry(event: Event, number: int) -> str:
    """What another publisher's event is in the ledger."""
    found: Envelope = delivered(event).envelope
    now = datetime(2026, 9, 1, tzinfo=UTC)
    envelope = Envelope(found.id, event.type, "voting.count", event.subject, now, LOG, number)
    return leaf_bytes(envelope, event.body()).decode()


async def test_a_box_is_opened_by_two_officers_and_hears_of_it_while_it_is_closed(
    box: Box, tmp_path: Path
) -> None:
    process = box_app(box.dsn, tmp_path).state.process
    [reopenings] = [s for s in process.subscriptions if ServiceReopened.topic in s.topics]
    assert reopenings.while_closed and not reopenings.first  # ballots are taken without Kafka
    recovery = box_app(box.dsn, tmp_path).state.recovery
    await box.connection.execute("insert into outbox_covered values ($1, 3, 'id')", LOG)
    await recovery.end({LOG: 100})
    with pytest.raises(TwoOfficersNeeded):
        await recovery.reopen("promises compared")
    for wanted, opened_again in ((uuid4(), False), (await named(box), True)):
        event = ServiceReopened(
            service="voting.box",
            recovery=wanted,
            reason="disk-lost",
            by_hand=False,
            officers=(uuid4(), uuid4()),
        )
        # With the rights that the box has.
        async with box.database.begin() as session:
            await reopenings.handle(session, [delivered(event)])
        assert (await named(box) is None) is opened_again


async def named(box: Box) -> UUID | None:
    """The recovery by which a box is closed."""
    found: UUID | None = await box.connection.fetchval(
        "select recovery from outbox_recovered where reopened_at is null"
    )
    return found


async def test_what_a_lost_box_published_is_restored_from_the_record(box: Box, empty: Box) -> None:
    round_id = await box.connection.fetchval("select gen_random_uuid()")
    said = [*listed(round_id), opened(round_id, -60, 3600, "A")]
    await box.handle(*said)
    voters = [Voter(round_id) for _ in range(6)]
    sent = [voter.ballot([1, 3]) for voter in voters]
    sent.append(voters[0].ballot([2], 2))
    for each in sent:
        assert await box.cast(each) == "accepted"
    await box.flush()
    closing = await box.close(round_id)
    await box.connection.fetch("select number_outbox(100)")
    rows = await box.connection.fetch("select * from outbox order by number")
    own = [leaf_bytes(envelope_of(row), row["body"]).decode() for row in rows]
    record = [*(entry(event, n) for n, event in enumerate(said, 1)), *own]

    await empty.connection.execute(
        "insert into outbox_covered values ($1, $2, 'id')", LOG, len(own)
    )
    recovery = Recovery("voting.box", empty.database, (), RESTORES)
    entries = await heard(empty.connection, LOG, record)
    assert await recovery.take(LOG, entries) == len(own) == 8
    await recovery.end({LOG: 100})
    for table, order in (
        ("published", "key, revision"),
        ("round", "round_id"),
        ("option", "number"),
    ):
        query = f"select * from {table} order by {order}"
        assert await empty.connection.fetch(query) == await box.connection.fetch(query), table
    # Its voters get the same answer; Kafka tells once more that the round is closed.
    assert await empty.cast(sent[0]) == "accepted"
    assert await empty.cast(voters[1].ballot([2])) == "revision_taken"
    assert await empty.cast(Voter(round_id).ballot([2])) == "voting_closed"
    await empty.handle(RoundClosed(round_id=round_id, closed_at=datetime.now(UTC)))
    assert await empty.announced("voting.box-closed.v1") == [closing]
    assert json.loads(own[-1])["body"] == closing
    await empty.database.close()
    await empty.connection.close()


async def test_what_waited_in_the_backup_of_a_closed_round_is_lost(box: Box) -> None:
    """It could only be published behind the closing, which says that nothing follows."""
    round_id, other = await box.opened(), await box.opened()
    sent, kept = Voter(round_id).ballot([1]), Voter(other).ballot([1])
    assert [await box.cast(sent), await box.cast(kept)] == ["accepted", "accepted"]
    closing = BoxClosed(round_id=round_id, ballots=0, keys=0, last_number=0)
    async with box.database.begin() as session:
        await RESTORES[BoxClosed.type](session, [delivered(closing)])
    await box.flush()
    assert [row["body"] for row in await box.rows()] == [kept]
    assert await box.cast(sent) == "voting_closed" and await box.count("waiting") == 0

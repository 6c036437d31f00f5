"""A box that lost its database gets back all that it published, and closes nothing twice."""

import json
from datetime import UTC, datetime

import asyncpg
import pytest

from shared.envelope import Envelope, leaf_bytes
from shared.events import Event
from shared.events.voting import RoundClosed
from shared.outbox import envelope_of
from shared.recovering import Recovery
from tests.conftest import DatabaseFactory
from tests.voting.box.conftest import LOG, Box, delivered, listed, opened
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


async def test_what_a_lost_box_published_is_restored_from_the_record(box: Box, empty: Box) -> None:
    round_id = await box.connection.fetchval("select gen_random_uuid()")
    said = [*listed(round_id), opened(round_id)]
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
    assert await recovery.take(LOG, record) == len(own) == 8
    await recovery.end()
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

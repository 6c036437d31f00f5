"""An edition of before there were desks goes on: what waited waits, who was guided was guided."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest

from shared.migrate import upgrade
from tests.backends import Databases

STATES = ("requested", "accepted", "declined", "attended", "missed")
TEXT = "a" * 64


@pytest.fixture
async def upgraded(databases: Databases) -> AsyncIterator[asyncpg.Connection]:
    """Two editions, one with its counters closed, each with an idea in every state."""
    made = await databases.make("submission", "0017")
    connection = await asyncpg.connect(made.superuser, ssl=False)
    await connection.execute(
        "insert into text (content_id, value, salt) values ($1, 'Un texte', $2)", TEXT, bytes(32)
    )
    for phase in ("open", "closed"):
        await _edition(connection, phase)
    await asyncio.to_thread(upgrade, "submission", made.owner)
    yield connection
    await connection.close()
    await databases.drop(made)


async def _edition(connection: asyncpg.Connection, phase: str) -> None:
    programme, gathering = uuid4(), uuid4()
    await connection.execute(
        "insert into programme (programme_id, log, title, charter, rehearsal)"
        " values ($1, $2, $3, $3, false)",
        programme,
        phase,
        TEXT,
    )
    await connection.execute(
        "insert into phase (programme_id, name, opens_at, closes_at, state)"
        " values ($1, 'counters', now() - interval '1 day', now() + interval '1 day', $2)",
        programme,
        phase,
    )
    await connection.execute(
        "insert into gathering (gathering_id, programme_id, kind, territory, place, begins_at,"
        " ends_at, capacity) values ($1, $2, 'counter', 'artois', $3,"
        " now() + interval '1 day', now() + interval '2 days', 9)",
        gathering,
        programme,
        TEXT,
    )
    for state in STATES:
        await _idea(connection, programme, gathering, state)


async def _idea(
    connection: asyncpg.Connection, programme: UUID, gathering: UUID, state: str
) -> None:
    project = uuid4()
    await connection.execute(
        "insert into idea (project_id, programme_id, territory, title, summary, carrier, stage,"
        " deposited_at) values ($1, $2, 'artois', $3, $3, $3, 'asked', now())",
        project,
        programme,
        TEXT,
    )
    await connection.execute(
        "insert into handoff (handoff_id, project_id, programme_id, gathering_id, state,"
        " requested_at, reason) values ($1, $2, $3, $4, $5, now(), $6)",
        uuid4(),
        project,
        programme,
        gathering,
        state,
        TEXT if state in ("declined", "missed") else None,
    )


async def test_every_handoff_of_before_has_its_state_of_now(upgraded: asyncpg.Connection) -> None:
    rows = await upgraded.fetch(
        "select g.log, h.state, h.cause, r.state as place, h.due_at is not null as due,"
        " d.due_at = h.due_at as timed"
        " from handoff h join programme g using (programme_id)"
        " left join registration r using (handoff_id)"
        " left join deadline d on d.kind = 'handoff' and d.subject = h.handoff_id"
    )
    for log, due in (("open", True), ("closed", False)):
        timed = True if due else None
        assert {tuple(row)[1:] for row in rows if row["log"] == log} == {
            ("requested", None, None, due, timed),
            ("scheduled", None, "placed", due, timed),
            ("returned", "declined", None, False, None),
            ("returned", "done", "attended", False, None),
            ("returned", "missed", "missed", False, None),
        }
    held = "select count(*) from deadline where kind = 'gathering-held'"
    assert await upgraded.fetchval(held) == 1, "the session of the open one"


@pytest.mark.parametrize(
    "statement",
    [
        "update handoff set state = 'redirected', reason = '{text}', due_at = null"
        " where state = 'requested'",
        "update handoff set state = 'returned', due_at = null where state = 'requested'",
        "update handoff set state = 'awaiting', gathering_id = null where state = 'requested'",
        "insert into handoff (handoff_id, project_id, programme_id, state, requested_at)"
        " select gen_random_uuid(), project_id, programme_id, 'requested', now() from handoff"
        " where state = 'scheduled'",
        "update registration set state = 'gone'",
        "update gathering set state = 'cancelled'",
    ],
)
async def test_the_database_loses_no_handoff_whoever_writes(
    upgraded: asyncpg.Connection, statement: str
) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await upgraded.execute(statement.format(text=TEXT))

"""Ideas from before there were parts in projects: whoever deposited one carries it."""

import asyncio
from uuid import uuid4

import asyncpg

from shared.migrate import upgrade
from tests.backends import Databases


async def test_whoever_deposited_an_idea_is_its_lead(databases: Databases) -> None:
    made = await databases.make("submission", "0014")
    connection = await asyncpg.connect(made.superuser, ssl=False)
    known, erased, resident = uuid4(), uuid4(), uuid4()
    text = "0" * 64
    await connection.execute("insert into text values ($1, 'Un verger', $2)", text, b"0" * 32)
    programme = uuid4()
    await connection.execute(
        "insert into programme (programme_id, log, title, charter, rehearsal)"
        " values ($1, 'log', $2, $2, true)",
        programme,
        text,
    )
    for project_id in (known, erased):
        await connection.execute(
            "insert into idea values ($1, $2, 'artois', $3, $3, $3, 'idea', now())",
            project_id,
            programme,
            text,
        )
    await connection.execute(
        "insert into carrier values ($1, $2, 'Ada', 'ada@example.org', 'fr', null)", known, resident
    )
    await connection.execute(
        "insert into carrier values ($1, null, null, null, 'fr', now())", erased
    )
    await asyncio.to_thread(upgrade, "submission", made.superuser, "0015")
    rows = await connection.fetch("select * from carriage")
    assert {(row["project_id"], row["resident"]) for row in rows} == {
        (known, resident),
        (erased, None),
    }
    assert {(row["part"], row["type"], row["left_at"]) for row in rows} == {
        ("lead", "person", None)
    }
    assert not {row["carrier_id"] for row in rows} & {known, erased, resident}
    await connection.close()
    await databases.drop(made)

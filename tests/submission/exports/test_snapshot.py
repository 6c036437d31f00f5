"""A file is of one state, and says of which number of the public record, and what waits for one."""

import asyncio
import json
from typing import Any
from uuid import UUID

import asyncpg

from shared.database import Database
from submission.exports import queries
from submission.searching.looked import Looked
from tests.submission.proposing import Town


async def said(town: Town) -> tuple[dict[str, Any], list[str]]:
    """The snapshot of a file, and whose projects are in it."""
    text = (await town.browser().get(f"/programmes/{town.programme_id}/projects.json")).text
    found = json.loads(text)
    return found["snapshot"], [each["project_id"] for each in found["projects"]]


async def log_of(town: Town) -> str:
    """The name of the edition's log."""
    return str(
        await town.connection.fetchval(
            "select log from programme where programme_id = $1", town.programme_id
        )
    )


async def test_what_waits_for_a_number_is_told_and_numbered_then(town: Town) -> None:
    log = await log_of(town)
    before, _ = await said(town)
    assert (before["log"], before["number"], before["covered"]) == (log, 0, 0)
    project_id = await town.deposit(town.browser())
    snapshot, listed = await said(town)
    assert snapshot["waiting"] == before["waiting"] + 1 and snapshot["number"] == 0
    assert listed == [str(project_id)]
    while await town.connection.fetchval("select number_outbox(1000)"):
        pass
    numbered, _ = await said(town)
    assert (numbered["number"], numbered["waiting"]) == (snapshot["waiting"], 0)
    await town.connection.execute(
        "insert into outbox_covered (log, number, topic_id) values ($1, 1, 'x')", log
    )
    await town.connection.execute(
        "insert into heard_checkpoint (log, size, root) values ($1, 9, sha256(''))", log
    )
    covered, _ = await said(town)
    assert (covered["number"], covered["covered"], covered["tree_size"]) == (
        numbered["number"],
        1,
        9,
    )


async def test_a_file_is_of_one_instant_whatever_happens_meanwhile(town: Town) -> None:
    first = await town.deposit(town.browser(), "a@example.org")
    log, database = await log_of(town), Database(town.dsn, name="test")
    async with database.begin() as session:
        await queries.stand_still(session)
        snapshot = await queries.snapshot(session, log)
        second = await town.deposit(town.browser(), "b@example.org")
        found = [
            row["project_id"]
            async for some in queries.projects(session, town.programme_id, Looked())
            for row in some
        ]
        again = await queries.snapshot(session, log)
    await database.close()
    assert found == [first] and snapshot == again
    later, listed = await said(town)
    assert listed == [str(first), str(second)]
    assert later["waiting"] == snapshot.waiting + 1


async def test_many_projects_come_some_at_once_and_all(town: Town) -> None:
    made = await many(town.connection, town.programme_id, 2 * queries.AT_ONCE + 1)
    text = (await town.browser().get(f"/programmes/{town.programme_id}/projects.json")).text
    assert [UUID(each["project_id"]) for each in json.loads(text)["projects"]] == made
    path = f"/programmes/{town.programme_id}/projects.csv"
    answers = await asyncio.gather(*(town.browser().get(path) for _ in range(6)))
    assert {len(answer.text.splitlines()) for answer in answers} == {len(made) + 1}
    assert all(int(a.headers["Content-Length"]) == len(a.text.encode()) for a in answers)


async def many(connection: asyncpg.Connection, programme_id: UUID, count: int) -> list[UUID]:
    """So many ideas, straight into the tables, in their order."""
    rows = await connection.fetch(
        "with numbers as (select n, gen_random_uuid() as id,"
        " encode(sha256(convert_to($1::uuid::text || n, 'UTF8')), 'hex') as words"
        " from generate_series(1, $2::integer) n), texts as (insert into text"
        " (content_id, value, salt) select words, 'Idée ' || n, sha256('') from numbers)"
        " insert into idea (project_id, programme_id, territory, title, summary, carrier, stage,"
        " deposited_at) select id, $1, 'artois', words, words, words, 'idea',"
        " now() + n * interval '1 second' from numbers order by n returning project_id",
        programme_id,
        count,
    )
    return [row["project_id"] for row in rows]

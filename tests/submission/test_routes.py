"""Programmes, projects and freezing over HTTP, on a real database."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from shared.canonical import commitment, digest
from shared.database import Database, raw
from shared.events.submission import MOST_OPTIONS, TextPublished, options_digest
from submission import queries
from submission.freezing import freeze
from submission.tables import Round
from tests.submission.conftest import Submission, nobody

GOOD = {"title": "Un banc", "cost": 100}


async def test_a_programme_is_announced_with_a_commitment_instead_of_its_title(
    submission: Submission,
) -> None:
    made = await submission.post("/programmes", {"title": "Été 2027", "rehearsal": True})
    assert made.status == 201
    text, charter = await submission.announced()
    assert (text["topic"], text["log"], text["body"]) == ("submission.texts", None, None)
    assert charter["topic"] == "submission.programmes"
    assert charter["log"] == "platform"
    assert charter["body"] == {
        **made.body,
        "title": text["key"],
        "charter": digest({"rehearsal": True, "title": text["key"]}).hex(),
        "rehearsal": True,
    }
    assert made.body["log"].startswith("ete-2027-")


async def test_projects_are_announced_in_the_log_of_their_edition(submission: Submission) -> None:
    made = await submission.post("/programmes", {"title": "Été", "rehearsal": True})
    programme_id, log = made.body["programme_id"], made.body["log"]
    project_id = await submission.project(programme_id, cost=7)
    amended = await submission.desk(
        "PUT", f"/projects/{project_id}", {"title": "Deux bancs", "cost": 9}
    )
    assert (amended.status, amended.body) == (200, {"project_id": project_id})
    [filed] = await submission.announced("submission.dossier-filed.v1")
    [changed] = await submission.announced("submission.dossier-amended.v1")
    assert {filed["log"], changed["log"]} == {log}
    assert (filed["body"]["cost"], changed["body"]["cost"]) == (7, 9)
    assert filed["body"]["title"] != changed["body"]["title"]


async def test_amending_what_is_so_already_announces_nothing(submission: Submission) -> None:
    project_id = await submission.project(await submission.programme(), "Un banc", 100)
    before = len(await submission.announced())
    assert (await submission.desk("PUT", f"/projects/{project_id}", GOOD)).status == 200
    assert len(await submission.announced()) == before
    await submission.desk("PUT", f"/projects/{project_id}", GOOD | {"cost": 101})
    filed, changed = (await submission.announced())[-2:]
    assert filed["body"]["title"] == changed["body"]["title"]


async def test_freezing_makes_all_projects_the_options_of_a_round(submission: Submission) -> None:
    programme_id = await submission.programme()
    ids = [await submission.project(programme_id, cost=cost) for cost in (3, 1, 2)]
    other = await submission.project(await submission.programme())
    frozen = await submission.post(f"/programmes/{programme_id}/freeze")
    assert frozen.status == 201
    [event] = await submission.announced("submission.options-frozen.v1")
    assert event["body"] == {
        "round_id": frozen.body["round_id"],
        "programme_id": programme_id,
        "options": sorted(ids),
        "digest": frozen.body["digest"],
    }
    assert frozen.body["options"] == 3
    assert (await submission.desk("PUT", f"/projects/{other}", GOOD)).status == 200


async def _refused(submission: Submission, what: str) -> Any:
    programme_id = await submission.programme()
    projects = f"/programmes/{programme_id}/projects"
    freeze = f"/programmes/{programme_id}/freeze"
    match what:
        case "a programme nobody made":
            return await submission.post(f"/programmes/{nobody()}/projects", GOOD)
        case "freezing a programme nobody made":
            return await submission.post(f"/programmes/{nobody()}/freeze")
        case "a project nobody filed":
            return await submission.desk("PUT", f"/projects/{nobody()}", GOOD)
        case "no title":
            return await submission.post(projects, GOOD | {"title": " "})
        case "a long title":
            return await submission.post("/programmes", {"title": "x" * 201, "rehearsal": True})
        case "a lone surrogate":
            return await submission.post(projects, GOOD | {"title": "\ud800"})
        case "a zero in the title":
            return await submission.post(projects, GOOD | {"title": "a\0b"})
        case "no cost":
            return await submission.post(projects, GOOD | {"cost": 0})
        case "a high cost":
            return await submission.post(projects, GOOD | {"cost": 10**15 + 1})
        case "a cost beyond all columns":
            return await submission.post(projects, GOOD | {"cost": 10**30})
        case "a cost in parts of a cent":
            return await submission.post(projects, GOOD | {"cost": 1.5})
        case "a cost in words":
            return await submission.post(projects, GOOD | {"cost": "100"})
        case "an unknown field":
            return await submission.post(projects, GOOD | {"colour": "red"})
        case "no JSON":
            return await submission.post(projects, b"{")
        case "no key":
            return await submission.client.ask("POST", projects, GOOD)
        case "a wrong key":
            return await submission.client.ask("POST", projects, GOOD, Authorization="Bearer é")
        case "freezing nothing":
            return await submission.post(freeze)
        case "one project too many":
            await submission.many_projects(programme_id, MOST_OPTIONS)
            return await submission.post(projects, GOOD)
        case "one option too many":
            await submission.many_projects(programme_id, MOST_OPTIONS + 1)
            return await submission.post(freeze)
    project_id = await submission.project(programme_id)
    assert (await submission.post(freeze)).status == 201
    match what:
        case "freezing twice":
            return await submission.post(freeze)
        case "amending what is frozen":
            return await submission.desk("PUT", f"/projects/{project_id}", GOOD)
        case "adding to what is frozen":
            return await submission.post(projects, GOOD)
    raise AssertionError(what)


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ("a programme nobody made", 404, "programme_unknown"),
        ("freezing a programme nobody made", 404, "programme_unknown"),
        ("a project nobody filed", 404, "project_unknown"),
        ("no title", 422, "title_refused"),
        ("a long title", 422, "title_refused"),
        ("a lone surrogate", 422, "title_refused"),
        ("a zero in the title", 422, "title_refused"),
        ("no cost", 422, "cost_refused"),
        ("a high cost", 422, "cost_refused"),
        ("a cost beyond all columns", 422, "cost_refused"),
        ("a cost in parts of a cent", 422, "malformed"),
        ("a cost in words", 422, "malformed"),
        ("an unknown field", 422, "malformed"),
        ("no JSON", 422, "malformed"),
        ("no key", 401, "unauthorised"),
        ("a wrong key", 401, "unauthorised"),
        ("freezing nothing", 409, "no_projects"),
        ("one project too many", 409, "too_many_options"),
        ("one option too many", 409, "too_many_options"),
        ("freezing twice", 409, "options_frozen"),
        ("amending what is frozen", 409, "project_frozen"),
        ("adding to what is frozen", 409, "project_frozen"),
    ],
)
async def test_a_refusal_has_a_code_and_leaves_nothing(
    submission: Submission, what: str, status: int, code: str
) -> None:
    answer = await _refused(submission, what)
    assert answer.refusal == (status, code), answer.raw
    found = await submission.announced()
    frozen = what.endswith("frozen") or what == "freezing twice"
    assert len(found) == (5 if frozen else 2), "a text and an event each, for what was made before"
    assert await submission.connection.fetchval("select count(*) from text") == (2 if frozen else 1)


async def test_the_same_request_again_has_the_same_answer(submission: Submission) -> None:
    programme = {"title": "Été", "rehearsal": True}
    first, again = [
        await submission.post("/programmes", programme, Idempotency_Key="1") for _ in range(2)
    ]
    assert (first.status, first.raw) == (again.status, again.raw)
    programme_id = first.body["programme_id"]
    await submission.project(programme_id)
    frozen = [
        await submission.post(f"/programmes/{programme_id}/freeze", Idempotency_Key="2")
        for _ in range(2)
    ]
    assert frozen[0].raw == frozen[1].raw
    assert len(await submission.announced()) == 5


async def test_a_key_that_comes_with_another_request_is_refused(submission: Submission) -> None:
    for title, wanted in (("Été", 201), ("Hiver", 409)):
        answer = await submission.post(
            "/programmes", {"title": title, "rehearsal": True}, Idempotency_Key="1"
        )
        assert answer.status == wanted
    assert answer.refusal == (409, "idempotency_conflict")


async def test_a_refused_request_can_be_sent_again_under_its_key(submission: Submission) -> None:
    programme_id = await submission.programme()
    path = f"/programmes/{programme_id}/freeze"
    assert (await submission.post(path, Idempotency_Key="1")).status == 409
    await submission.project(programme_id)
    assert (await submission.post(path, Idempotency_Key="1")).status == 201


async def test_twenty_at_once_under_one_key_make_one_programme(submission: Submission) -> None:
    answers = await asyncio.gather(
        *(
            submission.post("/programmes", {"title": "Été", "rehearsal": True}, Idempotency_Key="1")
            for _ in range(20)
        )
    )
    assert {answer.status for answer in answers} == {201}
    assert len({answer.raw for answer in answers}) == 1
    assert await submission.connection.fetchval("select count(*) from programme") == 1


async def test_what_races_with_freezing_is_an_option_as_frozen_or_refused(
    submission: Submission,
) -> None:
    programme_id = await submission.programme()
    ids = [await submission.project(programme_id, cost=1) for _ in range(10)]
    projects = f"/programmes/{programme_id}/projects"
    amended = [
        submission.desk("PUT", f"/projects/{each}", {"title": "Un banc", "cost": 2}) for each in ids
    ]
    added = [submission.post(projects, GOOD) for _ in range(10)]
    frozen, *answers = await asyncio.gather(
        submission.post(f"/programmes/{programme_id}/freeze"), *amended, *added
    )
    assert frozen.status == 201
    assert {a.refusal for a in answers if a.status > 201} <= {(409, "project_frozen")}
    events = await submission.announced()
    place = next(i for i, e in enumerate(events) if e["type"] == "submission.options-frozen.v1")
    dossiers = [e["body"] for e in events if e["topic"] == "submission.projects"]
    known = {body["project_id"]: body for body in dossiers}
    # Whoever replays the events before the freezing gets the digest that was announced.
    options = [known[option] for option in events[place]["body"]["options"]]
    written = [{"cost": o["cost"], "option": o["project_id"], "title": o["title"]} for o in options]
    assert digest(written).hex() == frozen.body["digest"]
    assert len(options) == len(known) == frozen.body["options"]
    assert not [e for e in events[place:] if e["topic"] == "submission.projects"]


@pytest.mark.parametrize("under_way", ["update project set cost = 2", "insert"])
async def test_freezing_waits_for_what_is_under_way(submission: Submission, under_way: str) -> None:
    programme_id = await submission.programme()
    await submission.project(programme_id, cost=1)
    database = Database(submission.dsn, name="test")
    async with database.begin() as session:
        if under_way == "insert":
            await queries.programme_for_update(session, UUID(programme_id))
            await submission.many_projects(programme_id, 1, await raw(session))
        else:
            await (await raw(session)).execute(under_way)
        freezing = asyncio.ensure_future(submission.post(f"/programmes/{programme_id}/freeze"))
        await asyncio.sleep(0.3)
        assert not freezing.done()
    frozen = (await freezing).body
    await database.close()
    rows = await submission.connection.fetch("select project_id, cost, title from project")
    assert frozen["options"] == len(rows) == (2 if under_way == "insert" else 1)
    assert frozen["digest"] == options_digest([tuple(row) for row in rows])


@pytest.mark.parametrize("late", ["amending", "adding"])
async def test_what_comes_while_options_are_frozen_waits_and_is_refused(
    submission: Submission, late: str
) -> None:
    programme_id = await submission.programme()
    project_id = await submission.project(programme_id)
    database = Database(submission.dsn, name="test")
    async with database.begin() as session:
        await queries.programme_for_update(session, UUID(programme_id))
        projects = await queries.projects_for_update(session, UUID(programme_id))
        event = freeze(uuid4(), UUID(programme_id), projects)
        frozen = Round(
            round_id=event.round_id,
            programme_id=event.programme_id,
            options=len(event.options),
            digest=event.digest,
        )
        await queries.freeze_projects(session, frozen)
        if late == "amending":
            asking = submission.desk("PUT", f"/projects/{project_id}", GOOD)
        else:
            asking = submission.post(f"/programmes/{programme_id}/projects", GOOD)
        waiting = asyncio.ensure_future(asking)
        await asyncio.sleep(0.3)
        assert not waiting.done()
    await database.close()
    assert (await waiting).refusal == (409, "project_frozen")


async def test_what_is_frozen_stays_so_whoever_writes(submission: Submission) -> None:
    programme_id = await submission.programme()
    await submission.project(programme_id)
    await submission.post(f"/programmes/{programme_id}/freeze")
    for statement in ("update project set cost = 1", "delete from project"):
        with pytest.raises(asyncpg.CheckViolationError, match="is frozen"):
            await submission.connection.execute(statement)


async def test_a_text_leaves_with_its_salt_and_an_erased_one_as_a_tombstone(
    submission: Submission,
) -> None:
    programme_id = await submission.programme("Été")
    await submission.project(programme_id, "Un banc")
    kept, erased = [event["key"] for event in await submission.announced() if not event["body"]]
    await submission.connection.execute(
        "update text set value = null, salt = null where content_id = $1", erased
    )
    connection = await asyncpg.connect(submission.dsn, ssl=False)
    bodies = await queries.bodies_of_texts(connection, [kept, erased])
    await connection.close()
    assert bodies[erased] is None
    sent = bodies[kept]
    assert sent is not None
    text = TextPublished.from_body(sent)
    assert (text.content_id, text.value) == (kept, "Été")
    assert commitment(bytes.fromhex(text.salt), text.value).hex() == kept


@pytest.mark.parametrize(
    "statement",
    [
        "create table its_own (one integer)",
        "delete from programme",
        "update programme set log = 'another'",
        "update text set value = 'another'",
        "update project set programme_id = gen_random_uuid()",
        "update answered set asked = ''",
        "drop table text",
    ],
)
async def test_the_process_has_no_right_that_it_does_not_use(
    submission: Submission, statement: str
) -> None:
    connection = await asyncpg.connect(submission.dsn, ssl=False)
    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.InvalidTableDefinitionError)):
        await connection.execute(statement)
    await connection.close()


async def test_a_rolled_back_request_leaves_its_key_to_the_next(submission: Submission) -> None:
    database = Database(submission.dsn, name="test")
    with pytest.raises(RuntimeError):
        async with database.begin() as session:
            assert await queries.answered(session, "1", bytes(32)) is None
            raise RuntimeError
    async with database.begin() as session:
        assert await queries.answered(session, "1", bytes(32)) is None
    await database.close()

"""What a process does again and again: what it says of a turn that did not succeed, and to whom."""

import asyncio
import logging
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from shared.covering import Behind, NotStanding, Unheard
from shared.mark import Mark
from shared.process import Process, StillFailing
from shared.settings import Settings
from shared.standstill import Stand, Standstill
from tests.serving import settings
from tests.shared.conftest import StoreFactory, eventually
from tests.shared.test_standstill import away


@pytest.mark.parametrize(
    ("error", "logged"), [(ValueError("new"), 2), (StillFailing("said before"), 0)]
)
async def test_turns_without_success_are_an_alarm_and_what_was_said_is_not_said_again(
    caplog: pytest.LogCaptureFixture, error: Exception, logged: int
) -> None:
    given = settings(Settings, "postgresql://nobody@127.0.0.1:1/nothing", alarm_after=0.01)
    process = Process("voting.count", given, kafka=False)
    stopping, turns, alarms = asyncio.Event(), 0, []

    async def turn() -> None:
        nonlocal turns
        turns += 1
        alarms.append(dict(process.alarms()))
        if turns == 4:
            stopping.set()
        elif turns < 3:
            raise error

    with caplog.at_level(logging.ERROR, "comptoir.process"):
        await process._repeat(0.02, "decide", turn, stopping)
    # Seen before each turn: nothing, two that failed, and one that took it back.
    assert [sorted(each) for each in alarms[2:]] == [["decide"], []]
    assert len([record for record in caplog.records if record.exc_info]) == logged


async def test_a_look_that_fails_keeps_nobody_from_looking_at_all_else() -> None:
    """Neither PostgreSQL nor Kafka answers: whether the database stands is not to be known."""
    given = settings(Settings, "postgresql://nobody@127.0.0.1:1/nothing")
    process = Process("voting.count", given, kafka=False)
    process.stand = Stand(away(), process.database)
    stopping = asyncio.Event()
    watching = asyncio.create_task(process._watch(stopping))

    async def alarms() -> dict[str, str]:
        return process.alarms()

    await eventually(alarms, lambda found: "database" in found, within=60)
    stopping.set()
    await watching


async def test_a_mark_that_is_of_no_use_is_an_alarm(store: StoreFactory, tmp_path: Path) -> None:
    things = await store()
    given = settings(Settings, things.dsn, alarm_after=0.01)
    process = Process("voting.count", given, kafka=False)
    mark = tmp_path / "mark"
    mark.mkdir()
    process.stand = Stand(away(), things.database, Mark(mark))

    async def alarms() -> dict[str, str]:
        await process._look_whether_it_stands()
        return process.alarms()

    found = await eventually(alarms, lambda found: "mark" in found)
    assert "directory" in found["mark"]
    mark.rmdir()
    assert "mark" not in await alarms()


async def test_nothing_is_done_by_the_clock_while_the_database_may_be_a_backup() -> None:
    given = settings(Settings, "postgresql://nobody@127.0.0.1:1/nothing")
    process = Process("voting.count", given, kafka=False)
    stopping, third, turns = asyncio.Event(), asyncio.Event(), 0

    async def turn() -> None:
        nonlocal turns
        turns += 1
        if turns == 3:
            process.stand.known.clear()
            third.set()
        elif turns == 5:
            stopping.set()

    repeating = asyncio.create_task(process._repeat(0.01, "decide", turn, stopping))
    await third.wait()
    await asyncio.wait({repeating}, timeout=0.3)
    assert turns == 3
    process.stand.known.set()
    await repeating
    assert turns == 5


@pytest.mark.parametrize(
    ("method", "path", "restored", "unknown"),
    [
        ("GET", "/ballots", 200, 200),
        ("POST", "/ballots", 503, 503),
        ("PUT", "/projects/1", 503, 503),
        ("POST", "/desk/dead-letters", 503, 503),
        ("GET", "/desk/recovery", 200, 200),
        # What is not known to be behind can be neither recovered nor opened.
        ("POST", "/desk/recovery/reopen", 200, 503),
    ],
)
async def test_a_database_that_is_or_may_be_a_backup_answers_what_changes_nothing(
    method: str, path: str, restored: int, unknown: int
) -> None:
    async def answers(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("done")(scope, receive, send)

    stand = Stand()
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    app = Standstill(answers, stand)
    scope = {"type": "http", "method": method, "path": path, "headers": []}
    refusals: list[tuple[NotStanding | None, int]] = [
        (None, 200),
        (Behind("restored from a backup"), restored),
        (Unheard("not read"), unknown),
    ]
    for refusal, expected in refusals:
        stand.refusal = refusal
        sent.clear()
        await app(scope, receive, send)
        assert sent[0]["status"] == expected
        if expected == 503 and refusal is not None:
            assert f'"{refusal.code}"'.encode() in sent[1]["body"]

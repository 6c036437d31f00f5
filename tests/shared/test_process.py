"""What a process does again and again: what it says of a turn that did not succeed, and to whom."""

import asyncio
import logging

import pytest

from shared.process import Process, StillFailing
from shared.settings import Settings
from tests.serving import settings


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

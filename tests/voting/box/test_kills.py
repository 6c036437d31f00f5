"""A replica that is killed around a flush: nothing is lost, nothing comes twice."""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from signal import SIGKILL

import pytest

from shared.events.voting import FlushRule
from shared.failing import KILL_AT
from tests.voting.box.conftest import Box
from tests.voting.box.test_epochs import cast, in_log
from voting.box import flushing

ROOT = Path(__file__).parents[3]
K = 2
# Before the first, nothing has left; behind the last, the log has ended but for the note of it.
POINTS = ("flush.due", "flush.committed", "flush.segment_ended", "flush.checkpoint_written")


async def turn(box: Box, now: datetime, kill_at: str = "") -> int:
    """How one turn of a replica ends that is killed at this point, if at any."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.voting.box.replica"),
        cwd=ROOT,
        env={**os.environ, KILL_AT: kill_at},
        stdin=asyncio.subprocess.PIPE,
    )
    told = json.dumps({"dsn": box.dsn, "now": now.isoformat()}).encode()
    await asyncio.wait_for(process.communicate(told), 60)
    assert process.returncode is not None
    return process.returncode


@pytest.mark.parametrize("point", POINTS)
async def test_a_replica_that_dies_loses_nothing_and_doubles_nothing(box: Box, point: str) -> None:
    round_id = await box.opened(0, flush=FlushRule(k=K, interval=900))
    voters = await cast(box, round_id, 2 * K)
    now = datetime.now(UTC) + timedelta(seconds=901)
    assert await turn(box, now, point) == -SIGKILL, f"{point} was not reached"
    left = 0 if point == "flush.due" else K
    assert await box.count("published") == await box.count("outbox") == left
    assert await box.count("waiting") == len(voters) - left
    # Whoever comes next does what is left to do, and the same once more changes nothing.
    for _ in range(2):
        assert await turn(box, now) == 0
        assert await box.count("published") == await box.count("outbox") == K
        assert not await in_log(box)
    assert (await box.close(round_id))["keys"] == len(voters)
    assert await box.count("published") == len(voters)
    assert await in_log(box) == [(round_id, "A", 3)]
    await flushing.end_log(box.database)
    assert not await in_log(box)

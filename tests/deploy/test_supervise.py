"""Children: kept running, stopped whatever they do, and never left behind."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from comptoir.errors import LauncherError, NotReady
from comptoir.processes import environment
from comptoir.supervise import Children, Command
from tests.deploy.conftest import BOUND, gone

IGNORES_SIGTERM = "import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True); "
LAUNCHER = """
import asyncio, os, signal, sys
from pathlib import Path
from comptoir.processes import environment
from comptoir.supervise import Children, Command

async def main():
    children = Children(Path(sys.argv[1]))
    for name in ("busy", "frozen"):
        await children.start(Command(name, ["sleep", "1000"], environment()))
    children.signal("frozen", signal.SIGSTOP)
    print(*children.pids().values(), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


class Watched:
    """Children, and each line they say, in turn."""

    def __init__(self, logs: Path) -> None:
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        self.children = Children(logs, lambda _, line: self._lines.put_nowait(line))

    async def start(self, *argv: str, grace: float = BOUND) -> None:
        """Start the child `it`, and wait for its first line."""
        await self.children.start(Command("it", argv, environment(), grace=grace))
        assert await self.line() == "up"

    async def line(self) -> str:
        return await asyncio.wait_for(self._lines.get(), BOUND)

    @property
    def pid(self) -> int:
        return self.children.pids()["it"]


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    watched = Watched(tmp_path / "logs")
    yield watched
    await watched.children.stop_all(watched.children.names())


def shell(script: str) -> tuple[str, ...]:
    return ("sh", "-c", script)


async def test_a_child_that_is_killed_is_started_again(watched: Watched) -> None:
    await watched.start(*shell("echo up; exec sleep 1000"))
    first = watched.pid
    watched.children.kill("it")
    assert await watched.line() == "[comptoir] ended with status -9; again in 0.2 s"
    assert await watched.line() == "up"
    assert watched.pid != first
    assert watched.children.restarts("it") == 1


async def test_a_child_that_is_stopped_stays_down_until_it_is_resumed(watched: Watched) -> None:
    await watched.start(*shell("echo up; exec sleep 1000"))
    first = watched.pid
    await watched.children.stop("it")
    await gone(first)
    assert watched.children.pids() == {}
    assert await watched.line() == "[comptoir] has stopped"
    await watched.children.resume("it")
    assert await watched.line() == "up"


async def test_a_child_that_is_to_be_forgotten_is_not_started_again(watched: Watched) -> None:
    await watched.start(*shell("echo up; exec sleep 1000"))
    watched.children.forget("it")
    watched.children.kill("it")
    await watched.children.stop("it")
    assert (watched.children.pids(), watched.children.restarts("it")) == ({}, 0)


async def test_a_frozen_child_stops_as_it_would_have(watched: Watched) -> None:
    # Only a signal that is handled waits for the child to go on.
    await watched.start(*shell("trap 'echo down; exit' TERM; echo up; sleep 1000 & wait"))
    pid = watched.pid
    watched.children.signal("it", signal.SIGSTOP)
    await watched.children.stop("it")
    await gone(pid)
    assert await watched.line() == "down"


async def test_a_child_that_will_not_stop_is_killed_after_its_grace(watched: Watched) -> None:
    loop_for_ever = "\nwhile True: signal.pause()"
    await watched.start(sys.executable, "-c", IGNORES_SIGTERM + loop_for_ever, grace=0.1)
    pid = watched.pid
    await watched.children.stop("it")
    await gone(pid)
    assert await watched.line() == "[comptoir] did not stop within 0.1 s: killed"


async def test_a_child_that_waits_to_be_started_again_is_stopped_at_once(
    watched: Watched,
) -> None:
    await watched.start(*shell("echo up"))
    assert (await watched.line()).startswith("[comptoir] ended with status 0")
    await watched.children.stop("it")
    assert watched.children.restarts("it") == 0


async def test_what_a_child_forked_ends_with_it(watched: Watched) -> None:
    await watched.start(*shell("echo up; sleep 1000 & echo $!; wait"))
    grandchild = int(await watched.line())
    watched.children.kill("it")
    await gone(grandchild)


async def test_a_name_is_started_once(watched: Watched) -> None:
    await watched.start(*shell("echo up; exec sleep 1000"))
    with pytest.raises(RuntimeError, match="already started"):
        await watched.start("true")


async def test_a_child_that_is_never_ready_is_quoted(watched: Watched) -> None:
    await watched.start(*shell("echo up; exec sleep 1000"))

    async def never() -> bool:
        return False

    with pytest.raises(NotReady, match=r"it was not ready after 0\.05 s. It said last:\nup"):
        await watched.children.ready("it", never, within=0.05)


async def test_a_job_that_fails_is_quoted(watched: Watched) -> None:
    await watched.children.run(Command("job", ["true"], environment()))
    with pytest.raises(LauncherError, match="job failed:\nno such table"):
        await watched.children.run(
            Command("job", shell("echo no such table; exit 3"), environment())
        )


async def test_an_unknown_child_is_answered_with_the_known_ones(watched: Watched) -> None:
    await watched.start(*shell("echo up; exec sleep 1000"))
    with pytest.raises(LauncherError, match="no child that; there are: it"):
        watched.children.kill("that")


async def test_nothing_is_left_after_the_launcher_is_killed(tmp_path: Path) -> None:
    launcher = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", LAUNCHER, str(tmp_path)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert launcher.stdout is not None
    pids = [int(pid) for pid in (await launcher.stdout.readline()).split()]
    assert len(pids) == 2
    launcher.kill()
    await launcher.communicate()
    await gone(*pids)

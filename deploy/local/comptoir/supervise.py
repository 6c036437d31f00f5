"""Child processes: started, watched, restarted, stopped in order, and never left behind.

Each child has a session of its own and the kernel's promise to die with the launcher
(`PR_SET_PDEATHSIG`), so that even a `kill -9` of `comptoir` leaves nothing.
"""

import asyncio
import ctypes
import os
import signal
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from comptoir.errors import LauncherError, NotReady

LAST_LINES = 200
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
# A child that lived this long is healthy: its next restart begins with the short pause again.
SETTLED = 10.0
# How long the log of a child that has ended is still read.
LAST_WORDS = 0.2

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)

Sink = Callable[[str, str], None]


@dataclass(frozen=True)
class Command:
    """How a child is started and how it is asked to stop. `grace` is in seconds."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    uid: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 15.0


@dataclass
class Child:
    """One supervised process and what it said last."""

    command: Command
    unwanted: asyncio.Event = field(default_factory=asyncio.Event)
    process: asyncio.subprocess.Process | None = None
    log: IO[bytes] | None = None
    restarts: int = 0
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))
    task: asyncio.Task[None] | None = None

    @property
    def wanted(self) -> bool:
        """Whether it is started again when it ends."""
        return not self.unwanted.is_set()

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.returncode is None


class Children:
    """The processes of one launcher, by name."""

    def __init__(self, logs: Path, sink: Sink | None = None) -> None:
        self.logs = logs
        self.sink = sink
        self._children: dict[str, Child] = {}
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def start(self, command: Command) -> None:
        """Start a child and keep it running until it is stopped."""
        if (child := self._children.get(command.name)) is not None and child.wanted:
            raise RuntimeError(f"{command.name} is already started")
        child = Child(command)
        self._children[command.name] = child
        await self._spawn(child)
        child.task = asyncio.create_task(self._keep(child), name=f"keep {command.name}")

    async def run(self, command: Command) -> None:
        """Run a child to its end. Raises `LauncherError` with its last words where it fails."""
        child = Child(command)
        child.unwanted.set()
        self._children[command.name] = child
        await self._spawn(child)
        try:
            await self._pump(child)
        finally:
            self.kill(command.name)  # nothing, unless this was cancelled
        assert child.process is not None
        if child.process.returncode != 0:
            raise LauncherError(f"{command.name} failed:\n{self.last_lines(command.name)}")

    async def stop(self, name: str) -> None:
        """Ask a child to stop, kill it after its grace, and do not restart it."""
        child = self._child(name)
        child.unwanted.set()
        if child.running:
            self.signal(name, child.command.stop_signal)
            # A frozen child cannot handle the signal above.
            self.signal(name, signal.SIGCONT)
        if child.task is not None and not await _ended(child.task, child.command.grace):
            self._say(child, f"did not stop within {child.command.grace:g} s: killed")
            self.kill(name)
            await asyncio.wait({child.task}, timeout=5)
        self._say(child, "has stopped")

    def names(self) -> list[str]:
        """Every child that was ever started, in that order."""
        return list(self._children)

    async def stop_all(self, names: Iterable[str]) -> None:
        """Stop these at the same time."""
        await asyncio.gather(*(self.stop(name) for name in names))

    def forget(self, name: str) -> None:
        """Do not restart this child when it ends."""
        self._child(name).unwanted.set()

    async def resume(self, name: str) -> None:
        """Start a stopped child again as it was."""
        await self.start(self.command(name))

    def kill(self, name: str) -> None:
        """SIGKILL to a child. It is restarted, as after any unexpected death."""
        self.signal(name, signal.SIGKILL)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a child; nothing happens where it is not running."""
        child = self._child(name)
        if child.running and child.process is not None:
            with suppress(ProcessLookupError):
                child.process.send_signal(number)

    def command(self, name: str) -> Command:
        """How this child was started last."""
        return self._child(name).command

    def pids(self) -> dict[str, int]:
        """The running children."""
        return {
            name: child.process.pid
            for name, child in self._children.items()
            if child.running and child.process is not None
        }

    def restarts(self, name: str) -> int:
        """How often this child died unexpectedly and was started again."""
        return self._child(name).restarts

    def last_lines(self, name: str, count: int = 15) -> str:
        """What a child said last."""
        return "\n".join(list(self._child(name).lines)[-count:])

    async def ready(
        self, name: str, probe: Callable[[], Awaitable[bool]], within: float = 30.0
    ) -> None:
        """Return once `probe` answers true. Raises `NotReady` with the child's last words."""
        deadline, pause = time.monotonic() + within, 0.02
        while not await probe():
            if time.monotonic() > deadline:
                raise NotReady(
                    f"{name} was not ready after {within:g} s. It said last:\n"
                    + self.last_lines(name)
                )
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.5)

    def _child(self, name: str) -> Child:
        try:
            return self._children[name]
        except KeyError:
            known = ", ".join(self._children) or "none"
            raise LauncherError(f"there is no child {name}; there are: {known}") from None

    async def _spawn(self, child: Child) -> None:
        command, launcher = child.command, os.getpid()
        ours, theirs = os.pipe()
        try:
            child.process = await asyncio.create_subprocess_exec(
                *command.argv,
                env=command.env,
                cwd="/",
                stdin=asyncio.subprocess.DEVNULL,
                # Not asyncio's own pipe: with that, `wait` waits for whoever holds its other end.
                stdout=theirs,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=lambda: die_with(launcher),  # after setuid, which would clear it
                user=command.uid,
                group=command.uid,
                extra_groups=None if command.uid is None else [],
            )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        child.log = os.fdopen(ours, "rb", buffering=0)

    async def _keep(self, child: Child) -> None:
        """Pump the log of a child until it ends; start it again while it is wanted."""
        pause = FIRST_PAUSE
        while True:
            started = time.monotonic()
            await self._pump(child)
            if not child.wanted:
                return
            assert child.process is not None
            pause = FIRST_PAUSE if time.monotonic() - started > SETTLED else pause
            self._say(child, f"ended with status {child.process.returncode}; again in {pause:g} s")
            with suppress(TimeoutError):
                await asyncio.wait_for(child.unwanted.wait(), pause)
            if not child.wanted:
                return
            pause = min(pause * 2, LONGEST_PAUSE)
            child.restarts += 1
            await self._spawn(child)
            if not child.wanted:  # stopped while it was being started
                self.signal(child.command.name, child.command.stop_signal)

    async def _pump(self, child: Child) -> None:
        """Record what a child says, and return when it has ended."""
        process = child.process
        assert process is not None
        stream = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), child.log
        )
        reading = asyncio.create_task(self._read(child, stream))
        try:
            await process.wait()
            # What a child forked lives in its session; nothing of it outlives the child.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            # PostgreSQL's sessions have their own; for a moment they may still hold the log.
            await asyncio.wait({reading}, timeout=LAST_WORDS)
        finally:
            reading.cancel()
            transport.close()

    async def _read(self, child: Child, stream: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await stream.read(65536):
            *lines, rest = (rest + chunk).split(b"\n")
            self._record(child, [line.decode(errors="replace") for line in lines])
        if rest:
            self._record(child, [rest.decode(errors="replace")])

    def _say(self, child: Child, text: str) -> None:
        self._record(child, [f"[comptoir] {text}"])

    def _record(self, child: Child, lines: Sequence[str]) -> None:
        child.lines.extend(lines)
        name = child.command.name
        with (self.logs / f"{name}.log").open("a") as file:
            file.writelines(f"{line}\n" for line in lines)
        if self.sink is not None:
            for line in lines:
                self.sink(name, line)


async def _ended(task: asyncio.Task[None], within: float) -> bool:
    done, _ = await asyncio.wait({task}, timeout=within)
    return bool(done)


def die_with(launcher: int) -> None:
    """In the child, before exec: be killed when the launcher dies, however it dies."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != launcher:  # it died between fork and prctl
        os._exit(1)

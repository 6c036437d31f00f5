"""`verify-1m`, `verify-memory`: a log as files, verified by the command that auditors have.

The files are those that an exporter writes (`tests/ledger_audit/large.py`). Beside our command the
Go program of `deploy/foreign` checks the same directory: signature, tiles, every entry under its
tile; it reads no entry, and so finds neither numbers nor ids.
"""

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.figure import Figure, load_average, say
from tests.benchmarks.memory import resident
from tests.ledger_audit import large
from tests.ledger_audit.logs import VKEY

MILLION = 1_000_000
LOOK_EVERY = 0.05
COMMAND = Path(sys.prefix) / "bin/ledger-audit"
GO_PROGRAM = Path(sys.prefix).parent / ".tools/go/bin/xmod"


@dataclass(frozen=True)
class Run:
    """What a command took: seconds, and the most memory that its processes had at one time."""

    seconds: float
    memory: float


async def verify_1m() -> AsyncIterator[Figure]:
    """Seconds for a million entries, beside the Go program's."""
    with log_of(MILLION) as directory:
        ours = await run(COMMAND, "verify", directory, "--vkey", VKEY)
        theirs = await run(GO_PROGRAM, VKEY, directory)
    yield Figure("verify-1m", ours.seconds, "s", target="< 15", reference=theirs.seconds)
    yield Figure("verify-1m-memory", ours.memory, "MB", reference=theirs.memory)


async def verify_memory() -> AsyncIterator[Figure]:
    """Megabytes for ten million entries, all processes together."""
    with log_of(10 * MILLION) as directory:
        found = await run(COMMAND, "verify", directory, "--vkey", VKEY)
    yield Figure("verify-10m", found.seconds, "s")
    yield Figure("verify-memory", found.memory, "MB", target="< 300")


@contextlib.contextmanager
def log_of(entries: int) -> Iterator[Path]:
    """A signed log as files; they are gone with the block."""
    with tempfile.TemporaryDirectory(prefix="comptoir-bench-") as directory:
        began = time.perf_counter()
        large.write(large.ballots(entries), Path(directory))
        say(f"{entries:,} entries written in {time.perf_counter() - began:.0f} s")
        yield Path(directory)


async def run(program: Path, *arguments: object) -> Run:
    """Run a command to its end. Raises where it refuses."""
    began, most = time.perf_counter(), 0.0
    child = await asyncio.create_subprocess_exec(
        program,
        *map(str, arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    hearing = asyncio.create_task(child.communicate())
    while not (await asyncio.wait([hearing], timeout=LOOK_EVERY))[0]:
        most = max(most, _held(child.pid))
    seconds = time.perf_counter() - began
    said = hearing.result()[0].decode().strip().splitlines()
    say(f"{program.name}: {seconds:.1f} s, {most:.0f} MB; load {load_average()}; {said[-1:]}")
    if child.returncode:
        raise RuntimeError(f"{program.name} ends with {child.returncode}: {said[-5:]}")
    return Run(seconds, most)


def _held(pid: int) -> float:
    """What a process and those below it have now."""
    total = 0.0
    for each in _family(pid):
        with contextlib.suppress(OSError, RuntimeError):  # it has just ended
            total += sum(resident([each]))
    return total


def _family(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))

"""`demo-all`: every preset held whole, as whoever types the command waits for it."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from tests.benchmarks.figure import Figure, load_average, say

ROOT = Path(__file__).resolve().parents[2]
PRESETS = 5
PATIENCE = 1800


async def demo_all() -> AsyncIterator[Figure]:
    """`comptoir demo --all --json`, on a platform of its own that starts within the time; the
    figure is null unless each preset has its line, verified."""
    say(f"demo-all: load {load_average()}")
    began = time.perf_counter()
    done = await asyncio.to_thread(_held)
    seconds = time.perf_counter() - began
    say(done.stdout)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    verified = [row["preset"] for row in rows if row["verified"]]
    whole = done.returncode == 0 and len(set(verified)) == len(rows) == PRESETS
    if not whole:
        say(f"demo-all: {done.returncode}; {done.stderr[-1500:]}")
    yield Figure("demo-all", seconds if whole else None, "s", target="<= 360")


def _held() -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.prefix) / "bin/comptoir"), "demo", "--all", "--json"]
    return subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        text=True,
        check=False,
    )

"""`up-ready`, `idle-memory`, `demo-cold` and `demo-warm`: what it takes before anything is done."""

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

from comptoir.stack import Stack
from tests.backends import passable_directory
from tests.benchmarks.figure import Figure, load_average, say
from tests.benchmarks.memory import resident

ROOT = Path(__file__).resolve().parents[2]
IDLE = 20.0
PATIENCE = 1200


async def up_ready() -> AsyncIterator[Figure]:
    """A platform that was up once: everything it starts is ready. Then it does nothing."""
    with passable_directory() as directory:
        async with Stack(directory / "state"):
            pass  # the databases and topics are made
        say(f"up-ready: load {load_average()}")
        began = time.perf_counter()
        async with Stack(directory / "state") as stack:
            yield Figure("up-ready", time.perf_counter() - began, "s", target="<= 15")
            await asyncio.sleep(IDLE)
            names = stack.addresses.replicas()
            memory = dict(zip(names, resident(map(stack.pid, names)), strict=True))
    say(f"idle MB: {memory}")
    yield Figure("idle-memory", max(memory.values()), "MB", target="<= 130")


async def demo() -> AsyncIterator[Figure]:
    """`make demo` in a clone of what is committed, with every cache empty, and once more."""
    with passable_directory() as directory:
        clone, environment = directory / "clone", _empty_caches(directory)
        await asyncio.to_thread(_run, ["git", "clone", "--quiet", ROOT, clone], directory, None)
        for name, most in (("demo-cold", 240), ("demo-warm", 90)):
            say(f"{name}: load {load_average()}")
            began = time.perf_counter()
            await asyncio.to_thread(_run, ["make", "demo"], clone, environment)
            yield Figure(name, time.perf_counter() - began, "s", target=f"<= {most}")


def _empty_caches(directory: Path) -> dict[str, str]:
    """The environment of somebody who has Python and make, and never installed anything."""
    kept = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "COMPTOIR_CACHE")}
    caches = {
        "HOME": "home",
        "UV_CACHE_DIR": "uv",
        "PIP_CACHE_DIR": "pip",
        "XDG_CACHE_HOME": "cache",
        "COMPTOIR_CACHE": "comptoir",
    }
    # A Python 3.13 that is on the machine stays where it is found.
    pyenv = {"PYENV_ROOT": os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))}
    return kept | pyenv | {name: str(directory / place) for name, place in caches.items()}


def _run(argv: list[str | Path], place: Path, environment: dict[str, str] | None) -> None:
    """Run to the end; raises with the last words where it fails."""
    done = subprocess.run(
        argv,
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
        text=True,
        check=False,
    )
    say(done.stdout[-1500:])
    if done.returncode != 0:
        raise RuntimeError(f"{argv} ended with {done.returncode}")

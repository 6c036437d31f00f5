"""The platform that a command works on: one that runs, or one of its own."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from comptoir.addresses import Addresses
from comptoir.commands.options import state_directory
from comptoir.display import Display
from comptoir.places import default_state, make_passable
from comptoir.stack import Stack
from comptoir.state import State


@contextmanager
def throw_away() -> Iterator[Path]:
    """A state directory for one run, where PostgreSQL's user can pass through."""
    base = default_state().parent
    make_passable(base)
    directory = Path(tempfile.mkdtemp(prefix="demo-", dir=base))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@asynccontextmanager
async def platform(display: Display, state: Path | None) -> AsyncIterator[Addresses]:
    """The platform that runs on the state directory, else one that lives as long as this block."""
    directory = state_directory(state)
    if State(directory).locked():
        yield Addresses(State(directory))
        return
    display("servers", 0, 1)
    async with Stack(directory) as stack:
        display("servers", 1, 1)
        yield stack.addresses

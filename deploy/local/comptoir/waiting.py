"""Waiting for what is under way, and doing much at once, within bounds."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from comptoir.client import PATIENCE
from comptoir.errors import LauncherError

LOOK_EVERY = 0.1


async def at_once(most: int, work: Iterator[Awaitable[Any]]) -> None:
    """Do all of it, at most `most` at a time; the first error ends it and is raised alone."""

    async def worker() -> None:
        for item in work:
            await item

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(most):
                group.create_task(worker())
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def until[T](what: str, ask: Callable[[], Awaitable[T]], done: Callable[[T], Any]) -> T:
    """Ask until the answer is as wanted. Raises `LauncherError` where that takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not done(found := await ask()):
        if time.monotonic() > deadline:
            raise LauncherError(f"waited {PATIENCE:g} s for {what}")
        await asyncio.sleep(LOOK_EVERY)
    return found

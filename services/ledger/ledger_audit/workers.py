"""Work on all cores, its results in order; processes that end with the auditor, however it ends."""

import ctypes
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import suppress

_PR_SET_PDEATHSIG = 1


def cores() -> int:
    """How many processes can work at once."""
    return os.process_cpu_count() or 1


def in_order[Task, Result](
    work: Callable[[Task], Result],
    tasks: Iterable[Task],
    *,
    alone: bool = False,
    first: Callable[[], None] | None = None,
) -> Iterator[Result]:
    """What `work` makes of each task; `alone`: in this process. Few tasks are under way at once.

    Each process does `first` before any task, which says to it what all tasks need.
    """
    if alone:
        if first is not None:
            first()
        yield from map(work, tasks)
        return
    # Not forked: whoever calls this may have threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores(), context, _begin, (os.getpid(), first)) as pool:
        waiting = deque[Future[Result]]()
        try:
            for task in tasks:
                waiting.append(pool.submit(work, task))
                if len(waiting) > 2 * cores():
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for each in waiting:
                each.cancel()


def _begin(parent: int, first: Callable[[], None] | None) -> None:
    """End with the auditor, however it ends."""
    with suppress(OSError, AttributeError):  # where there is no prctl, the pool ends its workers
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    # An interrupted auditor ends its workers itself, and they say nothing of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if first is not None:
        first()

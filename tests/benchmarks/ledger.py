"""The figures of the ledger, those that take longest last."""

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp

from tests.benchmarks import reading
from tests.benchmarks.auditing import verify_1m, verify_memory
from tests.benchmarks.figure import Figure, Measure, load_average, say
from tests.benchmarks.latency import cosigned
from tests.benchmarks.sequencing import duplicates, sequence

READS, TIMES = 20_000, 3


async def tiles() -> AsyncIterator[Figure]:
    """Hash tiles of a million entries, read from one process that has them in memory."""
    async with reading.served() as served:
        await reading.read(served, reading.every_full_tile(served.size))
        rates, slow = [], []
        for time_ in range(TIMES):
            wanted = reading.full_tiles(served.size, READS, seed=time_)
            began = time.perf_counter()
            took = sorted(await reading.read(served, wanted))
            rates.append(len(took) / (time.perf_counter() - began))
            slow.append(took[len(took) * 99 // 100] * 1000)
            say(f"{rates[-1]:,.0f}/s, p99 {slow[-1]:.1f} ms; load {load_average()}")
    middle = sorted(range(TIMES), key=lambda each: rates[each])[TIMES // 2]
    yield Figure("tiles", rates[middle], "tiles/s", ">= 5000")
    yield Figure("tiles-p99", slow[middle], "ms p99", "<= 20")


async def receipt_size() -> AsyncIterator[Figure]:
    """The largest receipt of some in a log of a million entries, with three cosignatures."""
    sizes = []
    async with reading.served() as served, aiohttp.ClientSession(served.url) as session:
        for index in range(0, served.size, served.size // 200):
            async with session.get(f"/logs/{reading.LOG}/proof/{index}") as answer:
                answer.raise_for_status()
                sizes.append(len(await answer.read()))
    say(f"receipt-size: from {min(sizes)} to {max(sizes)} bytes")
    yield Figure("receipt-size", max(sizes), "bytes")


MEASURES = (
    Measure(("sequence",), sequence),
    Measure(("tiles", "tiles-p99"), tiles),
    Measure(("receipt-size",), receipt_size),
    Measure(("cosigned-p50", "cosigned-p99"), cosigned, asyncio.new_event_loop),
    Measure(("verify-1m", "verify-1m-memory"), verify_1m, asyncio.new_event_loop),
    Measure(("duplicates",), duplicates),
    Measure(("verify-10m", "verify-memory"), verify_memory, asyncio.new_event_loop),
)

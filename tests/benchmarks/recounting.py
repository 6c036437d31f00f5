"""`recount-1m`: a round of a million ballots, counted again by the command that auditors have.

The log is files as an exporter writes them (`tests/ledger_audit/voted.py`): every token is an RSA
signature of 3,072 bits, every ballot signed by a key of its own, and in a sealed round every ballot
opened. All of it is verified, and the result is compared with the one that is in the log.
"""

import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Literal

from tests.benchmarks.auditing import COMMAND, run
from tests.benchmarks.figure import Figure, say
from tests.ledger_audit import large, voted
from tests.ledger_audit.logs import VKEY

MILLION = 1_000_000
REACH = "<= 120"


async def recounting() -> AsyncIterator[Figure]:
    """Seconds for a sealed round, openings included, and for one in the open; and memory."""
    secrecies: tuple[tuple[Literal["live", "sealed"], str], ...] = (
        ("sealed", ""),
        ("live", "-live"),
    )
    for secrecy, name in secrecies:
        with log_of(MILLION, secrecy) as directory:
            # What is decided in this log is signed by no service: there is none.
            found = await run(COMMAND, "recount", directory, "--vkey", VKEY, "--allow-unsigned")
        yield Figure(f"recount-1m{name}", found.seconds, "s", target=REACH)
        yield Figure(f"recount-1m{name}-memory", found.memory, "MB")


@contextlib.contextmanager
def log_of(ballots: int, secrecy: Literal["live", "sealed"]) -> Iterator[Path]:
    """A signed log as files; they are gone with the block."""
    with tempfile.TemporaryDirectory(prefix="comptoir-bench-") as directory:
        began = time.perf_counter()
        large.write(voted.log_of(ballots, secrecy), Path(directory))
        say(f"{ballots:,} {secrecy} ballots made in {time.perf_counter() - began:.0f} s")
        yield Path(directory)

"""A witness that is killed at a named point: `python -m tests.ledger.witness.killed POINT DIR`.

It takes one request from standard input, and writes what the log would see to standard output.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ledger.witness import cosigning, queries
from ledger.witness.cosigning import Cosigner, Witness
from ledger.witness.judging import judge
from ledger.witness.store import Store
from ledger.witness.trusted import Trusted
from shared.keys import ed25519_key

POINTS = ("before_judging", "before_keeping", "after_keeping", "never")
NOW = 1_800_000_000


def dying(call: Callable[..., Any], *, after: bool = False) -> Callable[..., Any]:
    """The same, but for the kill."""

    def die(*arguments: Any, **named: Any) -> Any:
        if after:
            call(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    return die


def arm(point: str) -> None:
    """Have this process killed there."""
    match point:
        case "before_judging":
            vars(cosigning)["judge"] = dying(judge)
        case "before_keeping":
            vars(queries)["keep"] = dying(queries.keep)
        case "after_keeping":
            vars(queries)["keep"] = dying(queries.keep, after=True)


async def main(directory: Path) -> None:
    store = Store(directory / "witness")
    cosigner = Cosigner("witness.example.org/w1", ed25519_key(directory / "witness/witness.key"))
    witness = Witness(cosigner, store, Trusted(directory / "logs.policy", store))
    line = await witness.add(sys.stdin.buffer.read(), NOW)
    sys.stdout.write(line)
    await store.close()


if __name__ == "__main__":
    arm(sys.argv[1])
    asyncio.run(main(Path(sys.argv[2])))

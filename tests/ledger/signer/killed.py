"""A signer that is killed at a named point of signing the edition:

python -m tests.ledger.signer.killed POINT DSN KEYS POLICY
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg

from ledger.policy import Policy
from ledger.signer import queries
from ledger.signer.files import SignerFiles
from ledger.signer.sign import Signer
from ledger.signer.witnesses import Witness
from shared.database import Database

LOG, SIZE = "edition", 10
POINTS = (
    "before_claim",
    "after_claim",
    "after_note",
    "after_commit",
    "after_cosignature",
    "before_publication",
    "after_publication_before_commit",
    "after_everything",
)


def die(*_: Any) -> None:
    """As `kill -9` does it."""
    os.kill(os.getpid(), signal.SIGKILL)


def dying(call: Callable[..., Any], concerned: Callable[..., bool], *, after: bool) -> Any:
    """The same, but for a kill before or after it, where the edition is concerned."""

    async def asynchronous(*arguments: Any) -> Any:
        found = await call(*arguments) if after else None
        if concerned(*arguments):
            die()
        return found if after else await call(*arguments)

    def plain(*arguments: Any) -> Any:
        found = call(*arguments)
        if concerned(*arguments):
            die()
        return found

    return asynchronous if asyncio.iscoroutinefunction(call) else plain


def second(_: Any, log: str, *__: Any) -> bool:
    """Whether the second argument names the edition."""
    return log == LOG


def of_size(_: Any, log: str, size: int, __: str) -> bool:
    """Whether it is about the checkpoint that is signed here, not the one before."""
    return (log, size) == (LOG, SIZE)


def arm(point: str) -> None:
    """Have this process killed there."""
    match point:
        case "before_claim":
            vars(queries)["claim"] = dying(queries.claim, second, after=False)
        case "after_claim":
            vars(queries)["claim"] = dying(queries.claim, second, after=True)
        case "after_note":
            SignerFiles.keep = dying(SignerFiles.keep, second, after=True)  # type: ignore[method-assign]
        case "after_commit":
            first_of_edition(False)
        case "after_cosignature":
            first_of_edition(True)
        case "before_publication":
            vars(queries)["publish"] = dying(queries.publish, of_size, after=False)
        case "after_publication_before_commit":
            vars(queries)["publish"] = dying(queries.publish, of_size, after=True)


def first_of_edition(after: bool) -> None:
    """Kill around the submission to a witness."""

    def edition(_: Any, old: int, proof: Any, note: str) -> bool:
        return note.startswith(f"ledger.example.org/{LOG}\n{SIZE}\n")

    add: Callable[..., Awaitable[Any]] = Witness.add
    Witness.add = dying(add, edition, after=after)  # type: ignore[method-assign]


async def main(dsn: str, keys: Path, policy: str) -> None:
    signer = Signer(Database(dsn, name="killed"), SignerFiles(keys), Policy.parse(policy.encode()))
    connection = await asyncpg.connect(dsn)
    await signer.sign_due(connection)
    await connection.close()
    await signer.close()
    await signer.database.close()


if __name__ == "__main__":
    arm(sys.argv[1])
    asyncio.run(main(sys.argv[2], Path(sys.argv[3]), sys.argv[4]))

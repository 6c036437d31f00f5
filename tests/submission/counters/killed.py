"""A replica that is killed between what a deadline asks for and its commit."""

import asyncio
import os
import signal
import sys

from shared.contacts import Teller, encoded_key
from shared.database import Database, raw
from submission.carriers.telling import Telling
from submission.deadlines.firing import fire_due
from submission.rooms import Due


async def note(due: Due) -> None:
    """Note that a deadline has come, where it is due still."""
    if await due.take() is not None:
        await (await raw(due.session)).execute(
            "insert into answered (key, asked) values ($1, sha256(''))", str(due.subject)
        )


async def _die(due: Due) -> None:
    await note(due)
    os.kill(os.getpid(), signal.SIGKILL)


async def _fire(dsn: str) -> None:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    telling = Telling(
        Teller(encoded_key(X25519PrivateKey.generate()), source="submission"), "http://submission"
    )
    await fire_due(Database(dsn, name="killed"), {"noted": _die}, telling)


if __name__ == "__main__":
    asyncio.run(_fire(sys.argv[1]))

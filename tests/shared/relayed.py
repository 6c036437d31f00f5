"""A relay and the reader of checkpoints in a process of their own, which a test kills.

`python -m tests.shared.relayed`, with what it needs as JSON on stdin.
"""

import asyncio
import json
import sys

from comptoir.kafka import Account
from shared import covering, relay
from shared.database import Database
from tests.shared.conftest import Store, running
from tests.shared.test_covering import Checkpoints


async def run(dsn: str, account: list[str], topic: str, checkpoints: str) -> None:
    """Relay until it is killed; coverage is overdue after half a second."""
    covering.AFTER, relay.CHECK_EVERY = 0.5, 0.1
    things = Store(dsn, Account(*account), topic, Database(dsn, name="tests"))
    told = Checkpoints(things, checkpoints)
    async with running(told.inbox(), things.relay(standing=told.standing)):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run(**json.load(sys.stdin)))

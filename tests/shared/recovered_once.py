"""One recovery in a process of its own, which a test kills: `python -m … DSN`, entries on stdin."""

import asyncio
import json
import sys

from shared.database import Database
from shared.proving import Entry
from shared.recovering import Recovery

SOURCE = "voting.count"
LOG = "platform"


async def recover(dsn: str, entries: list[Entry]) -> int:
    """Take these entries back into a database; how many were new."""
    database = Database(dsn, name="recovery")
    try:
        return await Recovery(SOURCE, database, (), {}).take(LOG, entries)
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(recover(sys.argv[1], [Entry(**each) for each in json.load(sys.stdin)]))

"""`python -m tests.voting.box.replica`: one turn of a replica's flush, as standard input says.

It can be killed at a named point, as the process of a box can.
"""

import asyncio
import json
import sys
from datetime import datetime
from typing import Any

from shared.database import Database
from voting.box import flushing


async def turn(told: dict[str, Any]) -> None:
    """Flush what is due at the moment that was told, and end the log."""
    database = Database(told["dsn"], name="replica")
    await flushing.flush(database, datetime.fromisoformat(told["now"]))
    await flushing.end_log(database)
    await database.close()


if __name__ == "__main__":
    asyncio.run(turn(json.load(sys.stdin)))

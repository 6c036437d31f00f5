"""`python -m PROCESS close-restored WHY`: a database is a restored backup, before its process runs.

The process would take requests from its start on, until somebody closed it (`recovering.py`): this
is for whoever restored a database and does not wait for that.
"""

import asyncio
import os
import sys

import asyncpg

from shared import covering
from shared.database import dedicated

DATABASE = "COMPTOIR_DATABASE"


def main(package: str, because: str) -> None:
    """Close the database of the environment."""
    closed = asyncio.run(close_restored(os.environ[DATABASE], package, because))
    if not closed:
        sys.exit(f"{package} keeps nothing that is recovered from the ledger")
    print(f"{package} is closed; start it, then: comptoir recover {package}")


async def close_restored(dsn: str, package: str, because: str) -> bool:
    """Whether this is a publisher's database; it is closed until it was recovered and opened."""
    connection: asyncpg.Connection = await dedicated(dsn, f"{package} closing")
    try:
        if await connection.fetchval("select to_regclass('outbox_recovered') is null"):
            return False
        await covering.close(connection, because)
    finally:
        await connection.close()
    return True

"""When somebody is told that her right to vote was used: hours later, and not when she votes.

Whoever knows when each voter was told, and when ballots came, could guess who cast which. So the
message waits in the roll's table, and nothing of it is in an outbox meanwhile.
"""

import secrets
from datetime import timedelta

from shared.database import Database, database_time, raw
from voting.roll import queries

RELEASE_EVERY = 2.0
SOONEST, LATEST = 3600, 6 * 3600  # seconds
_random = secrets.SystemRandom()


def wait() -> timedelta:
    """How long the next message waits: any time between one hour and six. In a rehearsal it does
    not (`issue_token`)."""
    return timedelta(seconds=_random.randint(SOONEST, LATEST))


async def release_notices(database: Database) -> None:
    """Announce the messages that have waited long enough."""
    async with database.begin() as session:
        await queries.release_notices(await raw(session), await database_time(session))

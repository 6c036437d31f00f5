"""The key of a round goes first, and only then is it said: an event would be a lie where the file
is still there. Killed in between, the next turn finds the round not destroyed, and says it.
"""

from shared.database import Database, raw
from shared.events.roll import IdentitiesDestroyed
from shared.events.screening import Screening
from shared.outbox import announce
from voting.roll.destroying import queries
from voting.roll.messages import SOURCE
from voting.roll.round_keys import RoundKeys

LOOK_EVERY = 600.0


async def destroy_identities(database: Database, keys: RoundKeys) -> None:
    """Destroy key and identities of each round whose appeal period is over, one after the other."""
    async with database.begin() as session:
        due = await queries.rounds_due(await raw(session), Screening().appeal_days)
    for round_id in due:
        async with database.begin() as session:
            connection = await raw(session)
            log = await queries.lock_due(connection, round_id)
            if log is None:
                continue
            await keys.destroy(round_id)
            persons, held = await queries.destroy(connection, round_id)
            event = IdentitiesDestroyed(round_id=round_id, persons=persons, registrations=held)
            announce(session, event, source=SOURCE, log=log)

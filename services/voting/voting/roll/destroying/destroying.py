"""A key goes first, and only then is it said: an event would be a lie where the file is still
there. Killed in between, the next turn finds the round not destroyed, and says it.

Tier keys go once the roll has closed a round: no token is issued any more, and what one is worth is
seen with the public key. What people are told apart by goes after the appeal period.
"""

from shared.database import Database, raw
from shared.events.roll import IdentitiesDestroyed, TierKeysDestroyed
from shared.events.screening import Screening
from shared.outbox import announce
from shared.process import StillFailing
from voting.roll.destroying import queries
from voting.roll.messages import SOURCE
from voting.roll.paper.announcing import announce_marks
from voting.roll.queries import was_announced
from voting.roll.round_keys import RoundKeys
from voting.roll.signer import Signer, SignerUnavailable

LOOK_EVERY = 600.0
LOOK_AT_TIER_KEYS_EVERY = 20.0


async def destroy_identities(database: Database, keys: RoundKeys) -> None:
    """Destroy key and identities of each round whose appeal period is over, one after the other."""
    async with database.begin() as session:
        due = await queries.rounds_due(await raw(session), Screening().appeal_days)
    for round_id in due:
        async with database.begin() as session:
            connection = await raw(session)
            # Else an officer who is late would say that nobody was marked.
            await announce_marks(session, round_id)
            log = await queries.lock_due(connection, round_id)
            if log is None:
                continue
            await keys.destroy(round_id)
            persons, held = await queries.destroy(connection, round_id)
            if await was_announced(connection, IdentitiesDestroyed.type, round_id):
                continue  # before the database was restored, which then had them again
            event = IdentitiesDestroyed(round_id=round_id, persons=persons, registrations=held)
            announce(session, event, source=SOURCE, log=log)


async def destroy_tier_keys(database: Database, signer: Signer) -> None:
    """Have the signer destroy the tier keys of each round that the roll closed, one after the
    other, and say so. Raises `StillFailing` while the signer is away."""
    async with database.begin() as session:
        due = await queries.rounds_with_tier_keys(await raw(session))
    for round_id in due:
        async with database.begin() as session:
            connection = await raw(session)
            found = await queries.lock_tier_keys(connection, round_id)
            if found is None:
                continue
            log, tiers = found
            try:
                for tier in tiers:
                    await signer.destroy(round_id, tier)
            except SignerUnavailable as error:
                raise StillFailing from error
            await queries.note_tier_keys_destroyed(connection, round_id)
            event = TierKeysDestroyed(round_id=round_id, tiers=tiers)
            announce(session, event, source=SOURCE, log=log)

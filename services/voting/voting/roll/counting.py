"""How many tokens were issued, said at each interval of the roll's own clock.

It knows nothing of the box: whoever compares the two sees only sums (voting-protocol.md §4).
"""

from shared.database import Database, raw
from shared.events.voting import TokensIssued
from shared.outbox import announce
from voting.roll import queries
from voting.roll.held.counting import announce_changed
from voting.roll.messages import SOURCE

LOOK_EVERY = 5.0


async def announce_counts(database: Database, interval: int) -> None:
    """Where an interval has ended, announce the counts of each open round in which they changed.

    However many replicas look at the same time, one of them finds it ended.
    """
    async with database.begin() as session:
        connection = await raw(session)
        if not await queries.begin_interval(connection, interval):
            return
        await announce_changed(session)
        for counted in await queries.changed_counts(connection):
            await queries.note_counts(connection, counted)
            event = TokensIssued(
                round_id=counted.round_id,
                issued=counted.issued,
                codes=counted.codes,
                reissued=counted.reissued,
                final=False,
            )
            announce(session, event, source=SOURCE, log=counted.log)

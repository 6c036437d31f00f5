"""The flush: what waits is published among others, and nothing of its order stays.

The rule (k, interval) and each epoch's end are the database's (`end_epoch`), in one transaction
under the lock of (round, tier). Here is what goes around it: which tiers are due, and that after a
flush the write-ahead log ends, in which the ballots stood one by one with the microsecond of their
commits (voting-protocol.md §5).

Crash stories:
- Killed before or within a flush: it is whole or absent, and due again.
- Killed behind it: what is published is in the outbox. Its epoch is noted as one that the log still
  has (`tier.log_ended`), and whoever looks next ends the log.
- Killed between the segment's end and the checkpoint, or behind that: both are done again.
"""

from datetime import datetime

from shared.database import Database
from shared.failing import failure_point
from voting.box import queries

# What may take long: a flush of a great many ballots, a checkpoint of a great many pages.
FLUSHED_WITHIN, WRITTEN_WITHIN = 60.0, 600.0


async def clock(database: Database) -> datetime:
    """Now, by the database."""
    found: datetime = await database.value(queries.NOW)
    return found


async def flush(database: Database, now: datetime) -> None:
    """Publish what is due at this moment.

    Any replica may: one has a tier's lock and leads, the others find it no longer due.
    """
    due = await database.straight(queries.DUE, now)
    assert due is not None
    for round_id, tier in zip(due["rounds"], due["tiers"], strict=True):
        failure_point("flush.due")
        await database.straight(queries.FLUSH, round_id, tier, now, within=FLUSHED_WITHIN)
        failure_point("flush.committed")


async def end_log(database: Database) -> None:
    """Nothing of what was flushed is in the write-ahead log afterwards.

    The segment first: a checkpoint keeps the one that is being written, and what it begins with.
    """
    ended = await database.straight(queries.IN_LOG)
    assert ended is not None
    if not ended["rounds"]:
        return
    await database.straight(queries.END_SEGMENT)
    failure_point("flush.segment_ended")
    await database.straight(queries.CHECKPOINT, within=WRITTEN_WITHIN)
    failure_point("flush.checkpoint_written")
    for round_id, tier, epoch in zip(ended["rounds"], ended["tiers"], ended["epochs"], strict=True):
        await database.straight(queries.LOG_ENDED, round_id, tier, epoch)

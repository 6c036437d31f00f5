"""Deciding a round, once all its ballots are here and a checkpoint covers the box's last word."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.outbox import announce
from voting.count import queries, rounds

SOURCE = "voting.count"


async def decide_if_complete(session: AsyncSession, round_id: UUID) -> None:
    """Count the ballots again from themselves, allocate, and announce every decision.

    Nothing happens while a ballot or the checkpoint is missing: each arrival asks again.
    """
    row = await queries.decidable_round(session, round_id)
    if row is None:
        return
    options = await queries.options(session, round_id)
    keys, votes = await queries.counted_votes(session, round_id)
    if keys != row.box_keys or any(o.votes != votes.get(o.number, 0) for o in options):
        raise RuntimeError(f"round {round_id}: the running tally is not that of the ballots")
    decisions, events, summary = rounds.decide(row, options)
    by_id = {option.option_id: option for option in options}
    for decision in decisions:
        option = by_id[decision.option]
        option.rank, option.funded = decision.rank, decision.funded
        option.reason, option.left_then = decision.reason, decision.left
    row.state, row.spent, row.tallied = "decided", summary.spent, row.ballots
    announce(session, rounds.tally(row, options, final=True), source=SOURCE)
    for event in events:
        by_id[event.option_id].decided_event = announce(session, event, source=SOURCE, log=row.log)
    row.allocation_event = announce(session, summary, source=SOURCE, log=row.log)
    row.allocation_digest = summary.digest

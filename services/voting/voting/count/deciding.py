"""Deciding a round, once all its ballots are here and a checkpoint covers the box's last word.

Counting takes as long as it takes: it is done in a process of its own, from ballots that cannot
change any more, and no transaction waits for it. A replica that dies over it, or finds the round
decided when it comes back, has lost nothing: the round is decided in one transaction, under its
lock, by whoever comes first.
"""

import logging
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database, raw
from shared.events.voting import TieAsked
from shared.outbox import announce
from voting.count import decisions, queries, rounds
from voting.count.counting import Counted, CountingFailed, Worker
from voting.count.tables import Round

SOURCE = "voting.count"
log = logging.getLogger("comptoir.count")


async def decide_due(database: Database) -> None:
    """Decide every round that is complete. What fails in one keeps nobody else waiting."""
    async with database.begin() as session:
        due = await queries.decidable_rounds(session)
    failed: list[Exception] = []
    for round_id in due:
        try:
            await decide(database, round_id)
        except Exception as error:
            log.exception("round %s", round_id)
            failed.append(error)
    if failed:
        raise CountingFailed(f"{len(failed)} of {len(due)} rounds were not decided") from failed[0]


async def decide(database: Database, round_id: UUID) -> None:
    """Count a round's ballots by its rule and announce every decision, or ask about a tie."""
    async with Worker() as worker:
        async with database.begin() as session:
            row = await queries.round_as_it_is(session, round_id)
            if row is None or row.state != "closed":
                return
            await worker.send(await raw(session), row, await queries.options(session, round_id))
        found = await worker.answer()
    async with database.begin() as session:
        now = await queries.round_for_update(session, round_id)
        if now is None or now.state != "closed" or now.answers != row.answers:
            return
        await _keep(session, now, found)


async def _keep(session: AsyncSession, row: Round, found: Counted) -> None:
    if (tied := found.get("tied")) is not None:
        if row.asked != tied:
            row.asked = tied
            asked = TieAsked(round_id=row.round_id, step=tied["step"], options=tied["options"])
            announce(session, asked, source=SOURCE, log=row.log)
        return
    options = await queries.options(session, row.round_id)
    _check(row, found, {str(option.option_id): option.votes for option in options})
    opened = rounds.opened_rules(row)
    events, summary = decisions.decided(row, opened, options, found)
    row.state, row.spent, row.tallied = "decided", summary.spent, row.ballots
    row.outcome = summary.model_dump(mode="json", exclude_none=True)
    row.beside = found["beside"]
    announce(session, rounds.tally(row, options, final=True), source=SOURCE)
    for option, event in zip(options, events, strict=True):
        decisions.keep(option, event)
        option.decided_event = announce(session, event, source=SOURCE, log=row.log)
    row.allocation_event = announce(session, summary, source=SOURCE, log=row.log)
    row.allocation_digest = summary.digest


def _check(row: Round, found: Counted, votes: dict[str, int]) -> None:
    """The ballots are those that the box counted, and give what the running tally says."""
    if found["result"]["ballots"] != row.box_keys or found["votes"] != votes:
        raise RuntimeError(f"round {row.round_id}: the running tally is not that of the ballots")

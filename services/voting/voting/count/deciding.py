"""Deciding a round, once all its ballots are here and a checkpoint covers the box's last word.

Counting takes as long as it takes: it is done in a process of its own, from ballots that cannot
change any more, and no transaction waits for it. A replica that dies over it, or finds the round
decided when it comes back, has lost nothing: the round is decided in one transaction, under its
lock, by whoever comes first.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database, connection_lost, raw
from shared.events.voting import OptionDecided, TieAsked
from shared.outbox import announce, number_all, signed
from shared.process import StillFailing
from voting.count import decisions, queries, rounds
from voting.count.counting import Counted, CountingFailed, Worker
from voting.count.tables import Round

SOURCE = "voting.count"
# Counts that run side by side; and how long a turn waits for them, in seconds.
AT_ONCE = 2
PATIENCE = 1.0
# How long a round whose count failed waits for the next, in seconds: the first time, and at most.
SHORTEST = 1.0
LONGEST = 60.0
log = logging.getLogger("comptoir.count")


class Failed(NamedTuple):
    """A round whose count failed: how long it waits, and until when."""

    pause: float
    again: float


class Deciding:
    """Decides every round that is complete, turn by turn.

    A turn waits `patience` seconds for its counts (None: to their end) and leaves them running, so
    that a long one keeps nobody else waiting; `AT_ONCE` of them run, who came first before others.
    What fails in one is tried again after a pause that doubles up to `LONGEST` seconds: a count
    that fails costs a process that read every ballot. A turn with such a round is no success, so
    that `decide` stays an alarm for as long.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], float] = time.monotonic,
        patience: float | None = None,
    ) -> None:
        self._database = database
        self._now = now
        self._patience = patience
        self._places = asyncio.Semaphore(AT_ONCE)
        self._counts: dict[UUID, asyncio.Task[None]] = {}
        self._failed: dict[UUID, Failed] = {}

    async def turn(self) -> None:
        """Decide what is complete. Raises `CountingFailed`, and `StillFailing` where what failed
        before waits for its pause to end, or is being counted again."""
        due = await queries.decidable_rounds(self._database)
        self._failed = {key: failed for key, failed in self._failed.items() if key in due}
        for round_id in due:
            before = self._failed.get(round_id)
            if round_id not in self._counts and (before is None or before.again <= self._now()):
                self._counts[round_id] = asyncio.create_task(self._decide(round_id))
        if self._counts:
            await asyncio.wait(self._counts.values(), timeout=self._patience)
        ended = {key: count for key, count in self._counts.items() if count.done()}
        errors = [error for each in ended.items() if (error := self._ended(*each)) is not None]
        if errors:
            said = f"{len(errors)} of {len(due)} rounds were not decided"
            raise CountingFailed(said) from errors[0]
        if self._failed:
            raise StillFailing(f"{len(self._failed)} of {len(due)} rounds wait for another count")

    async def leave(self, stopping: asyncio.Event) -> None:
        """End the counts that still run when the process stops."""
        await stopping.wait()
        for count in self._counts.values():
            count.cancel()
        await asyncio.gather(*self._counts.values(), return_exceptions=True)

    async def _decide(self, round_id: UUID) -> None:
        async with self._places:
            await decide(self._database, round_id)

    def _ended(self, round_id: UUID, count: asyncio.Task[None]) -> BaseException | None:
        del self._counts[round_id]
        if count.cancelled():  # the process stops
            return None
        before = self._failed.pop(round_id, None)
        if (error := count.exception()) is None:
            return None
        log.error("round %s", round_id, exc_info=error)
        if not connection_lost(error):  # nothing is read then, and it is over when it is
            pause = SHORTEST if before is None else min(2 * before.pause, LONGEST)
            self._failed[round_id] = Failed(pause, self._now() + pause)
        return error


async def decide(database: Database, round_id: UUID) -> None:
    """Count a round's ballots by its rule and announce every decision, or ask about a tie."""
    async with Worker() as worker:
        async with database.begin() as session:
            row = await queries.round_as_it_is(session, round_id)
            if row is None or row.state != "closed":
                return
            connection = await raw(session)
            await worker.send(connection, row, await queries.options(session, round_id))
            by_tier = {} if row.seats else await queries.votes_by_tier(connection, round_id)
        found = await worker.answer()
    async with database.begin() as session:
        now = await queries.round_for_update(session, round_id)
        if now is None or now.state != "closed" or now.answers != row.answers:
            return
        await _keep(session, now, found, by_tier)


async def _keep(
    session: AsyncSession, row: Round, found: Counted, by_tier: Mapping[str, Mapping[str, int]]
) -> None:
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
    # Whole here, as ballots are: what is shown of it is not finer than what hides people.
    row.beside = found["beside"] | ({"tiers": by_tier} if by_tier else {})
    announce(session, rounds.tally(row, options, final=True), source=SOURCE)
    said = list[OptionDecided]()
    for option, event in zip(options, events, strict=True):
        decisions.keep(option, event)
        option.decided_event = known = uuid4()
        own = signed(session, event, source=SOURCE, log=row.log, event_id=known)
        announce(session, own, source=SOURCE, log=row.log, event_id=known)
        said.append(own)
    await session.flush()
    last_number = await number_all(await raw(session), row.log)
    summary = decisions.sealed(summary, said, last_number)
    row.outcome = summary.model_dump(mode="json", exclude_none=True)
    row.allocation_event = announce(session, summary, source=SOURCE, log=row.log)
    row.allocation_digest = summary.digest


def _check(row: Round, found: Counted, votes: dict[str, int]) -> None:
    """The ballots are those that the box counted and those on paper, and they give what the running
    tally says."""
    voters = (row.box_keys or 0) + row.paper_ballots
    if found["result"]["ballots"] != voters or found["votes"] != votes:
        raise RuntimeError(f"round {row.round_id}: the running tally is not that of the ballots")

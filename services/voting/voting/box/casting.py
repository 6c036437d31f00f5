"""Ballots that arrive together are committed together.

A commit costs a flush of the disk, a round trip and a transaction, whatever it holds. So while
ballots of a tier are being committed, those that arrive wait, and share the next commit. No answer
is given before the commit that its ballot is in; where that fails, every ballot in it is told so.
"""

import asyncio
from uuid import UUID

from shared.database import Database
from shared.events.voting import BallotCast
from voting.box import queries

# Commits under way of a tier, and ballots in one. More commits would each hold fewer ballots, and
# one alone would leave the processor idle while the disk is flushed.
COMMITS, MOST = 2, 64

# Key, revision, digest, body; and where the database's verdict goes.
_Sent = tuple[bytes, int, bytes, bytes]
_Waiting = tuple[_Sent, asyncio.Future[str]]


class Casting:
    """What a replica records, by round and tier: a flush of one tier keeps no other waiting."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tiers: dict[tuple[UUID, str], _Tier] = {}

    async def record(self, ballot: BallotCast, key: bytes, digest: bytes, body: bytes) -> str:
        """Record a ballot of a round that exists and a tier that it has; what the database says of
        it, committed."""
        place = (ballot.round, ballot.tier)
        if (tier := self._tiers.get(place)) is None:
            tier = self._tiers[place] = _Tier(self._database, *place)
        return await tier.record((key, ballot.revision, digest, body))


class _Tier:
    """The ballots of one tier that wait for a commit."""

    def __init__(self, database: Database, round_id: UUID, tier: str) -> None:
        self._database = database
        self._place = (round_id, tier)
        self._waiting: list[_Waiting] = []
        # Tasks that nobody keeps may be collected while they work.
        self._commits: set[asyncio.Task[None]] = set()

    def record(self, sent: _Sent) -> asyncio.Future[str]:
        verdict = asyncio.get_running_loop().create_future()
        self._waiting.append((sent, verdict))
        if len(self._commits) < COMMITS:
            commit = asyncio.create_task(self._commit_what_waits())
            self._commits.add(commit)
            commit.add_done_callback(self._commits.discard)
        return verdict

    async def _commit_what_waits(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                keys, revisions, digests, bodies = zip(*(sent for sent, _ in batch), strict=True)
                row = await self._database.straight(
                    queries.CAST, *self._place, keys, revisions, digests, bodies
                )
                assert row is not None
            except Exception as error:
                for _, verdict in batch:
                    if not verdict.done():
                        verdict.set_exception(error)
            else:
                for (_, verdict), said in zip(batch, row["verdicts"], strict=True):
                    if not verdict.done():  # whoever asked may be gone
                        verdict.set_result(said)

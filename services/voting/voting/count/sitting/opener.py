"""Opens the ballots of a round whose commission sits: its key is in this process's memory for that
long, in one task, and nowhere else.

Ballots are taken from what count keeps of `voting.ballots`: every one of the round is here, and the
ledger has them, before the first is opened (`open_ballots` asks for both). A process that ends over
it forgets the key; what is opened stays, and the members type their shares again for the rest.
"""

import asyncio
import logging
import random
from itertools import batched
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from shared.database import Database
from shared.unsealing import AT_ONCE, openings
from voting.count.commission import queries
from voting.count.commission.handling import open_ballots
from voting.count.commission.opening import Openings, Trial
from voting.count.moving import locked_round

log = logging.getLogger("comptoir.count")


class Opener:
    """The rounds that are being opened in this process."""

    def __init__(self, database: Database, trial: Trial) -> None:
        self._database = database
        self._trial = trial
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    def opens(self, round_id: UUID) -> bool:
        """Whether a round is being opened here now."""
        return round_id in self._tasks

    def begin(self, round_id: UUID, private: X25519PrivateKey, test: str) -> None:
        """Open every ballot of a round that is sealed still; `test` is what count's test ballot
        says. Of a round that is being opened, nothing more happens."""
        if round_id not in self._tasks:
            task = asyncio.create_task(self._open(round_id, private, test), name="opening")
            self._tasks[round_id] = task
            task.add_done_callback(lambda done: self._ended(round_id, done))

    async def leave(self, stopping: asyncio.Event) -> None:
        """Let go of every key when the process stops."""
        await stopping.wait()
        tasks = [*self._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _open(self, round_id: UUID, private: X25519PrivateKey, test: str) -> None:
        async with self._database.begin() as session:
            keys = await queries.sealed_keys(session, round_id)
        # The order of all: the batches would show parts of another one.
        random.SystemRandom().shuffle(keys)
        for some in batched(keys, AT_ONCE, strict=False):
            async with self._database.begin() as session:
                ballots = await queries.sealed_ballots(session, round_id, some)
            told = await asyncio.to_thread(list, openings(private, str(round_id), ballots))
            if not told:  # another sitting opened them meanwhile
                continue
            said = Openings.model_validate({"test": test, "openings": told})
            async with self._database.begin() as session:
                row = await locked_round(session, round_id)
                await open_ballots(session, self._trial, row, said)

    def _ended(self, round_id: UUID, task: asyncio.Task[None]) -> None:
        del self._tasks[round_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the opening of round %s ended early", round_id, exc_info=error)

"""The signer's work: follow each log, and sign what it recomputed.

Crash stories, in the order in which one log is signed:
- before the claim (the primary key of `signed_checkpoint`): nothing happened;
- after the claim, before the note is on the disk: the transaction is rolled back;
- after the note is on the disk, before the commit: the database has no such checkpoint, and has its
  entries, which were committed before they were read. The next signer finds the same root there.
- A restored database has fewer entries than a note, or others: nothing is signed any more.
"""

import asyncio
import logging
import time
from contextlib import suppress

from ledger.notes import Checkpoint, signed
from ledger.signer import queries
from ledger.signer.files import SignerFiles
from ledger.signer.follow import Follower, Refusing
from ledger.signer.queries import Connection, LogHead
from shared.database import Database, connection_lost, dedicated, raw
from shared.events.ledger import CheckpointPublished
from shared.outbox import announce

log = logging.getLogger("comptoir.signer")

NAME = "ledger.signer"
PUBLISHER = "ledger"
POLL = 0.1
AT_MOST_EVERY = 1.0
SPARE_KEYS = 4


class Signer:
    """Signs the logs of one database; `run` until stopped, or until it must refuse."""

    def __init__(self, database: Database, files: SignerFiles) -> None:
        self.database = database
        self._files = files
        self._followers: dict[str, Follower] = {}
        self._signed: dict[str, int] = {}
        self._signed_at: dict[str, float] = {}

    async def run(self, stopping: asyncio.Event) -> None:
        """Wait to be the one that signs, and sign. Raises `Refusing`, and then signs no more."""
        while not stopping.is_set():
            connection = None
            try:
                connection = await dedicated(self.database.dsn, NAME)
                if await queries.elected(connection):
                    await self._lead(connection, stopping)
            except Refusing as refusal:
                log.critical("nothing is signed any more: %s", refusal)
                raise
            except Exception as error:
                if connection_lost(error):
                    log.warning("the signer has no database: %s", type(error).__name__)
                else:
                    log.exception("the signer begins again")
            finally:
                if connection is not None:
                    connection.terminate()
            await _pause(stopping, 0.25)

    async def _lead(self, lock: Connection, stopping: asyncio.Event) -> None:
        """Verify everything once, then follow what is appended. `lock` is held while it is open."""
        self._followers, self._signed, self._signed_at = {}, {}, {}
        log.info("the signer leads")
        while not stopping.is_set():
            await self.sign_due(lock)
            await _pause(stopping, POLL)

    async def sign_due(self, connection: Connection) -> None:
        """Keep spare keys, and sign the logs that have grown, each at most once a second."""
        heads = await queries.heads(connection)
        await self._keep_spare_keys(connection)
        if not self._followers:
            self._refuse_if_behind({head.log: head for head in heads})
        now = time.monotonic()
        due = {
            head.log
            for head in heads
            if head.log not in self._followers
            or (
                head.size > self._signed[head.log]
                and now - self._signed_at.get(head.log, -AT_MOST_EVERY) >= AT_MOST_EVERY
            )
        }
        if not due:
            return
        for head in await self._follow(due):
            if head.size > self._signed[head.log]:
                await self._publish(head, self._followers[head.log])
                self._signed[head.log], self._signed_at[head.log] = head.size, now

    async def _keep_spare_keys(self, connection: Connection) -> None:
        """Have keys ready, on the disk first, for the logs that will be opened."""
        missing = SPARE_KEYS - await queries.spare_keys(connection)
        if missing > 0:
            made = [await asyncio.to_thread(self._files.make_key) for _ in range(missing)]
            await queries.register_keys(connection, made)

    async def _follow(self, due: set[str]) -> list[LogHead]:
        """Recompute these logs on a fresh connection, which sees what is committed and no more."""
        connection = await dedicated(self.database.dsn, f"{NAME} reads")
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                heads = [head for head in await queries.heads(connection) if head.log in due]
                for head in heads:
                    await self._follow_one(connection, head)
        finally:
            connection.terminate()
        return heads

    async def _follow_one(self, connection: Connection, head: LogHead) -> None:
        if (follower := self._followers.get(head.log)) is not None:
            return await follower.follow(connection, head, {})
        known = await queries.signed_checkpoints(connection, head.log, 1, head.size)
        note = self._files.noted().get(head.log)
        if note is not None and known.setdefault(note.size, note.root) != note.root:
            raise Refusing(f"{head.log}: the note of size {note.size} has another root")
        follower = Follower(head.log)
        await follower.follow(connection, head, known)
        self._followers[head.log] = follower
        self._signed[head.log] = await queries.last_signed(connection, head.log)

    def _refuse_if_behind(self, heads: dict[str, LogHead]) -> None:
        """Raises `Refusing` where a note says more than the database has: it was restored."""
        for name, note in self._files.noted().items():
            head = heads.get(name)
            size = 0 if head is None or head.origin != note.origin else head.size
            if size < note.size:
                raise Refusing(
                    f"{name}: {note.size} entries of {note.origin} were signed, the database has"
                    f" {size}. It was restored from a backup: bring the missing entries back from"
                    " an export, never sequence them again"
                )

    async def _publish(self, head: LogHead, follower: Follower) -> None:
        """Claim the size, sign it, have the note on the disk, and only then let it be seen."""
        key = self._files.key(head.public_key)
        if key is None:
            raise Refusing(f"{head.log}: its key {head.public_key.hex()} is not among the files")
        root = follower.root()
        note = signed(Checkpoint(head.origin, head.size, root), key)
        async with self.database.begin() as session:
            claimed = await queries.claim(await raw(session), head.log, head.size, root, note)
            if claimed != root:
                raise Refusing(f"{head.log}: another root is signed for size {head.size}")
            announce(session, _published(head, follower, note), source=PUBLISHER)
            await session.flush()
            await asyncio.to_thread(self._files.keep, head.log, note)


def _published(head: LogHead, follower: Follower, note: str) -> CheckpointPublished:
    return CheckpointPublished(
        log=head.log,
        origin=head.origin,
        size=head.size,
        root=follower.root().hex(),
        note=note,
        numbers=dict(follower.numbers),
    )


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopping.wait()

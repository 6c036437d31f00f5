"""The signer's work: follow each log, sign what it recomputed, and publish what was cosigned.

Crash stories, in the order in which one log is signed:
- before the claim (the primary key of `signed_checkpoint`): nothing happened;
- after the claim, before the note is on the disk: the transaction is rolled back;
- after the note is on the disk, before the commit: the database has no such checkpoint, and has its
  entries, which were committed before they were read. The next signer finds the same root there;
- after the commit, at any point of asking witnesses: some may have cosigned. The next signer
  submits the same note again before it signs anything else, and they cosign it again;
- after enough cosigned, before the publication is committed: likewise.
- A restored database has fewer entries than a note, or others, or than a witness cosigned: nothing
  is signed any more.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Iterable
from contextlib import suppress

from ledger.notes import Checkpoint, signed
from ledger.policy import Policy
from ledger.signer import queries
from ledger.signer.cosigning import GRACE, Cosigners, Latest, Overtaken
from ledger.signer.files import SignerFiles
from ledger.signer.filled import Rotated
from ledger.signer.follow import Follower, Refusing
from ledger.signer.queries import Connection, LogHead
from ledger.signer.rereading import Rereading
from ledger.signer.watch import Watch
from shared.database import Database, connection_lost, dedicated, raw
from shared.events.event import PLATFORM_LOG
from shared.events.ledger import CheckpointPublished
from shared.outbox import announce

log = logging.getLogger("comptoir.signer")

NAME = "ledger.signer"
PUBLISHER = "ledger"
POLL = 0.1
AT_MOST_EVERY = 1.0
# How often witnesses are asked again, where not enough of them have answered.
ASK_EVERY = 1.0
REFRESH_EVERY = 600.0
# At a start and at a refresh nobody waits for the quorum alone.
PATIENTLY = 1.0
# A log that does not grow is read again nevertheless.
REREAD_EVERY = 60.0
SPARE_KEYS = 4


class Signer:
    """Signs the logs of one database; `run` until stopped, or until it must refuse."""

    def __init__(
        self,
        database: Database,
        files: SignerFiles,
        policy: Policy | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.database = database
        self._files = files
        self._watch = watch or Watch()
        self._cosigners = Cosigners(policy or Policy(), database, self._watch)
        self._followers: dict[str, Follower] = {}
        self._rereadings: dict[str, Rereading] = {}
        self._latest: dict[str, Latest] = {}
        self._signed_at: dict[str, float] = {}

    async def run(self, stopping: asyncio.Event) -> None:
        """Wait to be the one that signs, and sign. Raises `Refusing`, and then signs no more."""
        try:
            while not stopping.is_set():
                await self._try_to_lead(stopping)
                await _pause(stopping, 0.25)
        finally:
            await self.close()

    async def close(self) -> None:
        """Close the connections to witnesses."""
        await self._cosigners.close()

    async def _try_to_lead(self, stopping: asyncio.Event) -> None:
        connection = None
        try:
            connection = await dedicated(self.database.dsn, NAME)
            if await queries.elected(connection):
                await self._lead(connection, stopping)
        except Refusing as refusal:
            log.critical("nothing is signed any more: %s", refusal)
            raise
        except Overtaken as overtaken:
            log.warning("the signer begins again: %s", overtaken)
        except Exception as error:
            if connection_lost(error):
                log.warning("the signer has no database: %s", type(error).__name__)
            else:
                log.exception("the signer begins again")
        finally:
            self._watch.wait(None)
            if connection is not None:
                connection.terminate()

    async def _lead(self, lock: Connection, stopping: asyncio.Event) -> None:
        """Verify everything once, then follow what is appended. `lock` is held while it is open."""
        self._followers, self._latest, self._signed_at = {}, {}, {}
        self._rereadings = {}
        self._cosigners.forget()
        log.info("the signer leads")
        while not stopping.is_set():
            await self.sign_due(lock)
            await _pause(stopping, POLL)

    async def sign_due(self, connection: Connection) -> None:
        """Keep spare keys, and sign the logs that have grown, each at most once a second.

        Nothing is signed after a checkpoint that no quorum of witnesses has cosigned: it is
        submitted again instead. So there is one at most that nobody outside has seen.
        """
        heads = {head.log: head for head in await queries.heads(connection)}
        await self._keep_spare_keys(connection)
        if not self._followers:
            self._refuse_if_behind(heads)
        if fresh := heads.keys() - self._followers.keys():
            await self._follow(fresh)
        await self._check_keys(heads.values())
        for head in heads.values():
            self._sign_with_other_keys(head)
        await self._ask_witnesses()
        if due := {head.log for head in heads.values() if self._is_due(head)}:
            for head in await self._follow(due):
                if head.size > self._signed(head.log):
                    await self._sign(head, self._followers[head.log])
            await self._ask_witnesses()

    def _signed(self, name: str) -> int:
        latest = self._latest.get(name)
        return 0 if latest is None else latest.checkpoint.size

    def _is_due(self, head: LogHead) -> bool:
        latest, now = self._latest.get(head.log), time.monotonic()
        if latest is not None and latest.waits:
            return False
        if head.size > self._signed(head.log):
            return now - self._signed_at.get(head.log, -AT_MOST_EVERY) >= AT_MOST_EVERY
        return head.size > 0 and now - self._rereadings[head.log].at >= REREAD_EVERY

    async def _keep_spare_keys(self, connection: Connection) -> None:
        """Have keys ready, on the disk first, for the logs that will be opened."""
        missing = SPARE_KEYS - await queries.spare_keys(connection)
        if missing > 0:
            made = [await asyncio.to_thread(self._files.make_key) for _ in range(missing)]
            await queries.register_keys(connection, made)

    async def _follow(self, due: Iterable[str]) -> list[LogHead]:
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
            await follower.follow(connection, head, {})
            return await self._rereadings[head.log].look(connection)
        known = await queries.signed_checkpoints(connection, head.log, 1, head.size)
        note = self._files.noted().get(head.log)
        if note is not None and known.setdefault(note.size, note.root) != note.root:
            raise Refusing(f"{head.log}: the note of size {note.size} has another root")
        last = await queries.last_signed(connection, head.log)
        follower = Follower(head.log, 0 if last is None else last.size)
        await follower.follow(connection, head, known)
        if last is not None:
            self._latest[head.log] = Latest(
                head.log,
                Checkpoint(head.origin, last.size, last.root),
                last.note,
                follower.marked,
                published=last.published is not None,
                earlier=self._cosigners.earlier(last.published or last.note),
            )
        self._followers[head.log] = follower
        self._rereadings[head.log] = Rereading(follower)

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

    async def _sign(self, head: LogHead, follower: Follower) -> None:
        """Claim the size, sign it, have the note on the disk, and only then commit the claim."""
        checkpoint = Checkpoint(head.origin, head.size, follower.root())
        note, root = self._note(head, checkpoint), checkpoint.root
        async with self.database.begin() as session:
            claimed = await queries.claim(await raw(session), head.log, head.size, root, note)
            if claimed != root:
                raise Refusing(f"{head.log}: another root is signed for size {head.size}")
            await asyncio.to_thread(self._files.keep, head.log, note)
        before = self._latest.get(head.log)
        self._signed_at[head.log] = time.monotonic()
        self._latest[head.log] = Latest(
            head.log,
            checkpoint,
            note,
            dict(follower.numbers),
            (head.public_key, *head.previous),
            head.known,
            # The first one that is signed is submitted as the last one would be.
            confirmed=before is not None,
        )

    async def _check_keys(self, heads: Collection[LogHead]) -> None:
        """Raises `Refusing` where a log has another key than the platform's log gave it: whoever
        can write into the database could otherwise have signed with a key of which nobody knows."""
        rotated = {key for head in heads for key in head.rotated}
        if not rotated - self._rotated():
            return
        # The rows may be newer than what was read of the platform's log.
        if PLATFORM_LOG in self._followers:
            await self._follow({PLATFORM_LOG})
        for key in sorted(rotated - self._rotated()):
            raise Refusing(
                f"{key.log}: no entry of the platform's log gives it the key"
                f" {key.public_key.hex()} in this way"
            )

    def _rotated(self) -> set[Rotated]:
        platform = self._followers.get(PLATFORM_LOG)
        return set() if platform is None else platform.rotated

    def _note(self, head: LogHead, checkpoint: Checkpoint) -> str:
        """The checkpoint with the signature of each key that signs now, the newest first. A lost
        key signs nothing more; the newest must be there."""
        key = self._files.key(head.public_key)
        if key is None:
            raise Refusing(f"{head.log}: its key {head.public_key.hex()} is not among the files")
        previous = (self._files.key(public) for public in head.previous)
        return signed(checkpoint, key, *(found for found in previous if found is not None))

    def _sign_with_other_keys(self, head: LogHead) -> None:
        """Where a log's keys changed, its last checkpoint gets their signatures, and is submitted
        and published again: the log need not grow for it."""
        latest, keys = self._latest.get(head.log), (head.public_key, *head.previous)
        if latest is not None:
            latest.known = head.known
        if latest is None or latest.keys == keys:
            return
        latest.keys, before = keys, latest.note
        latest.note = self._note(head, latest.checkpoint)
        if latest.note != before:
            latest.asked_at = latest.cosigned_at = float("-inf")

    async def _ask_witnesses(self) -> None:
        """Have what was signed last cosigned and published, and what is published refreshed."""
        asked = await asyncio.gather(
            *(self._have_cosigned(latest) for latest in self._latest.values()),
            return_exceptions=True,
        )
        waiting = [latest.since for latest in self._latest.values() if latest.waits]
        self._watch.wait(min(waiting, default=None))
        # What must stop the signer comes before what may pass.
        for error in sorted(filter(None, asked), key=lambda e: not isinstance(e, Refusing)):
            raise error

    async def _have_cosigned(self, latest: Latest) -> None:
        now = time.monotonic()
        if now - latest.asked_at < ASK_EVERY:
            return
        if not latest.waits:
            every = REFRESH_EVERY if len(self._cosigners) else float("inf")
            if now - latest.cosigned_at < every:
                return
            latest.earlier |= latest.fresh
            latest.fresh = {}
            latest.cosigned_at = now  # where too few answer, the next refresh has to do
        patiently = latest.published or not latest.confirmed
        latest.asked_at = now
        if await self._cosigners.ask(latest, PATIENTLY if patiently else GRACE):
            await self._publish(latest)
            latest.published = latest.confirmed = True
            latest.cosigned_at = time.monotonic()

    async def _publish(self, latest: Latest) -> None:
        """Let the checkpoint be seen, and announce it the first time."""
        note, size = self._cosigners.published(latest), latest.checkpoint.size
        async with self.database.begin() as session:
            connection = await raw(session)
            if await queries.publish(connection, latest.log, size, note):
                frozen = await queries.has_ended(connection, latest.log, size)
                announce(session, _announced(latest, note, frozen), source=PUBLISHER)


def _announced(latest: Latest, note: str, frozen: bool) -> CheckpointPublished:
    return CheckpointPublished(
        log=latest.log,
        origin=latest.checkpoint.origin,
        size=latest.checkpoint.size,
        root=latest.checkpoint.root.hex(),
        note=note,
        numbers=dict(latest.numbers),
        frozen=True if frozen else None,
    )


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopping.wait()

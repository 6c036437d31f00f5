"""The sender: claims what is due, hands it over, notes what became of it.

The attempt is committed before anything leaves, so that a message is either unattempted, ended, or
doubtful. Crash stories:
- Killed before the claim: the message is as it was.
- Killed between claim and answer: nobody knows whether it left. When its lease is over it is
  repeated, under the same Message-ID and byte for byte the same.
- Killed after the provider's answer, before it is noted: the same.
- Frozen in between: whoever wakes after its lease sends nothing any more.
- The database is away after the answer: noted again and again while the lease lasts.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from prometheus_client import CollectorRegistry, Counter, Gauge

from notification import queries
from notification.handlers import SOURCE
from notification.keys import Keys
from notification.mails import Bounced, Doubtful, Mail, Provider, PutOff, Unreachable
from notification.patience import EXPIRED, expired, pause_after
from notification.queries import Claimed
from notification.writing import Writer
from shared.contacts import Unopened, Untellable
from shared.database import Database, connection_lost, raw
from shared.events.notification import MessageBounced, MessageDelivered
from shared.outbox import announce

log = logging.getLogger("comptoir.sending")

# Claimed and noted together: what one crash can make doubtful, beside the connections.
TOGETHER = 5
IDLE = 0.5
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
# Of a lease this much is kept for noting what became of the message.
RESERVE = 0.25


class Metrics:
    """What an operator watches of the sender. No label says who was told what."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.delivered = Counter(
            "comptoir_mails_delivered", "Mails that the provider took", registry=registry
        )
        self.bounced = Counter(
            "comptoir_mails_bounced", "Messages given up", ["reason"], registry=registry
        )
        self.troubled = Counter(
            "comptoir_mails_not_taken", "Attempts without success", ["why"], registry=registry
        )
        self.unsent = Gauge("comptoir_mails_unsent", "Messages to be sent", registry=registry)
        self.oldest = Gauge(
            "comptoir_mails_oldest_unsent_seconds", "Age of the oldest", registry=registry
        )


@dataclass(frozen=True)
class Ended:
    """What became of a message: delivered, or bounced for a reason."""

    message_id: UUID
    reason: str | None = None


class Sender:
    """One replica's part of the sending; any number of them may run."""

    def __init__(
        self,
        database: Database,
        provider: Provider,
        writer: Writer,
        keys: Keys,
        metrics: Metrics,
        *,
        lease: float,
        at_once: int,
        stands: asyncio.Event,
    ) -> None:
        """`at_once` mails are under way; each may take as long as `lease` seconds. Nothing new is
        claimed while the database may be a backup (`stands` is not set): it was sent since."""
        self._database = database
        self._provider = provider
        self._writer = writer
        self._keys = keys
        self._metrics = metrics
        self._lease = lease
        self._at_once = at_once
        self._stands = stands
        self._trouble = 0
        self._not_before = 0.0

    async def run(self, stopping: asyncio.Event) -> None:
        """Send what is due, until told to stop; what is under way then ends first."""
        working: set[asyncio.Task[None]] = set()
        while not stopping.is_set():
            working = {task for task in working if not task.done()}
            claimed = None
            may = self._stands.is_set() and time.monotonic() >= self._not_before
            if may and len(working) < self._at_once:
                claimed = await self._claim()
            if claimed:
                working.add(asyncio.create_task(self._send_all(*claimed), name="sending"))
            elif len(working) == self._at_once:
                await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
            else:
                if not working:
                    await self._provider.close()
                await _rest(stopping, working)
        if working:
            await asyncio.wait(working)
        await self._provider.close()

    async def _claim(self) -> tuple[list[Claimed], float] | None:
        """Some due messages, and until when they are ours; their attempt is on record."""
        until = time.monotonic() + self._lease
        try:
            async with self._database.begin() as session:
                claimed = await queries.claimed_messages(
                    await raw(session), TOGETHER, timedelta(seconds=self._lease)
                )
        except Exception as error:
            if not connection_lost(error):
                log.exception("nothing could be claimed")
            return None
        return (claimed, until) if claimed else None

    async def _send_all(self, claimed: Sequence[Claimed], until: float) -> None:
        """Send these one after the other and note what became of them, all at the end."""
        last_call = until - self._lease * RESERVE
        ended: list[Ended] = []
        try:
            for at, message in enumerate(claimed):
                try:
                    ended.append(await self._send(message, last_call))
                except Unreachable as why:
                    self._pause(str(why))
                    await self._give_back(claimed[at:])
                    break
                except _LeaseOver:
                    log.warning("the lease of a message is over: it is attempted later")
                    break
                except (PutOff, Doubtful) as why:
                    if (given_up := await self._wait_or_give_up(message, why)) is not None:
                        ended.append(given_up)
        except Exception as error:
            # What is claimed comes again when its lease is over.
            if not connection_lost(error):
                log.exception("sending")
        await self._note(ended, until)

    async def _send(self, claimed: Claimed, last_call: float) -> Ended:
        """Hand one message over. Raises what `Provider.send` does, but `Bounced`."""
        try:
            mail = self._opened(claimed)
            if time.monotonic() > last_call:
                raise _LeaseOver
            async with asyncio.timeout(last_call - time.monotonic()):
                await self._provider.send(mail)
        except Bounced as why:
            return self._bounced(claimed, why.reason)
        except TimeoutError:
            raise Doubtful("no answer") from None
        except (Unreachable, PutOff, Doubtful, _LeaseOver):
            raise
        except Exception:
            log.exception("message %s", claimed.message_id)
            raise Doubtful("trouble of our own") from None
        self._trouble = 0
        return Ended(claimed.message_id)

    def _opened(self, claimed: Claimed) -> Mail:
        """The words, in memory only. Raises `Bounced` for what can never be sent."""
        try:
            message = self._keys.opened(claimed.message_id, claimed.sealed)
            return self._writer.write(message, claimed.message_id, claimed.accepted_at)
        except Unopened as why:
            log.error("message %s cannot be opened: %s", claimed.message_id, why)
            raise Bounced("unopened") from None
        except Untellable as why:
            log.error("message %s cannot be told: %s", claimed.message_id, why)
            raise Bounced("untellable") from None
        except Exception:
            # Whatever a template trips over, it would trip over it again.
            log.exception("message %s cannot be written", claimed.message_id)
            raise Bounced("unwritten") from None

    def _bounced(self, claimed: Claimed, reason: str) -> Ended:
        self._metrics.bounced.labels(reason).inc()
        return Ended(claimed.message_id, reason)

    async def _wait_or_give_up(self, claimed: Claimed, why: Exception) -> Ended | None:
        """Put a message off for longer and longer; after some days it bounces."""
        deferred = isinstance(why, PutOff)
        self._metrics.troubled.labels("put off" if deferred else "doubtful").inc()
        if deferred and expired(claimed.put_offs, claimed.accepted_at, datetime.now(UTC)):
            return self._bounced(claimed, EXPIRED)
        async with self._database.begin() as session:
            pause = pause_after(claimed.put_offs)
            await queries.put_off(await raw(session), claimed, pause, deferred=deferred)
        return None

    def _pause(self, why: str) -> None:
        """Leave the provider alone for a while: longer each time, until it takes something."""
        self._metrics.troubled.labels("unreachable").inc()
        if time.monotonic() < self._not_before:
            return  # another mail met the same trouble
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**self._trouble)
        self._trouble += 1
        self._not_before = time.monotonic() + pause
        log.warning("the provider is not reached (%s): again in %.1f s", why, pause)

    async def _give_back(self, claimed: Sequence[Claimed]) -> None:
        """Let messages be claimed again: none of them was handed over."""
        async with self._database.begin() as session:
            pause = timedelta(seconds=LONGEST_PAUSE)
            await queries.give_back(await raw(session), claimed, pause)

    async def _note(self, ended: Sequence[Ended], until: float) -> None:
        """Note what ended, and announce it; while the database is away, try as long as it helps."""
        while ended:
            try:
                return await self._note_now(ended)
            except Exception as error:
                if not connection_lost(error):
                    log.exception("what was sent could not be noted")
                if time.monotonic() > until:
                    return
                await asyncio.sleep(IDLE)

    async def _note_now(self, ended: Sequence[Ended]) -> None:
        async with self._database.begin() as session:
            pairs = [(each.message_id, each.reason) for each in ended]
            fresh = await queries.end_messages(await raw(session), pairs)
            for each in ended:
                if each.message_id in fresh:
                    kind = MessageDelivered if each.reason is None else MessageBounced
                    announce(session, kind(message_id=each.message_id), source=SOURCE)
        self._metrics.delivered.inc(sum(each.reason is None for each in ended))

    async def backlog(self) -> float:
        """Look what waits; for how many seconds it has waited while nothing ended."""
        async with self._database.begin() as session:
            found = await queries.backlog(await raw(session))
        self._metrics.unsent.set(found.unsent)
        self._metrics.oldest.set(found.oldest)
        return found.stalled


class _LeaseOver(Exception):
    """Somebody else may attempt these messages by now."""


async def _rest(stopping: asyncio.Event, working: set[asyncio.Task[None]]) -> None:
    """Until something may be due, or it is time to stop."""
    if working:
        await asyncio.wait(working, timeout=IDLE, return_when=asyncio.FIRST_COMPLETED)
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(IDLE):
            await stopping.wait()

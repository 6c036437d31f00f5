"""Time stamps of published checkpoints: once a day, and at each closing.

A stamp says that a checkpoint existed at a time, by the word of somebody who knows nothing of this
log. It needs no promise of ours, and is good for as long as the authority's certificate can be
checked. Nothing waits for one: a log is signed, cosigned and read without.

Crash stories: before the reply, nothing happened; after the reply, before the commit, the
authority made a stamp that nobody keeps, and is asked again.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
from prometheus_client import CollectorRegistry, Counter, Gauge

from ledger.signer import queries
from ledger.signer.authorities import WITHIN, Authority, NoStamp, asked
from ledger.signer.queries import Unstamped
from shared.database import Database, dedicated, raw
from shared.failing import failure_point
from shared.trust import authorities

log = logging.getLogger("comptoir.stamping")

LOOK_EVERY = 2.0
EVERY = timedelta(days=1)
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 600.0
# Authorities have bad hours; nobody is woken for those.
PATIENCE = 3600.0


class Watch:
    """What an operator watches of stamps."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        self._answers = Counter(
            "comptoir_signer_stamp_answers",
            "What time-stamping authorities made of a checkpoint",
            ["authority", "outcome"],
            registry=registry,
        )
        self._waiting = Gauge(
            "comptoir_signer_unstamped_seconds",
            "How long the checkpoint that waits longest for its time stamp has waited",
            registry=registry,
        )
        self.waited = 0.0

    def answered(self, authority: str, outcome: str) -> None:
        """Count an answer."""
        self._answers.labels(authority, outcome).inc()

    def wait(self, seconds: float) -> None:
        """For how long the first one waits; 0 where none does."""
        self.waited = seconds
        self._waiting.set(seconds)


@dataclass
class _Due:
    """A log whose checkpoint is to be stamped; `stamped` is the size of the last one that is."""

    stamped: int
    since: float
    failures: int = 0
    not_before: float = 0.0


@dataclass
class Stamper:
    """Has the checkpoints of one database stamped."""

    database: Database
    authorities: tuple[Authority, ...]
    watch: Watch = field(default_factory=Watch)
    every: timedelta = EVERY
    within: float = WITHIN

    def __post_init__(self) -> None:
        self._due: dict[str, _Due] = {}
        # How far each log was looked through for closings.
        self._looked: dict[str, int] = {}

    async def look(self) -> None:
        """Have stamped what is due, one replica at a time."""
        connection = await dedicated(self.database.dsn, "ledger.signer stamps")
        try:
            if not await queries.stamping(connection):
                return  # another replica is at it
            unstamped = await queries.unstamped(connection)
            self._forget_stamped({found.log: found.stamped for found in unstamped})
            for found in unstamped:
                if await self._is_due(connection, found):
                    await self._have_stamped(found)
        finally:
            connection.terminate()
        now = time.monotonic()
        self.watch.wait(max((now - due.since for due in self._due.values()), default=0.0))

    def _forget_stamped(self, unstamped: Mapping[str, int]) -> None:
        """What was due is stamped, by this replica or another."""
        self._due = {
            log: due for log, due in self._due.items() if unstamped.get(log) == due.stamped
        }

    async def _is_due(self, connection: queries.Connection, found: Unstamped) -> bool:
        """Whether a day is over, or there is a closing that no stamp covers."""
        if found.log in self._due:
            return True
        start = max(found.stamped, self._looked.get(found.log, 0))
        closed = await queries.has_closing(connection, found.log, start, found.size)
        self._looked[found.log] = found.size
        return closed or found.age is None or found.age >= self.every

    async def _have_stamped(self, found: Unstamped) -> None:
        """Ask one authority after the other, until one stamps."""
        now = time.monotonic()
        due = self._due.setdefault(found.log, _Due(found.stamped, now))
        if now < due.not_before:
            return
        note = found.note.encode()
        tls = authorities(trust_env=False)
        async with httpx.AsyncClient(follow_redirects=False, trust_env=False, verify=tls) as client:
            for authority in self.authorities:
                answer = await asked(client, authority, note, self.within)
                if isinstance(answer, NoStamp):
                    self.watch.answered(authority.name, answer.why)
                    log.warning("%s stamps nothing: %s", authority.name, answer.why)
                    continue
                failure_point("signer.stamped")
                async with self.database.begin() as session:
                    await queries.keep_stamp(await raw(session), found, authority.name, answer)
                self.watch.answered(authority.name, "stamped")
                del self._due[found.log]
                return
        due.failures += 1
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (due.failures - 1))
        due.not_before = time.monotonic() + pause

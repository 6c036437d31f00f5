"""A process whose database may be a restored backup stands still: what that means over HTTP and by
the clock (`covering.py` and `mark.py` say how it is known)."""

import asyncio
import time
from contextlib import suppress

import asyncpg
from starlette.types import ASGIApp, Receive, Scope, Send

from shared import mark
from shared.covering import Behind, Closed, NotStanding, Standing, Unheard, Unread, close
from shared.database import Database, raw
from shared.kafka import Unavailable
from shared.mark import Known, Mark
from shared.problems import problem

QUICKLY = 0.25
COUNT_EVERY = 5.0
# Where the mark agrees, so long is waited for a broker that gives no answer.
PATIENCE = 5.0
RECOVERY = "/desk/recovery"


class Stand:
    """What a replica knows of its database's standing, looked at again and again.

    `refusal` says why nothing may change here; `known` is set while everything may. What is wrong
    with the mark's file is `mark_trouble`: it is as if there were none.
    """

    def __init__(
        self,
        standing: Standing | None = None,
        database: Database | None = None,
        beside: Mark | None = None,
        *,
        patience: float = PATIENCE,
    ) -> None:
        """`beside` is the file by which a database is known to be the one that worked last."""
        self._standing = standing
        self._database = database
        self._mark = beside
        self._patience = patience
        self._began = time.monotonic()
        self._counted_at = float("-inf")
        self._heard = False
        self._unread: str | None = None
        self._unwritten: str | None = None
        self.refusal: NotStanding | None = None
        self.known = asyncio.Event()
        if standing is None:
            self.known.set()
        else:
            standing.marks_unread = beside is not None
            self.refusal = Unheard("nobody has looked yet whether this database is a backup")

    @property
    def mark_trouble(self) -> str | None:
        """Why the mark's file says nothing, or cannot be written."""
        return self._unread or self._unwritten

    async def look(self) -> Unheard | None:
        """Look; what the checkpoints leave unsaid, if anything.

        Once it was known, that the broker gives no answer is no news, and work goes on: phases open
        while Kafka is down. Before, it goes on where the mark agrees, and nowhere else; and not
        while the checkpoints are being read, since a copied machine brings its mark along.
        """
        if self._standing is None or self._database is None:
            return None
        found, agrees = await self._look_inside(self._standing, self._database)
        unheard = None
        if not self._heard and not isinstance(found, Behind):
            unheard = await self._listen(self._standing, self._database)
            found, agrees = await self._look_inside(self._standing, self._database)
        if unheard is not None and not isinstance(found, Behind):
            waited = time.monotonic() - self._began >= self._patience
            reading = isinstance(unheard, Unread)
            goes_on = self.known.is_set() or (agrees and waited and not reading)
            found = None if found is None and goes_on else unheard
        self.refusal = found
        if found is None:
            self.known.set()
        else:
            self.known.clear()
        return unheard

    async def _look_inside(
        self, standing: Standing, database: Database
    ) -> tuple[NotStanding | None, bool]:
        """What the database and its mark say, and whether the mark agrees; the broker is not
        asked. A database that its mark contradicts is closed, once."""
        # The file first: the database is ahead of it at any time.
        written = await self._read_mark()
        contradiction, fresh, found = None, None, None
        async with database.begin() as session:
            connection = await raw(session)
            if written is not None:
                contradiction = written.contradicts(await mark.counted(connection))
            if contradiction is not None:
                await close(connection, contradiction)
            try:
                await standing.unchanged(connection)
            except NotStanding as error:
                found = error
            if self._mark is not None and self._unread is None:
                fresh = await self._next_mark(connection, written, contradiction, found)
        standing.marks_unread = False
        if fresh is not None:
            await self._write_mark(fresh)
        agrees = written is not None and not written.closed and contradiction is None
        return found, agrees

    async def _next_mark(
        self,
        connection: asyncpg.Connection,
        written: Known | None,
        contradiction: str | None,
        found: NotStanding | None,
    ) -> Known | None:
        """What the file has to say from now on, if anything else."""
        closed = isinstance(found, Behind | Closed)
        if contradiction is not None or (closed and (written is None or not written.closed)):
            return await mark.go_ahead(connection, written)
        due = time.monotonic() - self._counted_at >= COUNT_EVERY
        if found is None and self.known.is_set() and due:
            self._counted_at = time.monotonic()
            return await mark.count_on(connection)
        return None

    async def _read_mark(self) -> Known | None:
        """What the file says; nothing where that is not to be had, and the checkpoints decide."""
        if self._mark is None:
            return None
        try:
            written = await asyncio.to_thread(self._mark.known)
        except (OSError, ValueError) as error:
            self._unread = str(error)
            return None
        self._unread = None
        return written

    async def _write_mark(self, known: Known) -> None:
        assert self._mark is not None
        try:
            await asyncio.to_thread(self._mark.write, known)
        except OSError as error:
            self._unwritten = str(error)
        else:
            self._unwritten = None

    async def _listen(self, standing: Standing, database: Database) -> Unheard | None:
        """Whether the checkpoints were read to their end. No transaction waits for the broker."""
        try:
            state = await standing.ends()
            async with database.begin() as session:
                await standing.heard(await raw(session), state)
        except Unheard as error:
            return error
        except Unavailable:
            return Unheard("Kafka gives no answer, so that the checkpoints are not read")
        self._heard = True
        return None

    async def until_known(self, stopping: asyncio.Event) -> None:
        """Return once everything may change here, or the process stops."""
        while not (stopping.is_set() or self.known.is_set()):
            with suppress(TimeoutError):
                async with asyncio.timeout(QUICKLY):
                    await self.known.wait()


class Standstill:
    """Answers 503 to what would change something while the database may be a restored backup."""

    def __init__(self, app: ASGIApp, stand: Stand) -> None:
        self._app = app
        self._stand = stand

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._stand.refusal
        unheard = isinstance(refusal, Unheard)
        if (
            refusal is None
            or scope["type"] != "http"
            or scope["method"] in ("GET", "HEAD", "OPTIONS")
            # What is not known to be behind can be neither recovered nor opened.
            or (scope["path"].startswith(RECOVERY) and not unheard)
        ):
            return await self._app(scope, receive, send)
        sentence = (
            "it is not known yet whether this service was restored from a backup; ask again"
            if unheard
            else "this service is being recovered from a backup, and nothing can be changed"
        )
        headers = {"Retry-After": "2" if unheard else "60"}
        await problem(503, refusal.code, sentence, **headers)(scope, receive, send)

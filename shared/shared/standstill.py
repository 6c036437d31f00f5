"""A process whose database is a restored backup stands still: what that means over HTTP and by the
clock (`covering.py` says how it is known)."""

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Receive, Scope, Send

from shared.covering import NotStanding, Standing, Unheard
from shared.database import Database, raw
from shared.kafka import Unavailable
from shared.refusal import problem

QUICKLY = 0.25
RECOVERY = "/desk/recovery"


class Stand:
    """What a replica knows of its database's standing, looked at again and again.

    `refusal` says why nothing may change here; `known` is set while everything may.
    """

    def __init__(self, standing: Standing | None = None, database: Database | None = None) -> None:
        self._standing = standing
        self._database = database
        self.refusal: NotStanding | None = None
        self.known = asyncio.Event()
        if standing is None:
            self.known.set()

    async def look(self) -> Unheard | None:
        """Look; what is not heard yet is no refusal. Where the broker gives no answer there is no
        news, and work goes on: phases open while Kafka is down."""
        if self._standing is None or self._database is None:
            return None
        found: NotStanding | None = None
        async with self._database.begin() as session:
            connection = await raw(session)
            ask = self._standing.unchanged if self.known.is_set() else self._standing.check
            try:
                await ask(connection)
            except NotStanding as error:
                found = error
            except Unavailable:
                pass
        if found is None:
            self.known.set()
        else:
            self.known.clear()
        if isinstance(found, Unheard):
            self.refusal = None
            return found
        self.refusal = found
        return None

    async def until_known(self, stopping: asyncio.Event) -> None:
        """Return once everything may change here, or the process stops."""
        while not (stopping.is_set() or self.known.is_set()):
            with suppress(TimeoutError):
                async with asyncio.timeout(QUICKLY):
                    await self.known.wait()


class Standstill:
    """Answers 503 to what would change something while the database is a restored backup."""

    def __init__(self, app: ASGIApp, stand: Stand) -> None:
        self._app = app
        self._stand = stand

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._stand.refusal
        if (
            refusal is None
            or scope["type"] != "http"
            or scope["method"] in ("GET", "HEAD", "OPTIONS")
            or scope["path"].startswith(RECOVERY)
        ):
            return await self._app(scope, receive, send)
        sentence = "this service is being recovered from a backup, and nothing can be changed"
        answer = problem(503, refusal.code, sentence, **{"Retry-After": "60"})
        await answer(scope, receive, send)

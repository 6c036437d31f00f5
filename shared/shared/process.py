"""What every process is made of: HTTP, health, metrics, relay, inboxes, and an orderly end."""

import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache, partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import asyncpg
import sqlalchemy.exc
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.telemetry import TelemetryConfig
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared import asyncapi, documents, openapi, recovering
from shared.bodies import BodyTooLarge
from shared.catching_up import CatchingUp, Closed
from shared.covering import CHECKPOINTS, Standing, Unheard, uncovered_logs
from shared.database import Database, connection_lost, kept_nowhere, raw
from shared.delivery import Dead
from shared.events import Event
from shared.events.dead import DeadLetter
from shared.halted import Halted
from shared.inbox import Inbox, Subscription, was_buried
from shared.kafka import LARGEST_RECORD, Kafka, Unavailable, quiet_clients
from shared.mark import Mark
from shared.people import guards
from shared.people.guards import everybody, operator
from shared.problems import map_refusals, problem
from shared.recovering import Abandon, Recovery
from shared.refusal import Refusal, Unauthorised
from shared.relay import LateBodies, Relay, backlog
from shared.reopening import opened_by_two
from shared.settings import KafkaSettings, Settings
from shared.signing import SERVICE_KEY, ServiceKey
from shared.standstill import QUICKLY, Stand, Standstill
from shared.subscription import Handler
from shared.telemetry import Metrics, carried, untraced
from shared.traced import Traced

if TYPE_CHECKING:
    from shared.spans import Spans

log = logging.getLogger("comptoir.process")

WATCH_EVERY = 2.0
COVERED = "covered "
STOP_WITHIN = 10.0

# FastAPI's own spans would say paths, queries and the words of errors; an environment variable of
# its own would turn them on, in the box too.
NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


class StillFailing(Exception):
    """What a periodic work raises for a turn that did not succeed, and that has nothing new to say:
    it counts for the alarm, and is not logged again."""


Work = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
# The largest body that anything here is meant to be sent: a dead letter.
LARGEST_BODY = 2 * LARGEST_RECORD


class Installed(Protocol):
    """What adds routes, middleware and handlers of its own to an application."""

    def install(self, app: FastAPI) -> None:
        """Add them."""


class Store(Protocol):
    """Where a process without a database keeps what it must not lose."""

    async def answers(self) -> bool:
        """Whether it can be read."""

    async def close(self) -> None:
        """Let go of it."""


class StillDead(Refusal):
    """A replayed dead letter cannot be read by this version either."""

    code = "still_dead"


class NotConsumed(Refusal):
    """A dead letter of a topic that this process does not consume."""

    code = "not_consumed"


class Process:
    """One running process; `app` is what uvicorn serves."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        publishes: Sequence[type[Event]] = (),
        subscriptions: Sequence[Subscription] = (),
        late_bodies: Mapping[str, LateBodies] | None = None,
        kafka: bool = True,
        traced: bool = True,
        store: Store | None = None,
        key: ServiceKey | None = None,
        restores: Mapping[str, Handler] | None = None,
        abandons: Abandon | None = None,
        largest_body: int = LARGEST_BODY,
    ) -> None:
        """Without `kafka` there is neither relay nor inbox. A process that is not `traced` neither
        reads nor carries a `traceparent`, and makes no span. `publishes` is what it may announce:
        its contract says so. A process with a `store` has no database beside it. `key` signs its
        decisions and closings. `restores` says, by event type, what a restored database makes of
        the ledger's entries, and `abandons` gives up what it had under way (`recovering.py`).
        `largest_body` is what it is meant to be sent at most, in bytes."""
        self.name = name
        self._largest_body = largest_body
        self._restores = dict(restores or {})
        self._abandons = abandons
        self.settings = settings
        self.metrics = Metrics()
        self._stores: list[Store] = [store] if store is not None else []
        if store is None:
            info = {} if key is None else {SERVICE_KEY: key}
            self.database = Database(
                settings.database, name=name, pool_size=settings.pool_size, info=info
            )
            # However many readers wait for the one above, what works behind the scenes goes on.
            self._background = Database(
                settings.database,
                name=f"{name} inbox",
                pool_size=2 + len(subscriptions),
                info=info,
            )
            self._stores = [self.database, self._background]
        self._kafka = Kafka(KafkaSettings()) if kafka else None
        # Set as soon as the server takes no more requests: an answer without an end ends then.
        self.leaving = asyncio.Event()
        self._stopping = asyncio.Event()
        self._work: list[Work] = []
        self.spans = _spans(name, settings) if traced else None
        self._traced = traced
        self.subscriptions = tuple(subscriptions)
        self._contract = asyncapi.Contract(
            name,
            version("comptoir-shared"),  # the workspace has one
            publishes,
            subscriptions,
            tuple(late_bodies or ()),
            traced,
        )
        self._alarms: dict[str, str] = {}
        self._since: dict[str, tuple[Any, float]] = {}
        self.relay: Relay | None = None
        self.inboxes: list[Inbox] = []
        self._standing: Standing | None = None
        reading = [each for each in subscriptions if CHECKPOINTS in each.topics]
        if any(each.remembers for each in reading):
            raise RuntimeError("a checkpoint that is told again must reach its handler again")
        self._covers = bool(reading)
        self._catching_up: CatchingUp | None = None
        first = [topic for each in subscriptions if each.first for topic in each.topics]
        if self._kafka is not None and first:
            self._catching_up = CatchingUp(first, self._kafka, self._background)
            self.add_work(self._catching_up.run)
        if self._kafka is not None:
            if self._covers:
                self._standing = Standing(name, self._kafka)
            self.relay = Relay(
                settings.database,
                self._kafka,
                self.metrics,
                name=name,
                late_bodies=late_bodies,
                standing=self._standing,
            )
            self.inboxes = [
                Inbox(
                    subscription,
                    self._background,
                    self._kafka,
                    self.metrics,
                    process=name,
                    trace=self.spans.batch if self.spans else carried if traced else untraced,
                    # What a checkpoint says is how it is known whether the others may begin; and a
                    # restored backup, which is read, erases again what was erased since, and
                    # hears that it may open.
                    standing=None
                    if CHECKPOINTS in subscription.topics or subscription.heard_by_backups
                    else self._standing,
                )
                for subscription in subscriptions
            ]
        mark = None if settings.mark is None else Mark(settings.mark)
        self.stand = Stand(self._standing, None if store else self._background, mark)

    def add_work(self, work: Work) -> None:
        """Run this beside relay and inboxes, until its event is set."""
        self._work.append(work)

    def every(self, seconds: float, what: str, do: Callable[[], Awaitable[None]]) -> None:
        """Do this again and again. An error is logged and the next turn comes: what happens once,
        such as PostgreSQL's restart, may not end it. Where no turn succeeds, there is an alarm.
        A database that may be a restored backup is left alone: what is due by the clock was done
        since."""
        self.add_work(partial(self._repeat, seconds, what, do))

    async def _repeat(
        self,
        seconds: float,
        what: str,
        do: Callable[[], Awaitable[None]],
        stopping: asyncio.Event,
    ) -> None:
        succeeded = time.monotonic()
        while not stopping.is_set():
            if not self.stand.known.is_set():
                await self.stand.until_known(stopping)
                succeeded = time.monotonic()
                continue
            try:
                await do()
                succeeded = time.monotonic()
            except Exception as error:
                if not (connection_lost(error) or isinstance(error, StillFailing)):
                    log.exception("%s", what)
            self.alarm(what, time.monotonic() - succeeded, "has not succeeded for")
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await stopping.wait()

    async def _watch(self, stopping: asyncio.Event) -> None:
        """Look whether this database stands, and at all else that an operator must know."""
        looked = float("-inf")
        while not stopping.is_set():
            await _watched(self._look_whether_it_stands)
            if time.monotonic() - looked >= WATCH_EVERY:
                looked = time.monotonic()
                await _watched(self._look)
            with suppress(TimeoutError):
                async with asyncio.timeout(WATCH_EVERY if self.stand.known.is_set() else QUICKLY):
                    await stopping.wait()

    async def _look_whether_it_stands(self) -> None:
        before, unheard = self.stand.refusal, await self.stand.look()
        waits = self._unchanged_for(Unheard.code, None if unheard is None else str(unheard))
        self.alarm(Unheard.code, waits, f"{unheard or ''}; nothing is published for")
        trouble = self.stand.mark_trouble
        troubled = self._unchanged_for("mark", None if trouble is None else True)
        self.alarm("mark", troubled, f"{trouble}; it says nothing for")
        refusal = self.stand.refusal
        if refusal is not None and (before is None or before.code != refusal.code):
            log.error("%s: %s", refusal.code, refusal)

    def app(
        self,
        routers: Sequence[APIRouter] = (),
        refusals: Mapping[type[Refusal], int] | None = None,
        *,
        people: Installed | None = None,
        pages: Installed | None = None,
    ) -> FastAPI:
        """The HTTP side, with health, metrics and dead letters beside the process's own routes."""
        app = FastAPI(
            title=self.name,
            lifespan=self._lifespan,
            docs_url=None,
            redoc_url=None,
            openapi_url=None,
            responses=openapi.RESPONSES,
            telemetry=NO_TELEMETRY,
            max_body_size=self._largest_body,
        )
        app.state.process = self
        if self._covers:
            app.state.recovery = Recovery(
                self.name,
                self._background,
                self.inboxes,
                self._restores,
                opened_by_two=any(opened_by_two(each) for each in self.subscriptions),
                abandons=self._abandons,
            )
            routers = [*routers, recovering.router]
        app.state.asyncapi = cache(partial(asyncapi.document, self._contract))
        for router in (*routers, _operations, documents.router):  # the first is found fastest
            app.include_router(router)
        statuses: dict[type[Refusal], int] = {
            StillDead: 422,
            NotConsumed: 404,
            BodyTooLarge: 413,
            **guards.STATUSES,
            **recovering.STATUSES,
            **(refusals or {}),
        }
        map_refusals(app, statuses)
        if people is not None:
            people.install(app)
        bare = openapi.bare_routes(routers)
        openapi.describe(app, bare, {Unauthorised: 401, **statuses})
        for error in (
            sqlalchemy.exc.DBAPIError,
            sqlalchemy.exc.TimeoutError,
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,
            OSError,
            TimeoutError,
        ):
            app.add_exception_handler(error, _unavailable)
        if pages is not None:
            pages.install(app)
        if self._standing is not None:
            app.add_middleware(Standstill, stand=self.stand)
        if self._catching_up is not None:
            app.add_middleware(Closed, catching_up=self._catching_up, stand=self.stand)
        if self._traced:
            app.add_middleware(Traced, spans=self.spans, bare=bare)
        return app

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        quiet_clients()
        self.add_work(self._watch)
        tasks: list[asyncio.Task[None]] = []
        tasks += [asyncio.create_task(inbox.run(), name="inbox") for inbox in self.inboxes]
        tasks += [asyncio.create_task(work(self._stopping), name="work") for work in self._work]
        if self.relay is not None:
            tasks.append(asyncio.create_task(self._relay_after(self.relay), name="relay"))
        for task in tasks:
            task.add_done_callback(self._ended)
        try:
            yield
        finally:
            self._stopping.set()
            for inbox in self.inboxes:
                inbox.stop()
            if self.relay is not None:
                self.relay.stop()
            _, late = await asyncio.wait(tasks, timeout=STOP_WITHIN)
            for task in late:
                task.cancel()
            for store in self._stores:
                await store.close()
            if self.spans is not None:
                await asyncio.to_thread(self.spans.close)
            log.info("%s has stopped", self.name)

    async def _relay_after(self, relay: Relay) -> None:
        """Send nothing before what comes first is handled."""
        if self._catching_up is not None:
            waiting = [
                asyncio.create_task(each.wait())
                for each in (self._catching_up.done, self._stopping)
            ]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for each in waiting:
                each.cancel()
        await relay.run()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        """Nothing ends by itself before the stop. What does has met a broken invariant: the
        process stops, and whoever supervises it starts a whole one. What has `Halted` stays so."""
        if not self._stopping.is_set() and not task.cancelled():
            log.critical("%s ended", task.get_name(), exc_info=task.exception())
            self._alarms[f"task {task.get_name()}"] = "ended"
            if not isinstance(task.exception(), Halted):
                signal.raise_signal(signal.SIGTERM)

    async def answers(self) -> bool:
        """Whether what it keeps everything in can be read: its database, or its store."""
        return await self._stores[0].answers()

    def alarms(self) -> dict[str, str]:
        """What is wrong now, by name; nothing where all is well."""
        found = dict(self._alarms)
        if self._catching_up is not None and not self._catching_up.done.is_set():
            found["catching up"] = "what was said before the start is not handled yet"
        if (refusal := self.stand.refusal) is not None:
            found[refusal.code] = str(refusal)
        return found

    async def _look(self) -> None:
        """Look at the shared state, not at this replica's: a frozen leader cannot look itself."""
        if not await self._stores[-1].answers():
            self._alarms["database"] = "no answer"
            return
        self._alarms.pop("database", None)
        if self.relay is None:
            return
        async with self._background.begin() as session:
            connection = await raw(session)
            acknowledged, age = await backlog(connection)
            stored = await connection.fetch("select topic, partition, next from position")
            waiting = {} if self._standing is None else await uncovered_logs(connection)
        stalled = self._unchanged_for("outbox", None if age is None else acknowledged)
        self.metrics.outbox_age.set(age or 0.0)
        self.metrics.outbox_stalled.set(stalled)
        self._look_at_coverage(waiting)
        self.alarm("outbox", stalled, "no event was sent for")
        # Times in an outbox may be cut to the minute.
        self.alarm("outbox age", max(0.0, (age or 0.0) - 60), "more than a minute late by")
        await self._look_at_inboxes({(r["topic"], r["partition"]): r["next"] for r in stored})

    def _look_at_coverage(self, waiting: Mapping[str, int]) -> None:
        """For how long coverage stands still. It is the ledger that raises an alarm."""
        for known in [what for what in self._since if what.startswith(COVERED)]:
            if known.removeprefix(COVERED) not in waiting:
                del self._since[known]
        stood = [self._unchanged_for(f"{COVERED}{log}", number) for log, number in waiting.items()]
        self.metrics.uncovered.set(max(stood, default=0.0))

    async def _look_at_inboxes(self, stored: Mapping[tuple[str, int], int]) -> None:
        if not self.inboxes or self._kafka is None:
            return
        names = {name for inbox in self.inboxes for name in inbox.subscription.topics}
        try:
            states = await self._kafka.topics(names)
        except Unavailable:
            self._alarms["kafka"] = "no answer"
            return
        self._alarms.pop("kafka", None)
        for inbox in self.inboxes:
            subscription, stalled = inbox.subscription, 0.0
            for topic in subscription.topics:
                lag = 0
                for partition, end in states[topic].ends.items():
                    position = stored.get((topic, partition), 0)
                    lag += max(0, end - position)
                    # Each by itself: one that stands still is not hidden by others that move.
                    waiting = position if end > position else None
                    unchanged = self._unchanged_for(f"{topic}/{partition}", waiting)
                    stalled = max(stalled, unchanged)
                self.metrics.lag.labels(topic).set(lag)
            self.metrics.stalled.labels(subscription.name).set(stalled)
            self.alarm(f"inbox {subscription.name}", stalled, "no record was handled for")

    def _unchanged_for(self, what: str, state: Any) -> float:
        """For how many seconds this has been so; 0 where there is nothing to wait for (None)."""
        now = time.monotonic()
        known, since = self._since.get(what, (None, now))
        if state is None or state != known:
            since = now
        self._since[what] = (state, since)
        return 0.0 if state is None else now - since

    def alarm(self, what: str, seconds: float, sentence: str) -> None:
        """Raise this alarm where work has stood still for too long, and take it back otherwise."""
        if seconds > self.settings.alarm_after:
            if what not in self._alarms:
                log.error("%s: %s %.0f s", what, sentence, seconds)
            self._alarms[what] = f"{sentence} {seconds:.0f} s"
        else:
            self._alarms.pop(what, None)


async def _watched(look: Callable[[], Awaitable[None]]) -> None:
    """Look; what goes wrong is no reason not to look at anything else."""
    try:
        await look()
    except Exception as error:
        if not connection_lost(error):
            log.exception("watch")


def _spans(name: str, settings: Settings) -> "Spans | None":
    """Spans where somebody collects them; else OpenTelemetry's SDK is not even imported."""
    if settings.otlp_endpoint is None:
        return None
    from shared.spans import Spans

    return Spans.to(settings.otlp_endpoint, name)


async def _unavailable(request: Request, error: Exception) -> Response:
    if kept_nowhere(error):
        return problem(422, "malformed", "there is a character U+0000 in what was sent")
    if not connection_lost(error):
        raise error
    headers = {"Retry-After": "1"}
    return problem(503, "unavailable", "the database gives no answer; ask again", **headers)


def process_of(request: Request) -> Process:
    """The process behind a request."""
    process = request.app.state.process
    assert isinstance(process, Process)
    return process


async def _database_of(request: Request) -> Database:
    return process_of(request).database


RouteDatabase = Annotated[Database, Depends(_database_of)]

_operations = APIRouter()


@_operations.get("/health/live", dependencies=[everybody])
async def live() -> dict[str, str]:
    """The process runs and its loop turns."""
    return {"status": "live"}


@_operations.get(
    "/health/ready", dependencies=[everybody], responses={503: {"description": "It does not"}}
)
async def ready(request: Request) -> Response:
    """Whether work gets done here: the database answers, nothing is stuck in outbox or inbox."""
    process = process_of(request)
    alarms = process.alarms()
    if not await process.answers():
        alarms["database"] = "no answer"
    status = 503 if alarms else 200
    return JSONResponse({"status": "not ready" if alarms else "ready", "alarms": alarms}, status)


@_operations.get("/metrics", dependencies=[everybody], response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """Prometheus."""
    found = generate_latest(process_of(request).metrics.registry)
    return Response(found, media_type=CONTENT_TYPE_LATEST)


@_operations.post("/desk/dead-letters", dependencies=[operator])
async def replay_dead_letter(request: Request, letter: DeadLetter) -> dict[str, str]:
    """Handle a dead letter now. It changes nothing if its event is known already."""
    process = process_of(request)
    if letter.process != process.name:
        raise NotConsumed(f"this is {process.name}, the letter is {letter.process}'s")
    async with process.database.begin() as session:
        if not await was_buried(await raw(session), letter):
            raise NotConsumed(f"{process.name} never buried this letter")
    for inbox in process.inboxes:
        if letter.origin in inbox.subscription.topics:
            try:
                await inbox.replay(letter)
            except Dead as reason:
                raise StillDead(str(reason)) from None
            return {"status": "handled"}
    raise NotConsumed(f"{process.name} does not consume {letter.origin}")

"""PostgreSQL: one engine a process, one transaction a request or batch."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

import asyncpg
import sqlalchemy.exc
from sqlalchemy import event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel.ext.asyncio.session import AsyncSession

SESSION = {
    "timezone": "UTC",
    # A connection whose peer is gone without a word is noticed within 15 s.
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "5",
    # A process that was frozen within a transaction keeps its locks from the others so long.
    "idle_in_transaction_session_timeout": "10s",
}


ALIVE_FOR = 1.0  # seconds
WOKEN_AFTER = 0.02  # seconds
USED = "used"  # where a connection says when


class Database:
    """The sessions of one process. What they add is committed whole, or not at all."""

    def __init__(
        self,
        dsn: str,
        *,
        name: str,
        pool_size: int = 8,
        info: Mapping[str, Any] | None = None,
        alive_for: float = ALIVE_FOR,
    ) -> None:
        """`info` is known to every session: `session.info`. A connection that was used so many
        seconds ago is taken for alive."""
        self.dsn = dsn
        self.name = name
        self._pool_size = pool_size
        self._engine = create_async_engine(
            dsn.replace("postgresql://", "postgresql+asyncpg://", 1),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=5,
            connect_args={
                "timeout": 5,
                "command_timeout": 60,
                "ssl": False,
                "server_settings": {"application_name": name, **SESSION},
            },
        )
        _look_first(self._engine, alive_for)
        self._sessions = async_sessionmaker(
            self._engine, class_=AsyncSession, expire_on_commit=False, info=dict(info or {})
        )
        self._straight: asyncio.Task[asyncpg.Pool] | None = None
        self._is_waking = False
        self._wakings: set[asyncio.Task[None]] = set()  # a task that nobody holds may be lost

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        async with self._sessions.begin() as session:
            yield session

    async def straight(
        self, statement: str, *arguments: Any, within: float | None = None
    ) -> asyncpg.Record | None:
        """One statement that is its own transaction, past SQLAlchemy: for the hot routes, and for
        what must hold no lock between a statement and its commit.

        Its answer is committed; the first row of it is returned. It may take ten seconds, or as
        many as `within` says.
        """
        if self._straight is None or (self._straight.done() and self._straight.exception()):
            self._straight = asyncio.ensure_future(self._connected())
        made = self._straight
        pool = made.result() if made.done() else await asyncio.shield(made)
        async with pool.acquire(timeout=5) as connection:
            return await connection.fetchrow(statement, *arguments, timeout=within)

    async def value(self, statement: str, *arguments: Any) -> Any:
        """The one value of one such statement, which always has one."""
        row = await self.straight(statement, *arguments)
        assert row is not None
        return row[0]

    def wake_relay(self) -> None:
        """Wake the relay after a commit that did not (`outbox.WAKE_LATER`), once for those of a
        moment. Where it is lost, the relay looks by itself half a second later."""
        if not self._is_waking:
            self._is_waking = True
            waking = asyncio.create_task(self._wake())
            self._wakings.add(waking)
            waking.add_done_callback(self._wakings.discard)

    async def _wake(self) -> None:
        await asyncio.sleep(WOKEN_AFTER)
        self._is_waking = False  # what is committed from here on has a waking of its own
        with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await self.straight("select pg_notify('outbox', '')")

    async def _connected(self) -> asyncpg.Pool:
        return await asyncpg.create_pool(
            self.dsn,
            min_size=0,
            max_size=self._pool_size,
            timeout=5,
            command_timeout=10,
            ssl=False,
            reset=_nothing_to_reset,
            server_settings={"application_name": self.name, **SESSION},
        )

    async def close(self) -> None:
        """Close all connections."""
        for waking in self._wakings:
            waking.cancel()
        if self._straight is not None and self._straight.done() and not self._straight.exception():
            self._straight.result().terminate()
        await self._engine.dispose()

    async def answers(self) -> bool:
        """Whether a statement gets through."""
        try:
            async with self.begin() as session:
                await (await session.connection()).execute(text("select 1"))
        except (DBAPIError, OSError, TimeoutError):
            return False
        return True


def _look_first(engine: AsyncEngine, alive_for: float) -> None:
    """Hand out no connection that is dead: the first request after a restart of PostgreSQL finds a
    live one.

    What was used a moment ago is not asked whether it is alive, which takes three round trips: its
    end has come to the driver, unless the network swallowed it, and then keepalives find out.
    """
    pool = engine.sync_engine.pool

    def note(_: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info[USED] = time.monotonic()

    def look(connection: Any, record: ConnectionPoolEntry, _: object) -> None:
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError
        used = record.info.get(USED)
        if used is None or time.monotonic() < used + alive_for:
            return  # just made, or just used
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(pool, "checkin", note)
    event.listen(pool, "checkout", look)


async def _nothing_to_reset(_: Any) -> None:
    """A statement that is its own transaction leaves nothing: asyncpg's reset would cost as much
    again."""


async def raw(session: AsyncSession) -> asyncpg.Connection:
    """The driver's connection of a session, inside its transaction, for set-based work.

    Where none went through SQLAlchemy yet, one does: it begins the transaction only then.
    """
    connection = await session.connection()
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, asyncpg.Connection)
    if not driver.is_in_transaction():
        await connection.execute(text("select 1"))
    return driver


async def database_time(session: AsyncSession) -> datetime:
    """Now, by the database's clock: the one that windows are checked by."""
    found: datetime = await (await raw(session)).fetchval("select clock_timestamp()")
    return found


async def dedicated(dsn: str, name: str) -> asyncpg.Connection:
    """A connection beside the pool, for what holds a session-level lock."""
    return await asyncpg.connect(
        dsn,
        timeout=5,
        command_timeout=30,
        ssl=False,
        server_settings={"application_name": name, **SESSION},
    )


def kept_nowhere(error: BaseException | None) -> bool:
    """Whether a text has the one character that PostgreSQL keeps in none, U+0000."""
    if isinstance(error, DBAPIError):
        return kept_nowhere(error.orig)
    if isinstance(error, asyncpg.CharacterNotInRepertoireError):
        return True
    return error is not None and kept_nowhere(error.__cause__)


def connection_lost(error: BaseException) -> bool:
    """Whether an error is about the connection, not what was asked: the same may work soon."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or connection_lost(error.orig or OSError())
    if isinstance(error, ValueError):  # asyncpg's for arguments that PostgreSQL cannot take
        return False
    return isinstance(
        error,
        ConnectionError
        | socket.gaierror
        | TimeoutError
        | sqlalchemy.exc.TimeoutError
        | asyncpg.InterfaceError
        | asyncpg.InternalClientError  # a connection that died in the middle of an answer
        | asyncpg.PostgresConnectionError
        | asyncpg.CannotConnectNowError
        | asyncpg.AdminShutdownError
        | asyncpg.CrashShutdownError
        | asyncpg.IdleInTransactionSessionTimeoutError
        | asyncpg.TooManyConnectionsError,
    ) or (error.__cause__ is not None and connection_lost(error.__cause__))
